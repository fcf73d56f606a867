// Comforts of the work area; every page works without them.

// The button names how many people and projects are ticked.
for (const form of document.querySelectorAll("[data-recipients]")) {
  const button = form.querySelector("[data-count]");
  const say = () => {
    const ticked = [...form.querySelectorAll("[name=contact]:checked")];
    const projects = new Set(ticked.map((box) => box.dataset.project).filter(Boolean)).size;
    button.textContent =
      `${button.dataset.count} an ${ticked.length} ${ticked.length === 1 ? "Person" : "Personen"} ` +
      `aus ${projects} ${projects === 1 ? "Projekt" : "Projekten"} senden`;
  };
  form.addEventListener("change", say);
  say();
}

// The "+" cells of the year plan are one tab stop; the arrow keys move between them.
for (const table of document.querySelectorAll("[data-grid]")) {
  const cells = [...table.querySelectorAll("a[data-row]")];
  const place = (cell) => [Number(cell.dataset.row), Number(cell.dataset.column)];
  const stop = (chosen) => cells.forEach((cell) => cell.setAttribute("tabindex", cell === chosen ? "0" : "-1"));
  const moves = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
  const next = (cell, [down, right]) => {
    const [row, column] = place(cell);
    const ahead = cells
      .map((other) => ({ other, at: place(other) }))
      .filter(({ at }) => (down ? at[1] === column && (at[0] - row) * down > 0 : at[0] === row && (at[1] - column) * right > 0));
    ahead.sort((a, b) => Math.abs(a.at[0] - row) + Math.abs(a.at[1] - column) - Math.abs(b.at[0] - row) - Math.abs(b.at[1] - column));
    return ahead.length ? ahead[0].other : null;
  };
  if (cells.length) stop(cells[0]);
  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("a[data-row]");
    if (!cell || !moves[event.key]) return;
    event.preventDefault();
    const target = next(cell, moves[event.key]);
    if (target) {
      stop(target);
      target.focus();
    }
  });
  table.addEventListener("focusin", (event) => {
    const cell = event.target.closest("a[data-row]");
    if (cell) stop(cell);
  });
}
