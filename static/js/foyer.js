// The few behaviours every page shares. Each works on elements that ask for it with a data-
// attribute, by listening on the document: what htmx swaps in later needs no wiring.
import { startKeys } from "./keys.js";
import { remember, recall } from "./store.js";
import { startToasts } from "./toasts.js";

const root = document.documentElement;

function showTheme(choice) {
  if (choice === "auto") {
    delete root.dataset.theme;
  } else {
    root.dataset.theme = choice;
  }
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
  }
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  await navigator.clipboard.writeText((source.value ?? source.textContent).trim());
  const label = button.textContent;
  button.textContent = button.dataset.copied || "✓";
  setTimeout(() => (button.textContent = label), 1600);
}

document.addEventListener("click", (event) => {
  const theme = event.target.closest("[data-theme-choice]");
  if (theme) {
    remember("theme", theme.dataset.themeChoice);
    showTheme(theme.dataset.themeChoice);
  }
  const opener = event.target.closest("[data-open]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.open);
    document.getElementById("menu")?.matches(":popover-open") && document.getElementById("menu").hidePopover();
    dialog?.showModal();
  }
  const copier = event.target.closest("[data-copy]");
  if (copier) {
    copy(copier);
  }
  event.target.closest("[data-shut]")?.closest("dialog").close();
  if (event.target.nodeName === "DIALOG") {
    event.target.close(); // a click on the backdrop
  }
  for (const menu of document.querySelectorAll("details.drop[open]")) {
    if (!menu.contains(event.target)) {
      menu.open = false;
    }
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.drop[open]");
  if (event.key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Fields that make sense with one choice of another field only: data-only-if='{"place": ["sftp"]}'.
// Without script all are there, and the server says which it needs.
function showWhatApplies() {
  for (const input of document.querySelectorAll("[data-only-if]")) {
    const box = input.closest(".field");
    const applies = Object.entries(JSON.parse(input.dataset.onlyIf)).every(([name, values]) => {
      const other = input.form.elements[name];
      return !other || values.includes(other.value);
    });
    box.hidden = !applies && !box.classList.contains("invalid");
  }
}

document.addEventListener("change", (event) => {
  showWhatApplies();
  if (event.target.matches("[data-submits]")) {
    event.target.form.requestSubmit();
  }
});

// Forms marked data-once cannot be sent twice by a double click.
document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-once]")) {
    for (const button of event.target.querySelectorAll("button[type=submit]")) {
      setTimeout(() => (button.disabled = true));
    }
  }
});

// Work that is not saved yet: form[data-unsaved] warns before the page is left.
const touched = new Set();
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-unsaved]");
  if (form) {
    touched.add(form);
  }
});
document.addEventListener("submit", (event) => touched.delete(event.target));
window.addEventListener("beforeunload", (event) => {
  if (touched.size) {
    event.preventDefault();
  }
});

// A dialog that the server rendered open (a form with errors) becomes modal.
for (const dialog of document.querySelectorAll("dialog[data-show]")) {
  dialog.showModal();
}

showWhatApplies();
showTheme(recall("theme") || "auto");
startKeys();
startToasts();
