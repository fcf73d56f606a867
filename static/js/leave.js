// Logging out empties the browser's storage (Clear-Site-Data): ask first while entries of a check-in still wait in it.
for (const form of document.querySelectorAll('form[action$="/logout/"]')) {
  form.addEventListener("submit", (event) => {
    const count = Object.keys(localStorage).filter((name) => /^(check-in \S+ entry|minutes) /.test(name)).length;
    if (!count) return;
    const what = count === 1 ? "Eine Eingabe ist" : `${count} Eingaben sind`;
    if (!confirm(`${what} noch nicht übertragen und ${count === 1 ? "geht" : "gehen"} beim Abmelden verloren. Trotzdem abmelden?`)) event.preventDefault();
  });
}
