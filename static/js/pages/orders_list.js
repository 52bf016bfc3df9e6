// The list of orders: "/" goes to the search; one box chooses the whole page and says how many are chosen.

const search = document.getElementById("q");
const all = document.querySelector("[data-choose-all]");
const said = document.querySelector("[data-chosen]");
const boxes = [...document.querySelectorAll("input[name=order]")];
const buttons = [...document.querySelectorAll("button[name=do]")];

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing) return;
  event.preventDefault();
  search.focus();
  search.select();
});

function say() {
  const n = boxes.filter((box) => box.checked).length;
  all.checked = n === boxes.length;
  all.indeterminate = n > 0 && n < boxes.length;
  for (const button of buttons) button.disabled = n === 0;
  said.textContent = (n === 1 ? said.dataset.one : said.dataset.other).replace("%n", String(n));
}

if (all && boxes.length) {
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    say();
  });
  for (const box of boxes) box.addEventListener("change", say);
  globalThis.addEventListener("pageshow", say); // a browser that goes back keeps what was chosen
  say();
}
