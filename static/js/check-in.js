// The check-in without network: each tap is kept in this browser first and sent as soon as it can be.
//
// One item of localStorage for each entry, written before the page shows it: nothing is lost when the phone is
// switched off, and two tabs never overwrite each other. The server knows each entry by its id (sent twice, it counts
// once) and answers with the list of all phones. Without this file, or without storage, the page's forms do the same.
(() => {
  const root = document.getElementById("check-in");
  if (!root || !window.fetch) return;
  const { address, page } = root.dataset;
  const prefix = `check-in ${page} `;
  const EVERY = 15_000; // milliseconds between two looks at the other phones' entries
  const PATIENCE = 15_000; // so long one answer may take
  const AT_ONCE = 200;
  const LABELS = { absent: "nicht erschienen", excused: "entschuldigt" };
  const find = (selector, place = root) => place.querySelector(selector);
  const all = (selector, place = root) => [...place.querySelectorAll(selector)];

  const read = (name) => JSON.parse(localStorage.getItem(prefix + name) || "null");
  const write = (name, value) => localStorage.setItem(prefix + name, JSON.stringify(value));
  try {
    write("try", 1);
    localStorage.removeItem(`${prefix}try`);
  } catch {
    return; // no storage here: the forms go to the server one by one
  }

  let csrf = find("[name=csrfmiddlewaretoken]").value;
  let mode = "online"; // or offline, login, refused
  let isBusy = false;
  let list = listOfPage();
  const kept = read("list");
  if (kept && kept.now > Number(root.dataset.now)) list = kept; // the page itself may be an old copy

  // --- entries ---------------------------------------------------------------------------------
  function waiting() {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(`${prefix}entry `));
    return names.map((name) => JSON.parse(localStorage.getItem(name))).filter(Boolean).sort((a, b) => a.at - b.at);
  }

  function newId() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0"));
    return bytes.join("").replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
  }

  // Keeps an entry; false when this browser cannot, so that the form is sent instead.
  function keep(entry) {
    // The server's clock, as far as it is known: two phones with different clocks must agree on the order.
    const at = Math.max(Date.now() + (read("clock") || 0), (read("last") || 0) + 1);
    const id = newId();
    try {
      write(`entry ${id}`, { id, at, ...entry });
      write("last", at);
    } catch {
      return false;
    }
    show();
    sync();
    return true;
  }

  // --- what the page shows ---------------------------------------------------------------------
  function listOfPage() {
    const people = {};
    const came = [];
    for (const row of all("li[data-person]")) {
      const { person, state } = row.dataset;
      if (person.startsWith("i-") && state) people[person] = state;
      if (person.startsWith("w-")) {
        came.push({ person, state, name: find("[data-name]", row).textContent, organisation: find("[data-house]", row).textContent });
      }
    }
    return { people, came };
  }

  // The list of all phones with this one's waiting entries on top.
  function current() {
    const people = { ...list.people };
    const came = new Map(list.came.map((row) => [row.person, { ...row }]));
    for (const entry of waiting()) {
      if (entry.person.startsWith("i-")) people[entry.person] = entry.state;
      else if (entry.state) came.set(entry.person, { ...entry });
      else came.delete(entry.person);
      if (entry.instead_of) people[`i-${entry.instead_of}`] = entry.state ? "excused" : "";
    }
    return { people, came };
  }

  function show() {
    const { people, came } = current();
    const place = find("[data-came]");
    for (const row of all("li[data-person]")) {
      const { person } = row.dataset;
      if (person.startsWith("i-")) showRow(row, people[person] || "");
      else if (person && !came.has(person)) row.remove();
    }
    for (const person of came.values()) {
      let row = all("li", place).find((one) => one.dataset.person === person.person);
      if (!row) {
        row = document.getElementById("zeile").content.firstElementChild.cloneNode(true);
        row.dataset.person = person.person;
        place.append(row);
      }
      for (const name of all("[data-name]", row)) name.textContent = person.name;
      find("[data-house]", row).textContent = person.organisation || "";
      showRow(row, person.state);
    }
    const here = all('li:is([data-state="present"], [data-state="left_early"])').length;
    find("[data-count]").textContent = here;
    showWaiting();
  }

  function showRow(row, state) {
    row.dataset.state = state;
    find("[data-label]", row).textContent = LABELS[state] || "";
    find("[data-do=here]", row)?.setAttribute("aria-pressed", state === "present" || state === "left_early");
    find("[data-do=gone]", row)?.setAttribute("aria-pressed", state === "left_early");
  }

  function showWaiting() {
    const count = waiting().length;
    const line = find("[data-waiting]");
    line.hidden = mode === "online" || !count;
    line.textContent = `${count === 1 ? "1 Eingabe wartet" : `${count} Eingaben warten`} ${mode === "offline" ? "auf Netz" : "auf die Übertragung"}`;
  }

  // Read aloud, so only failure and recovery come here.
  function say(text, link) {
    const news = find("[data-news]");
    news.replaceChildren();
    if (!text) return;
    const line = document.createElement("p");
    line.textContent = text;
    if (link) {
      const way = document.createElement("a");
      way.href = link.href;
      way.textContent = link.text;
      line.append(" ", way);
    }
    news.append(line);
  }

  function become(next, text, link) {
    if (mode !== next || next === "refused") say(text, link);
    mode = next;
    showWaiting();
  }

  // --- to and from the server ------------------------------------------------------------------
  async function ask(entries) {
    const stop = new AbortController();
    const clock = setTimeout(() => stop.abort(), PATIENCE);
    const options = { credentials: "same-origin", redirect: "manual", cache: "no-store", signal: stop.signal };
    if (entries.length) {
      options.method = "POST";
      options.headers = { "Content-Type": "application/json", "X-CSRFToken": csrf };
      options.body = JSON.stringify({ entries });
    }
    try {
      const answer = await fetch(address, options);
      const isJson = (answer.headers.get("Content-Type") || "").includes("application/json");
      return { status: answer.type === "opaqueredirect" ? 401 : answer.status, body: isJson ? await answer.json() : {} };
    } finally {
      clearTimeout(clock);
    }
  }

  async function sync() {
    if (isBusy) return;
    isBusy = true;
    let isMore = false;
    try {
      const entries = waiting().slice(0, AT_ONCE);
      let { status, body } = await ask(entries);
      if (status === 403 && entries.length) {
        const fresh = await ask([]); // after a new login the old token is refused
        if (fresh.status === 200) {
          csrf = fresh.body.csrf;
          ({ status, body } = await ask(entries));
        } else ({ status, body } = fresh);
      }
      isMore = take(status, body);
    } catch {
      become("offline", "Kein Netz. Ihre Eingaben bleiben auf diesem Telefon und werden später übertragen.");
    } finally {
      isBusy = false;
    }
    if (isMore) sync();
  }

  // True when entries are left that can go at once.
  function take(status, body) {
    if (status === 200) {
      ({ csrf } = body);
      for (const id of body.taken) localStorage.removeItem(`${prefix}entry ${id}`);
      const refused = body.refused.map(([id, text]) => {
        const entry = read(`entry ${id}`);
        localStorage.removeItem(`${prefix}entry ${id}`);
        return `${entry?.name || "Eine Eingabe"} wurde nicht übernommen: ${text}`;
      });
      list = { people: body.people, came: body.came, now: body.now };
      write("clock", body.now - Date.now());
      write("list", list);
      const left = waiting().length;
      if (refused.length) become("refused", refused.join(" "));
      else if (mode !== "online" && !left) become("online", "Wieder verbunden. Alle Eingaben sind übertragen.");
      show();
      return left > 0;
    }
    if (status === 401) {
      const link = { href: `${root.dataset.login}?next=${encodeURIComponent(page)}`, text: "Jetzt anmelden" };
      become("login", "Ihre Sitzung ist abgelaufen. Ihre Eingaben bleiben auf diesem Telefon, bis Sie sich wieder anmelden.", link);
    } else if (status >= 500) {
      become("offline", "Der Server antwortet gerade nicht. Ihre Eingaben bleiben auf diesem Telefon und werden später übertragen.");
    } else {
      become("refused", body.problem || "Die Übertragung ist nicht erlaubt. Ihre Eingaben bleiben auf diesem Telefon.");
    }
    return false;
  }

  // --- taps ------------------------------------------------------------------------------------
  root.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-do]");
    if (!button) return;
    const row = button.closest("li");
    const { person, state } = row.dataset;
    const isHere = state === "present" || state === "left_early";
    const next = button.dataset.do === "gone" ? (state === "left_early" ? "present" : "left_early") : isHere ? "" : "present";
    const entry = { person, state: next };
    if (person.startsWith("w-")) {
      entry.name = find("[data-name]", row).textContent;
      entry.organisation = find("[data-house]", row).textContent;
    }
    if (keep(entry)) event.preventDefault();
  });

  find("[data-add]").addEventListener("submit", (event) => {
    const form = event.target;
    const name = form.elements.name.value.trim();
    if (!name) return;
    const entry = { person: `w-${newId()}`, state: "present", name, organisation: form.elements.einrichtung.value.trim() };
    if (form.elements.anstelle.value) entry.instead_of = Number(form.elements.anstelle.value);
    if (!keep(entry)) return;
    event.preventDefault();
    form.reset();
    form.elements.name.focus();
  });

  find("[data-close]")?.addEventListener("submit", (event) => {
    if (mode === "online" && !waiting().length) return;
    event.preventDefault();
    say("Die Liste lässt sich abschließen, sobald alle Eingaben übertragen sind.");
  });

  const search = find("[data-search]");
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/ß/g, "ss").toLowerCase();
  search.hidden = false;
  find("input", search).addEventListener("input", (event) => {
    const words = plain(event.target.value).split(/\s+/).filter(Boolean);
    for (const row of all("li[data-person]")) {
      const text = plain(find(".person__who", row).textContent);
      row.hidden = !words.every((word) => text.includes(word));
    }
    const others = find("[data-others]");
    if (others && words.length) others.open = true;
  });

  // --- a copy of the page for the time without network -----------------------------------------
  async function keepPage() {
    if (!("serviceWorker" in navigator) || !window.caches) return;
    await navigator.serviceWorker.register(root.dataset.worker);
    const files = all("link[rel=stylesheet], link[rel=icon]", document).map((one) => one.href);
    const scripts = all("script[src]", document).map((one) => one.src);
    const cache = await caches.open(`check-in ${page}`);
    await cache.addAll([page, ...files, ...scripts]);
    root.dataset.kept = "true";
  }

  show();
  sync();
  keepPage().catch(() => {}); // a browser without it keeps the entries all the same
  setInterval(() => document.visibilityState === "visible" && sync(), EVERY);
  for (const name of ["online", "focus"]) window.addEventListener(name, sync);
  window.addEventListener("offline", () =>
    become("offline", "Kein Netz. Ihre Eingaben bleiben auf diesem Telefon und werden später übertragen."),
  );
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && sync());
})();
