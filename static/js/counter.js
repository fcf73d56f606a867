// Says how many characters are left, only in the last tenth of a field with data-limit. The server checks anyway.
for (const field of document.querySelectorAll("[data-limit]")) {
  const limit = Number(field.dataset.limit);
  const line = document.createElement("p");
  line.className = "counter";
  line.setAttribute("role", "status");
  field.after(line);
  const tell = () => {
    const left = limit - [...field.value.trim()].length; // the server trims, too
    line.textContent = left > limit / 10 ? "" : left >= 0 ? `noch ${left} Zeichen` : `${-left} Zeichen zu viel`;
    line.classList.toggle("counter--over", left < 0);
  };
  field.addEventListener("input", tell);
  tell();
}
