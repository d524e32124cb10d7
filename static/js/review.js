// Reviewing a pair: keys for the answers, keeping all of one side, and saying what the result is.
// Without it the page is plain forms; the result column is drawn by the stylesheet.
import { enabled, isTyping } from "./keys.js";

const PAUSE = 500; // milliseconds a pair must have been on the screen before a key answers it

const form = document.querySelector("[data-review]");
const reasons = document.querySelector("[data-reasons]");
const told = document.querySelector("[data-told]");

function say(row, side) {
  const label = row.querySelector("th").firstChild.textContent.trim();
  const value = row.querySelector(`.result-${side}`).textContent.trim();
  told.textContent = `${told.dataset.result}: ${label}, ${value}`;
}

function keepAll(side) {
  const boxes = form.querySelectorAll(`input[type=radio][value="${side}"]`);
  for (const box of boxes) {
    box.checked = true;
  }
  const values = [...form.querySelectorAll(`.result-${side}`)].map((each) => each.textContent.trim());
  told.textContent = `${told.dataset.result}: ${values.join(", ")}`;
}

form.addEventListener("change", (event) => {
  const row = event.target.closest("[data-unit]");
  if (row) {
    say(row, event.target.value);
  }
});

document.addEventListener("click", (event) => {
  const all = event.target.closest("[data-keep-all]");
  if (all) {
    keepAll(all.dataset.keepAll);
  }
});

// The key that answered the pair before may still be on its way: a pair nobody has seen yet
// must not be answered by it.
setTimeout(() => {
  for (const button of document.querySelectorAll("[data-answer]")) {
    button.dataset.key = button.dataset.answer;
  }
}, PAUSE);

reasons.addEventListener("toggle", () => {
  if (reasons.open) {
    reasons.querySelector("[data-reason]").focus();
  }
});

document.addEventListener("keydown", (event) => {
  const busy = event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event);
  if (busy || !enabled() || document.querySelector("dialog[open]")) {
    return;
  }
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  if (!digit) {
    return;
  }
  if (event.shiftKey && (digit === "1" || digit === "2")) {
    event.preventDefault();
    keepAll(digit === "1" ? "left" : "right");
  } else if (!event.shiftKey && reasons.open) {
    event.preventDefault();
    reasons.querySelector(`[data-reason="${digit}"]`)?.click();
  }
});
