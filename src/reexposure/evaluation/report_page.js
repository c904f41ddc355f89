// A picture pressed is shown large. Left and right go through the methods in place, which shows
// differences better than any distance between two pictures; up and down change the exposure.
const large = document.getElementById("large");
let row, column;

function show() {
  const figure = row.querySelectorAll("figure")[column];
  const picture = figure.querySelector("img");
  large.querySelector("img").src = picture ? picture.src : "data:,";
  large.querySelector("img").alt = picture ? picture.alt : "";
  large.querySelector("b").textContent = figure.querySelector("b").textContent;
  const words = figure.querySelector("span").textContent;
  large.querySelector("span").textContent = figure.matches(".photo, .truth") ? words : `${words} at ${row.querySelector("h4").textContent}`;
}

function step(columns, rows) {
  const all = [...row.parentElement.querySelectorAll(".row")];
  row = all[Math.min(Math.max(all.indexOf(row) + rows, 0), all.length - 1)];
  const count = row.querySelectorAll("figure").length;
  column = (column + columns + count) % count;
  show();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".strip button");
  if (!button) return;
  row = button.closest(".row");
  column = [...row.querySelectorAll("figure")].indexOf(button.closest("figure"));
  show();
  large.showModal();
});

large.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!steps) return;
  event.preventDefault();
  step(...steps);
});
large.querySelector("img").addEventListener("click", () => step(1, 0));
large.querySelector("button").addEventListener("click", () => large.close());
