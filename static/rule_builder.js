// The builder of rules: its buttons swap the rule alone, the focus stays where it was, Alt with an arrow moves a node.
(() => {
  "use strict";
  const form = document.getElementById("builder");
  if (!form) return;
  (form.querySelector("[aria-invalid=true]") || form.querySelector("[autofocus]"))?.focus();
  const rule = () => document.getElementById("rule");
  const changed = () => form.dispatchEvent(new CustomEvent("rule-changed", { bubbles: true }));

  // What happens while an answer is on its way is asked after it, so that none is lost.
  let isAsking = false;
  const waiting = [];

  async function ask(action, focus) {
    if (isAsking) {
      waiting.push([action, focus]);
      return;
    }
    isAsking = true;
    const values = new FormData(form);
    const asked = filled();
    const had = document.activeElement?.id;
    values.delete("confirmed");
    values.set("do", action);
    try {
      const answer = await fetch(rule().dataset.part, { method: "POST", body: values, headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(answer.status);
      swap(await answer.text(), focus, asked, had);
    } catch {
      document.getElementById("k-live")?.replaceChildren("That did not work. Try it again, or reload the page.");
    }
    isAsking = false;
    const next = waiting.shift();
    if (next) ask(...next);
    else changed();
  }

  const inputs = () => [...rule().querySelectorAll("input[id], select[id], textarea[id]")];
  const held = (input) => (input.type === "checkbox" ? input.checked : input.value);
  const filled = () => new Map(inputs().map((input) => [input.id, held(input)]));

  // What was filled in while the answer was on its way is kept.
  function keep(asked, meanwhile) {
    inputs().forEach((input) => {
      if (!meanwhile.has(input.id) || meanwhile.get(input.id) === asked.get(input.id)) return;
      if (input.type === "checkbox") input.checked = meanwhile.get(input.id);
      else input.value = meanwhile.get(input.id);
    });
  }

  function swap(html, focus, asked, had) {
    const meanwhile = filled();
    const active = document.activeElement?.id;
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const next = fresh.content.querySelector("#rule");
    rule().replaceWith(next);
    keep(asked, meanwhile);
    const key = next.dataset.focus;
    const hasMoved = active && active !== had && document.getElementById(active);
    (hasMoved || (focus && document.getElementById(focus)) || (key && firstOf(key)))?.focus();
  }

  const firstOf = (key) => document.getElementById(`${key}-search`) || document.getElementById(`${key}-about`) || document.getElementById(`${key}-word`);

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=do]");
    if (!button || ["json", "inputs"].includes(button.value)) return;
    event.preventDefault();
    ask(button.value, button.dataset.move ? button.id : "");
  });

  form.addEventListener("change", (event) => {
    if (isListed(event.target) || event.target.matches("[data-search]")) return;
    if (event.target.closest("[data-refreshes]")) ask("refresh", event.target.id);
    else if (event.target.closest("#rule")) changed();
  });

  form.addEventListener("input", (event) => {
    if (event.target.closest("#rule") && !event.target.closest("[data-refreshes], [data-search]")) changed();
  });

  form.addEventListener("keydown", (event) => {
    const way = { ArrowUp: "up", ArrowDown: "down" }[event.key];
    const node = event.target.closest("[data-node]");
    if (!event.altKey || !way || !node) return;
    event.preventDefault();
    ask(`${way}:${node.dataset.node}`, event.target.id);
  });

  // What a condition is about is found by parts of its name or of its group's: those that fit are listed below.
  const fits = (option, words) => {
    const said = `${option.parentElement.label || ""} ${option.text}`.toLowerCase();
    return option.value && words.every((word) => said.includes(word));
  };

  function search(input) {
    const select = document.getElementById(input.dataset.search);
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = [...select.options].filter((option) => {
      option.hidden = words.length > 0 && !fits(option, words);
      return !option.hidden;
    });
    select.querySelectorAll("optgroup").forEach((group) => {
      group.hidden = [...group.children].every((option) => option.hidden);
    });
    const groups = new Set(found.map((option) => option.parentElement)).size;
    select.size = words.length ? Math.min(Math.max(found.length + groups, 2), 10) : 1;
    select.selectedIndex = words.length && found.length ? found[0].index : 0;
    const live = document.getElementById("k-live");
    if (words.length) live?.replaceChildren(found.length ? `${found.length} found, first ${found[0].text}` : "Nothing found");
  }

  const isListed = (target) => target.matches("select[data-refreshes]") && target.size > 1;
  const choose = (select) => select.value && ask("refresh", select.id);

  form.addEventListener("input", (event) => {
    if (event.target.matches("[data-search]")) search(event.target);
  });

  form.addEventListener("keydown", (event) => {
    if (event.target.matches("[data-search]")) {
      const select = document.getElementById(event.target.dataset.search);
      if (event.key === "Enter" && select.size > 1) choose(select);
      else if (event.key === "ArrowDown" && select.size > 1) select.focus();
      else return;
      event.preventDefault();
    } else if (event.key === "Enter" && isListed(event.target)) {
      event.preventDefault();
      choose(event.target);
    }
  });

  form.addEventListener("click", (event) => {
    const select = event.target.closest("select[data-refreshes]");
    if (select && select.size > 1 && event.target !== select) choose(select);
  });

  // Enter saves nothing by accident while a value is typed.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("#rule input:not([type=checkbox]), #try")) event.preventDefault();
  });
})();
