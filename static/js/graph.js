// The drawing of why records are one person: a box that is pointed at or reached by key shows its lines.

function trace(svg, key) {
  svg.classList.toggle("traced", Boolean(key));
  for (const line of svg.querySelectorAll("[data-from]")) {
    line.classList.toggle("lit", Boolean(key) && (line.dataset.from === key || line.dataset.to === key));
  }
}

function follow(event) {
  const svg = event.target.closest?.("svg.why");
  if (svg) trace(svg, event.target.closest("[data-box]")?.dataset.box ?? "");
}

function leave(event) {
  const svg = event.target.closest?.("svg.why");
  if (svg && !svg.contains(event.relatedTarget)) trace(svg, "");
}

for (const kind of ["mouseover", "focusin"]) document.addEventListener(kind, follow);
for (const kind of ["mouseout", "focusout"]) document.addEventListener(kind, leave);
