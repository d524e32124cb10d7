// The mapping editor. Every select marked data-combo gets a text field in front of it that
// searches its options (WAI-ARIA combobox with a list). The select stays the form's field and
// what htmx listens to; without script it is simply a select.

const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
let made = 0;

function optionsOf(select) {
  return [...select.querySelectorAll("option")].map((option) => ({
    option,
    group: option.parentElement.label || "",
    label: option.textContent.trim(),
  }));
}

function element(tag, properties, attributes = {}) {
  const node = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) {
    node.setAttribute(name, value);
  }
  return node;
}

class Combo {
  constructor(select) {
    this.select = select;
    this.id = `combo-${++made}`;
    this.active = -1;
    this.field = element("input", { className: "input", type: "text", autocomplete: "off" }, {
      role: "combobox",
      "aria-expanded": "false",
      "aria-controls": this.id,
      "aria-autocomplete": "list",
      "aria-labelledby": select.getAttribute("aria-labelledby"),
    });
    this.list = element("ul", { className: "combo-list", id: this.id, hidden: true }, { role: "listbox" });
    const box = element("div", { className: "combo" });
    select.before(box);
    box.append(this.field, this.list, select);
    select.hidden = true;
    this.show();
    this.listen();
  }

  listen() {
    this.field.addEventListener("focus", () => this.field.select());
    this.field.addEventListener("click", () => this.open(""));
    this.field.addEventListener("input", (event) => {
      event.stopPropagation();
      this.open(this.field.value);
    });
    this.field.addEventListener("change", (event) => event.stopPropagation());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("blur", () => this.close());
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault(); // keeps the focus in the field
      const row = event.target.closest("[role=option]");
      if (row) {
        this.choose(row.dataset.value);
      }
    });
  }

  show() {
    this.field.value = this.select.selectedOptions[0]?.textContent.trim() ?? "";
  }

  open(words) {
    const wanted = plain(words).split(/\s+/).filter(Boolean);
    const found = optionsOf(this.select).filter(({ option, label, group }) =>
      wanted.every((word) => plain(`${label} ${group} ${option.value.replace(/\W|_/g, " ")}`).includes(word)),
    );
    this.list.replaceChildren(...this.rows(found));
    if (!found.length) {
      this.list.append(element("li", { className: "combo-group", textContent: this.select.dataset.none }, { role: "presentation" }));
    }
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    const chosen = words ? 0 : found.findIndex(({ option }) => option.selected);
    this.move(Math.max(0, chosen));
  }

  rows(found) {
    const rows = [];
    let group = "";
    for (const { option, group: own, label } of found) {
      if (own !== group) {
        rows.push(element("li", { className: "combo-group", textContent: own }, { role: "presentation" }));
        group = own;
      }
      const row = element("li", { className: "combo-option", textContent: label }, { role: "option" });
      row.dataset.value = option.value;
      row.id = `${this.id}-${option.value || "none"}`;
      rows.push(row);
    }
    return rows;
  }

  move(to) {
    const rows = [...this.list.querySelectorAll("[role=option]")];
    if (!rows.length) {
      this.active = -1;
      return;
    }
    this.active = Math.min(Math.max(to, 0), rows.length - 1);
    rows.forEach((row, at) => row.setAttribute("aria-selected", String(at === this.active)));
    rows[this.active].scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", rows[this.active].id);
  }

  key(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) {
        this.open("");
      } else {
        this.move(this.active + (event.key === "ArrowDown" ? 1 : -1));
      }
    } else if (event.key === "Enter") {
      event.preventDefault(); // choosing must not save the form
      const row = this.list.querySelector("[aria-selected=true]");
      if (row && !this.list.hidden) {
        this.choose(row.dataset.value);
      }
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      this.close();
    }
  }

  choose(value) {
    const changed = this.select.value !== value;
    this.select.value = value;
    this.close();
    if (changed) {
      this.select.dispatchEvent(new Event("input", { bubbles: true }));
      this.select.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  close() {
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
    this.show();
  }
}

function enhance(root) {
  for (const select of root.querySelectorAll("select[data-combo]")) {
    if (!select.hidden) {
      new Combo(select);
    }
  }
}

// A line that htmx has swapped in gets its search field too, and the focus back.
let focused = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  focused = event.detail.target.contains(document.activeElement) ? event.detail.target.id : "";
});
document.addEventListener("htmx:load", (event) => {
  const line = event.detail.elt;
  enhance(line.parentElement ?? line);
  if (line.id && line.id === focused) {
    line.querySelector("[role=combobox]")?.focus();
  }
});

// Find a column by its name or by what is in it.
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-filter]")) {
    const words = plain(event.target.value).split(/\s+/).filter(Boolean);
    for (const line of document.querySelectorAll("[data-column]")) {
      const said = plain(line.querySelector(".mapping-source").textContent + line.querySelector("select").selectedOptions[0].textContent);
      line.hidden = !words.every((word) => said.includes(word));
    }
  }
});

enhance(document);
