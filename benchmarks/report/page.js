"use strict";
// Tables sort by a press on a column's head, and filter by what is chosen above them.

function valueOf(row, column) {
  const cell = row.cells[column];
  const raw = cell.dataset.v ?? cell.textContent.trim();
  const number = Number(raw.replaceAll(",", "").replace(/[ ×%]+$/, ""));
  return raw === "" || raw === "–" ? null : Number.isNaN(number) ? raw : number;
}

// Numbers before words, what is missing last, whichever way the column is sorted.
function compare(a, b, sign) {
  if (a === null || b === null) return (a === null) - (b === null);
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  return sign * String(a).localeCompare(String(b), "en", { numeric: true });
}

function sortBy(table, head) {
  const column = [...head.parentNode.cells].indexOf(head);
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [valueOf(row, column), row]);
  rows.sort((one, two) => compare(one[0], two[0], down ? -1 : 1));
  body.append(...rows.map((pair) => pair[1]));
}

function makeSortable(table) {
  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sortBy(table, head));
    head.replaceChildren(button);
  }
}

function choice(name, values, onChange) {
  const label = document.createElement("label");
  const select = document.createElement("select");
  for (const value of ["all", ...values]) select.append(new Option(value, value));
  select.name = name;
  select.addEventListener("change", onChange);
  label.append(name, select);
  return label;
}

function makeFilters(room) {
  const rows = [...room.parentNode.querySelector("table").tBodies[0].rows];
  const said = document.createElement("output");
  const fields = ["keys", "n", "work"];
  const apply = () => {
    const wanted = fields.map((name) => room.querySelector(`[name="${name}"]`).value);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !fields.every((name, i) => ["all", row.dataset[name]].includes(wanted[i]));
      shown += !row.hidden;
    }
    said.textContent = `${shown} of ${rows.length} cells`;
  };
  for (const name of fields) {
    room.append(choice(name, new Set(rows.map((row) => row.dataset[name])), apply));
  }
  room.append(said);
  apply();
}

for (const table of document.querySelectorAll("table.sortable")) makeSortable(table);
for (const room of document.querySelectorAll(".filters")) makeFilters(room);
