// What every page shares: keyboard shortcuts, menus, dialogs, and the live region. No inline handlers anywhere.
(() => {
  "use strict";

  const KEYS_OFF = "kith.keysOff";
  const stored = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const byId = (id) => document.getElementById(id);

  // Pages without unfold's frame choose their colours here; the others have Alpine for it.
  const root = document.documentElement;
  const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
  const theme = () => (stored("adminTheme") || "auto").replaceAll('"', "");

  function chooseColours() {
    const isDark = theme() === "dark" || (theme() === "auto" && systemIsDark.matches);
    if (root.hasAttribute("data-plain")) root.classList.toggle("dark", isDark);
  }

  // The system may turn dark while a page is open. Alpine looks again at what was set, even to what it was.
  function followSystem() {
    chooseColours();
    if (theme() !== "auto" || !root.hasAttribute("x-data")) return;
    const frame = window.Alpine.$data(root);
    frame.adminTheme = "";
    frame.adminTheme = "auto";
  }
  chooseColours();
  systemIsDark.addEventListener("change", followSystem);

  const isTyping = (target) => target instanceof Element && Boolean(target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]"));
  const openDialog = () => document.querySelector("dialog[open]");

  function announce(text) {
    const live = byId("k-live");
    if (!live) return;
    live.textContent = "";
    requestAnimationFrame(() => { live.textContent = text; });
  }

  function toggleNavigation(force) {
    const isOpen = document.body.classList.toggle("k-nav-is-open", force);
    document.querySelectorAll(".k-nav-open").forEach((button) => button.setAttribute("aria-expanded", String(isOpen)));
    if (isOpen) document.querySelector("#k-nav a, #k-nav summary")?.focus();
    else document.querySelector(".k-nav-open")?.focus();
  }

  function openPalette() {
    const palette = byId("k-palette");
    if (!palette || palette.open) return;
    palette.showModal();
    byId("k-palette-input").select();
  }

  function movePalette(step) {
    const links = [...document.querySelectorAll("#k-palette-results a")];
    if (!links.length) return;
    const at = links.indexOf(document.activeElement) + step;
    if (at < 0) byId("k-palette-input").focus();
    else links[Math.min(at, links.length - 1)].focus();
  }

  // From row to row of the list on this page, by the links that open them.
  function moveRow(step) {
    const links = [...document.querySelectorAll(".k-table tbody a.k-cell-main")];
    if (!links.length) return;
    const row = document.activeElement?.closest(".k-table tbody tr");
    const at = links.findIndex((link) => row?.contains(link)) + step;
    const link = links[Math.max(0, Math.min(at, links.length - 1))];
    link.focus({ preventScroll: true });
    link.closest("tr").scrollIntoView({ block: "nearest" });
  }

  async function copy(button) {
    const field = byId(button.dataset.copy);
    field.select();
    // Without TLS there is no clipboard API; the old command still works.
    try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
    button.lastChild.textContent = "Copied";
    announce("Copied.");
  }

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    const copier = target.closest("[data-copy]");
    if (copier) copy(copier);
    if (target.closest("[data-nav-toggle]")) toggleNavigation();
    if (target.closest("[data-palette-open]")) openPalette();
    if (target.closest("[data-shortcuts-open]")) byId("k-shortcuts")?.showModal();
    if (target.closest("[data-dialog-close]") || target.matches("dialog.k-dialog")) target.closest("dialog")?.close();
    const opener = target.closest("[data-dialog-open]");
    if (opener) byId(opener.dataset.dialogOpen)?.showModal();
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(target)) menu.open = false;
    });
  });

  // In front of unfold's own single-key handlers, which can't be switched off.
  let isGoing = false;
  const keys = {
    "?": () => byId("k-shortcuts")?.showModal(),
    "/": () => { (document.querySelector("[data-search], #searchbar") ?? { focus: openPalette }).focus(); },
    g: () => { isGoing = true; setTimeout(() => { isGoing = false; }, 1200); return true; },
    j: () => moveRow(1),
    k: () => moveRow(-1),
    "[": () => true,
    f: () => true,
    c: () => true,
  };

  window.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      event.stopImmediatePropagation();
      openPalette();
      return;
    }
    const palette = byId("k-palette");
    if (palette?.open && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      movePalette(event.key === "ArrowDown" ? 1 : -1);
      return;
    }
    if (palette?.open && event.key === "Enter" && document.activeElement === byId("k-palette-input")) {
      event.preventDefault();
      document.querySelector("#k-palette-results a")?.click();
      return;
    }
    if (palette?.open && event.key === "Escape") {
      // The browser's own Escape only empties a search field that holds something.
      event.preventDefault();
      palette.close();
      return;
    }
    if (event.key === "Escape") {
      document.querySelectorAll("details[data-menu][open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
      if (document.body.classList.contains("k-nav-is-open")) toggleNavigation(false);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || openDialog()) return;
    if (stored(KEYS_OFF) === "1") {
      if (event.key in keys) event.stopPropagation();
      return;
    }
    if (isGoing) {
      isGoing = false;
      const place = byId("k-places")?.dataset[event.key];
      if (place) { event.preventDefault(); event.stopPropagation(); window.location.assign(place); return; }
    }
    if (event.key in keys) {
      event.stopPropagation();
      if (keys[event.key](event) !== true) event.preventDefault();
      return;
    }
    const bound = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (bound) { event.preventDefault(); event.stopPropagation(); bound.focus(); return; }
    document.dispatchEvent(new CustomEvent("kith:key", { detail: { key: event.key, shift: event.shiftKey, event } }));
  }, { capture: true });

  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
  document.addEventListener("DOMContentLoaded", () => {
    if (isMac) document.querySelectorAll("[data-modifier]").forEach((key) => { key.textContent = "⌘"; });
    const box = byId("k-keys-on");
    if (box) {
      box.checked = stored(KEYS_OFF) !== "1";
      box.addEventListener("change", () => localStorage.setItem(KEYS_OFF, box.checked ? "0" : "1"));
    }
    document.querySelectorAll("[data-announce]").forEach((element) => announce(element.dataset.announce));
    // On a phone the heads of the admin's lists stand beside each value.
    const heads = [...document.querySelectorAll("#result_list thead th")].map((head) => head.querySelector(".text")?.textContent.trim());
    document.querySelectorAll("#result_list tr.data-row").forEach((row) => [...row.cells].forEach((cell, at) => {
      if (heads[at] && !cell.querySelector("input[type=checkbox]")) cell.dataset.label = heads[at];
    }));
  });

  // From a text of several lines, Ctrl+Enter does what its form is for.
  document.addEventListener("keydown", (event) => {
    const text = event.target;
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !(text instanceof HTMLTextAreaElement)) return;
    event.preventDefault();
    text.form?.requestSubmit();
  });

  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector("[name=csrfmiddlewaretoken]");
    if (token) event.detail.headers["X-CSRFToken"] = token.value;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const holder = event.target instanceof Element ? event.target.querySelector("[data-announce]") : null;
    if (holder) announce(holder.dataset.announce);
  });
  // What somebody did was refused: take them to where it says so. A focus that went with what was swapped comes back.
  document.addEventListener("htmx:afterSettle", (event) => {
    const { requestConfig } = event.detail;
    const swapped = event.target;
    if (!(swapped instanceof Element) || !["click", "submit"].includes(requestConfig?.triggeringEvent?.type)) return;
    const find = (selector) => (swapped.matches(selector) ? swapped : swapped.querySelector(selector));
    const said = requestConfig.verb === "get" ? null : find("[role=alert]") ?? find("[aria-invalid=true]");
    if (said) {
      said.scrollIntoView({ block: "center" });
      if (find("[autofocus]")) return;
      if (said.matches("[role=alert]")) said.tabIndex = -1;
      said.focus({ preventScroll: true });
    } else if (document.activeElement === document.body) {
      find("[data-focus], input:not([type=hidden]), select, textarea, a[href], button")?.focus({ preventScroll: true });
    }
  });
  const failed = () => {
    announce("That did not work. Try again.");
    const place = byId("k-messages");
    if (!place) return;
    const note = document.createElement("p");
    note.className = "k-message k-message-error";
    note.setAttribute("role", "alert");
    note.textContent = "That did not work: the server did not answer as it should. Check the connection and try again.";
    place.replaceChildren(note);
  };
  document.addEventListener("htmx:sendError", failed);
  document.addEventListener("htmx:responseError", failed);

  window.kith = { announce };
})();
