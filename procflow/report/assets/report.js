"use strict";
(() => {
  const filters = [...document.querySelectorAll("select[data-filter]")];
  const rows = [...document.querySelectorAll("table.findings tbody tr")];
  const shown = document.getElementById("shown");
  const fits = (row, filter) => {
    if (!filter.value) return true;
    const value = row.dataset[filter.dataset.filter];
    return filter.dataset.filter === "departments" ? JSON.parse(value).includes(filter.value) : value === filter.value;
  };
  const update = () => {
    for (const row of rows) row.hidden = !filters.every((filter) => fits(row, filter));
    if (shown) shown.textContent = String(rows.filter((row) => !row.hidden).length);
  };
  for (const filter of filters) filter.addEventListener("change", update);
  const form = document.querySelector("form.filters");
  if (form) form.addEventListener("submit", (event) => event.preventDefault());
  update();
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
})();
