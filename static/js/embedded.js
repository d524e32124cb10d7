// Inside the frame: tells the page around it how high the form is. Nothing else is sent.
const tell = () =>
  parent.postMessage({ foyer: "form-height", height: document.documentElement.scrollHeight }, "*");

new ResizeObserver(tell).observe(document.body);
addEventListener("load", tell);
document.getElementById("errors")?.focus();
