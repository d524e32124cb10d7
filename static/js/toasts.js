// Short notes at the corner. The server sends them with the page (Django messages) or with an htmx
// answer: HX-Trigger: {"toast": {"text": "Saved", "undo": "/path/", "kind": "warn"}}.

const SHOWN = 8000;

function leave(toast) {
  const timer = setTimeout(() => toast.remove(), SHOWN);
  // reading or reaching for Undo keeps it; so does anything that needs an answer
  toast.addEventListener("pointerenter", () => clearTimeout(timer));
  toast.addEventListener("focusin", () => clearTimeout(timer));
}

export function toast({ text, undo = "", kind = "" }) {
  const made = document.getElementById("toast-template").content.cloneNode(true).firstElementChild;
  made.querySelector("p").textContent = text;
  if (kind) {
    made.classList.add(kind);
  }
  if (undo) {
    const form = made.querySelector("form");
    form.action = undo;
    form.hidden = false;
  }
  document.getElementById("toasts").append(made);
  if (kind !== "bad") {
    leave(made);
  }
}

export function startToasts() {
  for (const shown of document.querySelectorAll(".toast:not(.bad)")) {
    leave(shown);
  }
  document.addEventListener("toast", (event) => toast(event.detail));
  document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast").remove());
  document.addEventListener("htmx:responseError", (event) => {
    const told = event.detail.xhr.getResponseHeader("HX-Trigger");
    if (!told) {
      toast({ text: document.getElementById("toasts").dataset.failed, kind: "bad" });
    }
  });
}
