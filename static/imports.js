// The import wizard. Everything works without this file; with it, fewer round trips.
(() => {
  "use strict";

  const announce = (text) => window.kith?.announce(text);

  // Upload: a file that is dropped anywhere on the field counts as chosen.
  function showChosen(form) {
    const input = form.querySelector("input[type=file]");
    const file = input.files[0];
    const size = file && (file.size < 1048576 ? `${Math.max(1, Math.round(file.size / 1024))} KB` : `${(file.size / 1048576).toFixed(1)} MB`);
    form.querySelector("[data-chosen]").textContent = file ? `${file.name} (${size})` : "";
  }
  const dropOf = (event) => (event.target instanceof Element ? event.target.closest("[data-drop]") : null);
  ["dragenter", "dragover"].forEach((name) => document.addEventListener(name, (event) => {
    const drop = dropOf(event);
    if (!drop) return;
    event.preventDefault();
    drop.classList.add("k-over");
  }));
  ["dragleave", "drop"].forEach((name) => document.addEventListener(name, (event) => {
    dropOf(event)?.classList.remove("k-over");
  }));
  document.addEventListener("drop", (event) => {
    const drop = dropOf(event);
    if (!drop || !event.dataTransfer?.files.length) return;
    event.preventDefault();
    const form = drop.closest("form");
    form.querySelector("input[type=file]").files = event.dataTransfer.files;
    showChosen(form);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-mapping] [data-target]")) {
      settle(event.target);
      countUndecided(event.target.form);
    }
    if (!event.target.matches("[data-import-upload] input[type=file]")) return;
    showChosen(event.target.form);
    // Unfold's own listener expects a field for the name beside each file field, and fails without.
    event.stopPropagation();
  }, { capture: true });

  // Mapping: suggestions are taken at once, and what is undecided is counted.
  const selects = (form) => [...form.querySelectorAll("[data-target]")];
  const undecided = (form) => selects(form).filter((select) => !select.value);
  function countUndecided(form) {
    const note = form.querySelector("[data-undecided]");
    if (!note) return;
    const count = undecided(form).length;
    note.querySelector("[data-undecided-count]").textContent = String(count);
    note.hidden = count === 0;
  }
  const isGuess = (select) => select.closest(".imp-column").querySelector("[data-guess]") !== null;
  const suggestionOf = (select) => select.closest(".imp-column").querySelector("[data-accept]")?.dataset.accept;
  function choose(select, value) {
    if (value) select.value = value;
    settle(select);
  }
  // What was wrong with a column is not wrong any more once it holds something else; the server looks again.
  function settle(select) {
    const column = select.closest(".imp-column");
    column.classList.remove("imp-bad");
    column.querySelector(".imp-column-choice > .k-error")?.remove();
    select.removeAttribute("aria-invalid");
    const note = select.form.querySelector("[data-focus]");
    note?.querySelector(`a[href="#${column.id}"]`)?.remove();
    if (note && !note.querySelector("a")) note.remove();
  }
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-mapping] button") : null;
    if (!button || button.disabled) return;
    const { form } = button;
    const before = undecided(form);
    if (button.matches("[data-accept]")) {
      const select = button.closest(".imp-column").querySelector("[data-target]");
      choose(select, button.dataset.accept);
      select.focus();
    } else if (button.matches("[data-accept-all]")) before.filter((select) => !isGuess(select)).forEach((select) => choose(select, suggestionOf(select)));
    else if (button.matches("[data-ignore-rest]")) before.forEach((select) => choose(select, "-"));
    else return;
    event.preventDefault();
    countUndecided(form);
    if (!button.matches("[data-accept]")) {
      const left = undecided(form);
      announce(`${before.length - left.length} columns decided, ${left.length} left.`);
      (left[0] ?? before[0])?.focus();
    }
  });

  // A second click must not send twice; the server refuses it too.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-import-upload]")) form.querySelector("[data-uploading]").hidden = false;
    else if (!form.matches("[data-once]")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }));
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("button").forEach((button) => { button.disabled = false; });
    });
  });

  // Progress is told in steps, not every second.
  let told = "";
  function tell() {
    const text = document.querySelector("[data-milestone]")?.dataset.milestone ?? "";
    if (text && text !== told) announce(text);
    told = text || told;
  }
  document.addEventListener("htmx:afterSettle", tell);
  document.addEventListener("DOMContentLoaded", () => {
    told = document.querySelector("[data-milestone]")?.dataset.milestone ?? "";
    document.querySelector("[data-focus]")?.focus();
  });
})();
