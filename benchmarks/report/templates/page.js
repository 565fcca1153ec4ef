"use strict";
// Tables sort by a press on a column's head, filter by what is chosen above them, and say when they scroll.

function valueOf(cell) {
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
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const rows = [...table.tBodies[0].rows].map((row) => [valueOf(row.cells[head.cellIndex]), row]);
  rows.sort((one, two) => compare(one[0], two[0], down ? -1 : 1));
  table.tBodies[0].append(...rows.map((pair) => pair[1]));
}

function makeFilters(room) {
  const rows = [...room.parentNode.querySelector("table").tBodies[0].rows];
  const said = room.appendChild(document.createElement("output"));
  const apply = () => {
    const chosen = [...room.querySelectorAll("select")].filter((one) => one.value !== "all");
    for (const row of rows) row.hidden = chosen.some((one) => row.cells[one.column].textContent !== one.value);
    said.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} cells`;
  };
  for (const [column, name] of ["keys", "n", "work"].entries()) {
    const label = document.createElement("label");
    const select = Object.assign(document.createElement("select"), { name, column, onchange: apply });
    const values = new Set(rows.map((row) => row.cells[column].textContent));
    for (const value of ["all", ...values]) select.add(new Option(value, value));
    label.append(name, select);
    said.before(label);
  }
  apply();
}

function markScrolling() {
  for (const box of document.querySelectorAll(".scroll")) {
    box.parentNode.classList.toggle("wide", box.scrollWidth > box.clientWidth);
    box.parentNode.classList.toggle("more", box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
  }
}

for (const head of document.querySelectorAll("table.sortable thead th")) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: head.textContent });
  button.addEventListener("click", () => sortBy(head.closest("table"), head));
  head.replaceChildren(button);
}
document.querySelectorAll(".filters").forEach(makeFilters);
addEventListener("resize", markScrolling);
for (const event of ["scroll", "toggle"]) document.addEventListener(event, markScrolling, true);
markScrolling();
