
"use strict";
(() => {
  const bar = document.getElementById("filter");
  const box = document.getElementById("filter-text");
  const left = document.getElementById("filter-left");
  const buttons = [...bar.querySelectorAll("button")];
  const rows = [...document.querySelectorAll(".scenarios tbody tr")].map((row) => [row, row.textContent.toLowerCase()]);
  let verdict = "";
  const show = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const [row, text] of rows) {
      const kept = (!verdict || row.dataset.verdict === verdict) && words.every((word) => text.includes(word));
      row.hidden = !kept;
      count += kept;
    }
    left.textContent = left.dataset.words.replace("#", count);
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      verdict = button.dataset.verdict;
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      show();
    });
  }
  box.addEventListener("input", show);
  bar.hidden = false;
  show();
})();
