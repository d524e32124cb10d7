// Keyboard shortcuts. Elements carry their own: data-key="g p" (two strokes) or data-key="?".
// They never fire while somebody types, nor with Ctrl, Alt or Cmd, and can be switched off.
import { remember, recall } from "./store.js";

const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
const PATIENCE = 1200; // milliseconds between the two strokes of "g p"

let first = "";
let firstAt = 0;

export function enabled() {
  return recall("shortcuts") !== "off";
}

export function isTyping(event) {
  return Boolean(event.target.closest(TYPING));
}

function rows() {
  return [...document.querySelectorAll("[data-rows] [data-row]")];
}

function walk(step) {
  const all = rows();
  if (!all.length) {
    return;
  }
  const at = all.findIndex((row) => row.hasAttribute("data-current"));
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  all[at]?.removeAttribute("data-current");
  next.setAttribute("data-current", "");
  next.querySelector("a, button")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function press(stroke) {
  const target = document.querySelector(`[data-key="${CSS.escape(stroke)}"]`);
  target?.click();
  return Boolean(target);
}

function handle(event) {
  const key = event.key;
  if (pick(key)) {
    return true;
  }
  const now = Date.now();
  const chord = first && now - firstAt < PATIENCE ? `${first} ${key}` : "";
  first = key === "g" && !chord ? "g" : "";
  firstAt = now;
  if (chord && press(chord)) {
    return true;
  }
  if (key === "/") {
    const search = document.querySelector("[data-find]");
    search?.focus();
    search?.select();
    return Boolean(search);
  }
  if (key === "j" || key === "k") {
    walk(key === "j" ? 1 : -1);
    return rows().length > 0;
  }
  // a key held down walks rows, but does nothing twice
  return !first && !event.repeat && press(key);
}

// The list of purposes is open: a number picks one, and sends it.
function pick(key) {
  const listed = document.querySelectorAll("details[data-purpose][open] button[name=purpose]");
  const chosen = /^[1-9]$/.test(key) ? listed[Number(key) - 1] : null;
  chosen?.click();
  return Boolean(chosen);
}

function find(event) {
  const found = document.getElementById("found");
  if (!found) {
    return;
  }
  if (event.key === "Escape") {
    found.replaceChildren();
  }
  const links = [...found.querySelectorAll("a")];
  if (!links.length || !["ArrowDown", "ArrowUp"].includes(event.key)) {
    return;
  }
  event.preventDefault();
  const at = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  (links[at] ?? document.querySelector("[data-find]")).focus();
}

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.target.closest(".bar-search")) {
      find(event);
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) {
      return;
    }
    if (enabled() && !document.querySelector("dialog[open]") && handle(event)) {
      event.preventDefault();
    }
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".bar-search")) {
      document.getElementById("found")?.replaceChildren();
    }
  });
  const box = document.querySelector("[data-shortcuts]");
  if (box) {
    box.checked = enabled();
    box.addEventListener("change", () => remember("shortcuts", box.checked ? "on" : "off"));
  }
}
