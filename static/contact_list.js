// Selecting rows of the list: by box, with Shift, by keys, and everybody who matches.
(() => {
  "use strict";
  const all = (selector) => [...document.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  let last = null;
  let isEverybody = false;

  const boxes = () => all("[data-select]");
  const chosen = () => boxes().filter((box) => box.checked);

  function said() {
    const bar = one("#bulk-bar");
    const count = chosen().length;
    return isEverybody ? `all ${bar.dataset.totalSaid}` : `${count} contact${count === 1 ? "" : "s"}`;
  }

  function show() {
    const bar = one("#bulk-bar");
    if (!bar) return;
    const count = chosen().length;
    if (count < boxes().length) isEverybody = false;
    bar.hidden = count === 0;
    one("[data-selected-count]").textContent = `${said()} selected`;
    one("[data-select-all]").hidden = isEverybody || count < boxes().length || Number(bar.dataset.total) <= count;
    const page = one("[data-select-page]");
    if (page) {
      page.checked = count > 0 && count === boxes().length;
      page.indeterminate = count > 0 && count < boxes().length;
    }
    boxes().forEach((box) => box.closest("tr").classList.toggle("k-selected", box.checked));
  }

  function toggle(box, isRange) {
    if (isRange && last !== null && last !== box) {
      const list = boxes();
      const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b);
      list.slice(from, to + 1).forEach((each) => { each.checked = box.checked; });
    }
    last = box;
    show();
  }

  const boxAtHand = () => document.activeElement?.closest("[data-row]")?.querySelector("[data-select]");

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    if (target.matches("[data-select]")) toggle(target, event.shiftKey);
    if (target.matches("[data-select-page]")) {
      boxes().forEach((box) => { box.checked = target.checked; });
      show();
    }
    if (target.closest("[data-select-all]")) { isEverybody = true; show(); }
    if (target.closest("[data-select-none]")) {
      boxes().forEach((box) => { box.checked = false; });
      isEverybody = false;
      show();
    }
    if (target.closest("[data-ask-delete]")) {
      one("[data-selected-said]").textContent = said();
      one("#bulk-delete").showModal();
    }
    const exporting = target.closest("[data-export]");
    if (exporting && !isEverybody) {
      // Those who are selected, whatever filter they were found by.
      const address = new URL(exporting.href);
      const columns = address.searchParams.get("columns") ?? "";
      address.search = new URLSearchParams({ id: chosen().map((box) => box.value).join(","), columns });
      event.preventDefault();
      window.location.assign(address);
    }
    const button = target.closest("[data-action]");
    if (button) {
      const form = one("#bulk");
      form.elements.action.value = button.dataset.action;
      form.elements.everybody.value = isEverybody ? "1" : "";
      form.elements.ids.value = isEverybody ? "" : chosen().map((box) => box.value).join(",");
    }
  });

  document.addEventListener("kith:key", (event) => {
    const { key, shift, event: original } = event.detail;
    const box = boxAtHand();
    if (key.toLowerCase() === "x" && box) { box.checked = shift ? true : !box.checked; toggle(box, shift); }
    if (key === "t" && box && !chosen().length) { box.checked = true; toggle(box, false); }
    if (key === "t" && chosen().length) {
      original.preventDefault();
      one("#bulk-tag").open = true;
      one("#b-tags").focus();
    }
  });

  document.addEventListener("htmx:afterSettle", () => { last = null; isEverybody = false; show(); });
  document.addEventListener("submit", (event) => {
    if (event.target.id === "filters") event.target.querySelector("details[open]")?.removeAttribute("open");
  });
  // Blank filters stay out of the address, but for those of the view: there they take one off.
  document.addEventListener("htmx:configRequest", (event) => {
    const form = event.detail.elt;
    if (form.id !== "filters") return;
    const kept = form.dataset.keep.split(" ");
    for (const [name, value] of [...event.detail.formData.entries()]) {
      if (value === "" && !kept.includes(name)) event.detail.formData.delete(name);
    }
  });
  document.addEventListener("keydown", (event) => {
    // Enter in a field of the bar would press the first button: press that of its own panel.
    if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement) || !event.target.closest(".k-bulk")) return;
    event.preventDefault();
    event.target.closest(".k-panel")?.querySelector("[data-action]")?.click();
  });
  document.addEventListener("DOMContentLoaded", () => {
    one(".k-views [aria-current]")?.parentElement.scrollIntoView({ block: "nearest", inline: "nearest" });
    show();
  });
})();
