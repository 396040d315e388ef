"use strict";
// Makes the page handier: everything is there without it.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const $$ = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const make = (tag, text, attributes = {}) => {
    const element = document.createElement(tag);
    element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };

  // ---- copying
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = make("textarea", text);
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }
  for (const block of $$("pre.copy")) {
    const holder = make("div", "", { class: "copies" });
    const button = make("button", "Copy", { type: "button", "aria-label": `Copy ${block.getAttribute("aria-label")}` });
    button.addEventListener("click", async () => {
      button.textContent = (await copy(block.textContent)) ? "Copied" : "Not copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    block.replaceWith(holder);
    holder.append(block, button);
  }

  // ---- what is known of a cell, beside the matrix
  let opened = null;
  let opener = null;
  function close() {
    if (!opened) return;
    opened.classList.remove("open");
    opened.parentElement.classList.remove("with-open");
    opened = null;
  }
  function leave() {
    const back = opener;
    close();
    try { history.replaceState(null, "", "#"); } catch { /* a page without an origin keeps its address */ }
    if (back) back.focus();
  }
  function show() {
    const id = decodeURIComponent(location.hash.slice(1));
    close();
    const target = id && document.getElementById(id);
    if (!target) return;
    if (target.matches("article.cell")) {
      opened = target;
      opener = document.querySelector(`.matrix a[href="#${CSS.escape(id)}"]`) ?? opener;
      target.classList.add("open");
      target.parentElement.classList.add("with-open");
      if (!target.querySelector(".close")) {
        const button = make("button", "Close", { type: "button", class: "close" });
        button.addEventListener("click", leave);
        target.prepend(button);
      }
      target.scrollTop = 0;
    }
    if (target.matches("article")) target.focus({ preventScroll: target === opened });
  }
  addEventListener("hashchange", show);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && opened) leave();
  });
  addEventListener("click", (event) => {  // the same cell again: its address does not change
    const link = event.target.closest?.('a[href^="#"]');
    if (link && link.getAttribute("href") === location.hash) show();
  });

  // ---- keys in a matrix: one stop for Tab, arrows within
  for (const matrix of $$("table.matrix")) {
    const rows = $$("tbody tr", matrix);
    const links = $$("tbody a", matrix);
    const stop = (link) => {
      for (const each of links) each.tabIndex = each === link ? 0 : -1;
    };
    if (links.length > 0) stop(links[0]);
    const next = (cell, down, right) => {
      let row = rows.indexOf(cell.parentElement);
      let column = cell.cellIndex;
      for (;;) {
        row += down;
        column += right;
        const found = rows[row]?.cells[column];
        if (!found) return null;
        const link = found.querySelector("a");
        if (link && !found.parentElement.classList.contains("away")) return link;
      }
    };
    matrix.addEventListener("keydown", (event) => {
      const moves = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };
      const cell = event.target.closest("td");
      if (!cell || !moves[event.key]) return;
      event.preventDefault();
      const link = next(cell, ...moves[event.key]);
      if (link) {
        stop(link);
        link.focus();
      }
    });
    matrix.addEventListener("focusin", (event) => {
      if (event.target.matches("tbody a")) stop(event.target);
    });
  }

  // ---- search, filter, theme
  const tools = document.getElementById("tools");
  const statuses = [...new Set($$(".matrix td[class]").map((cell) => cell.classList[0]))];
  const shown = new Set(statuses);
  const words = make("input", "", { type: "search", placeholder: "search cells and findings", "aria-label": "Search cells and findings" });
  const count = make("span", "", { role: "status" });
  const buttons = new Map();
  function apply() {
    const word = words.value.trim().toLowerCase();
    const everything = word === "" && shown.size === statuses.length;
    let seen = 0;
    let all = 0;
    for (const row of $$(".matrix tbody tr")) {
      let any = false;
      for (const cell of row.cells) {
        const link = cell.querySelector("a");
        if (!link) continue;
        all += 1;
        const fits = shown.has(cell.classList[0]) && link.title.toLowerCase().includes(word);
        cell.classList.toggle("dim", !fits);
        any ||= fits;
        seen += fits ? 1 : 0;
      }
      row.classList.toggle("away", !any);
    }
    for (const finding of $$("article.finding")) {
      finding.classList.toggle("away", word !== "" && !finding.textContent.toLowerCase().includes(word));
    }
    count.textContent = everything ? "" : `${seen} of ${all} cells`;
    for (const [status, button] of buttons) button.setAttribute("aria-pressed", String(shown.has(status)));
  }
  function remember() {
    const off = statuses.filter((status) => !shown.has(status));
    const state = new URLSearchParams();
    if (words.value) state.set("q", words.value);
    if (off.length > 0) state.set("without", off.join(","));
    try { history.replaceState(null, "", `#?${state}`); } catch { /* as above */ }
    apply();
  }
  function recall() {
    if (!location.hash.startsWith("#?")) return;
    const state = new URLSearchParams(location.hash.slice(2));
    words.value = state.get("q") ?? "";
    const off = (state.get("without") ?? "").split(",");
    for (const status of statuses) off.includes(status) ? shown.delete(status) : shown.add(status);
    apply();
  }
  words.addEventListener("input", remember);
  tools.append(words);
  for (const status of statuses) {
    const cell = document.querySelector(`.matrix td.${status} a`);
    const glyph = cell.querySelector("span").textContent;
    const button = make("button", `${glyph} ${status.replaceAll("_", " ")}`, { type: "button", "aria-pressed": "true" });
    button.addEventListener("click", () => {
      shown.has(status) ? shown.delete(status) : shown.add(status);
      remember();
    });
    buttons.set(status, button);
    tools.append(button);
  }
  const theme = make("button", "Dark or light", { type: "button" });
  theme.addEventListener("click", () => {
    const is_dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = is_dark ? "light" : "dark";
  });
  tools.append(theme, count);
  tools.hidden = false;
  addEventListener("hashchange", recall);
  recall();
  show();
})();
