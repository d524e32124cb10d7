// Runs before the first paint, so a chosen theme never flashes. Kept classic and tiny on purpose.
"use strict";
(function () {
  let chosen = null;
  try {
    chosen = localStorage.getItem("foyer-theme");
  } catch {
    // storage is switched off: follow the system
  }
  if (chosen === "light" || chosen === "dark") {
    document.documentElement.dataset.theme = chosen;
  }
})();
