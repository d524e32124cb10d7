// Shows a form of Foyer inside any page:
//
//   <script src="https://foyer.example/static/js/embed.js" data-foyer-form="organisation/key"
//           data-unit="basket 8841" data-lang="nb" data-title="Newsletter" async></script>
//
// The frame stands where the script stands. No cookie is set or read, nothing is stored; the page's
// address goes along without its query. Without scripts, link to the form's own page.
(function () {
  const script = document.currentScript;
  const form = script?.dataset.foyerForm;
  if (!form) {
    return;
  }
  const [organisation, key] = form.split("/");
  const home = new URL(script.src);
  const address = new URL(`/p/${organisation}/f/${key}/embed/`, home.origin);
  address.searchParams.set("lang", script.dataset.lang || document.documentElement.lang.slice(0, 2));
  address.searchParams.set("page", location.origin + location.pathname);
  if (script.dataset.unit) {
    address.searchParams.set("unit", script.dataset.unit);
  }
  const frame = document.createElement("iframe");
  frame.src = address.href;
  frame.title = script.dataset.title || "Form";
  frame.loading = "lazy"; // counted as shown when it comes into view
  frame.referrerPolicy = "no-referrer";
  frame.style.cssText = "display:block;width:100%;height:30rem;border:0";
  frame.dataset.foyer = form;
  script.insertAdjacentElement("afterend", frame);
  addEventListener("message", (event) => {
    const ours = event.source === frame.contentWindow && event.origin === home.origin;
    const height = Number(event.data?.height);
    if (ours && event.data?.foyer === "form-height" && height > 0 && height < 20000) {
      frame.style.height = `${Math.ceil(height)}px`;
    }
  });
})();
