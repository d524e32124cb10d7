// The reader's own choices, in this browser only. Never personal data.

export function remember(key, value) {
  try {
    localStorage.setItem(`foyer-${key}`, value);
  } catch {
    // storage is switched off: the choice lasts as long as the page
  }
}

export function recall(key) {
  try {
    return localStorage.getItem(`foyer-${key}`);
  } catch {
    return null;
  }
}
