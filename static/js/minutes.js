// Minutes are saved while people write. What the server has not confirmed stays in this browser, over a reload, too.
// Two people at one item: what only one of them touched is joined by itself; where both wrote in the same field, both
// texts are shown and nobody's is lost. Without this file the page's form saves everything with one button.
(() => {
  const form = document.querySelector("form[data-minutes]");
  if (!form || !window.fetch) return;
  const PAUSE = 1200; // milliseconds without a key before saving
  const RETRY = 10_000;
  const FIELDS = ["minutes_text", "result_text"];
  const news = form.querySelector("[data-news]");
  const csrf = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const plain = (text) => text.replace(/\r\n?/g, "\n").trim();
  const failed = new Set();

  // Read aloud, so only failure and recovery come here.
  function say(text) {
    if (news.textContent !== text) news.textContent = text;
  }

  class Item {
    constructor(place) {
      this.place = place;
      this.key = `minutes ${location.pathname} ${place.dataset.item}`;
      this.areas = Object.fromEntries(FIELDS.map((name) => [name, place.querySelector(`[data-field=${name}]`)]));
      this.revision = place.querySelector("[data-revision]");
      this.line = place.querySelector("[data-saved]");
      this.base = this.texts(); // what the server had when we last knew
      this.theirs = null;
      this.restore();
      place.addEventListener("input", () => this.changed());
      place.addEventListener("click", (event) => this.decide(event));
    }

    texts() {
      return Object.fromEntries(FIELDS.map((name) => [name, plain(this.areas[name].value)]));
    }

    isClean() {
      const mine = this.texts();
      return FIELDS.every((name) => mine[name] === this.base[name]);
    }

    // The copy of an earlier visit that never reached the server.
    restore() {
      let copy = null;
      try {
        copy = JSON.parse(localStorage.getItem(this.key) || "null");
      } catch {
        return;
      }
      if (!copy) return;
      if (FIELDS.every((name) => copy.mine[name] === this.base[name])) return localStorage.removeItem(this.key);
      for (const name of FIELDS) this.areas[name].value = copy.mine[name];
      this.base = copy.base;
      this.revision.value = copy.revision;
      say("Text, der noch nicht gespeichert war, ist wieder da.");
      this.save();
    }

    changed() {
      try {
        const copy = { mine: this.texts(), base: this.base, revision: this.revision.value };
        localStorage.setItem(this.key, JSON.stringify(copy));
      } catch {
        // no storage in this browser: saving still works
      }
      this.line.textContent = "";
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), PAUSE);
    }

    save() {
      if (this.theirs || this.saving) return;
      if (this.isClean()) return this.done();
      this.saving = this.bring().finally(() => (this.saving = null));
    }

    async bring() {
      const sent = this.texts();
      let answer = null;
      try {
        answer = await this.send(sent);
      } catch {
        this.fail("Kein Netz. Ihr Text bleibt in diesem Browser und wird gespeichert, sobald es geht.");
      }
      if (answer) this.take(answer, sent);
    }

    async send(sent) {
      const body = new URLSearchParams({ ...sent, revision: this.revision.value });
      const stop = new AbortController();
      const clock = setTimeout(() => stop.abort(), 15_000);
      const options = { method: "POST", body, headers: { "X-CSRFToken": csrf }, redirect: "manual", signal: stop.signal };
      try {
        const answer = await fetch(this.place.dataset.address, options);
        const isJson = (answer.headers.get("Content-Type") || "").includes("application/json");
        return { status: answer.status, body: isJson ? await answer.json() : {} };
      } finally {
        clearTimeout(clock);
      }
    }

    take({ status, body }, sent) {
      if (status === 200) {
        this.base = sent;
        this.revision.value = body.revision;
        if (this.isClean()) this.done();
        else this.changed(); // somebody typed on while it was under way
      } else if (status === 409) {
        this.join(body);
      } else if (status === 422) {
        this.fail(body.problem);
      } else if (status >= 500) {
        this.fail("Der Server antwortet gerade nicht. Ihr Text bleibt in diesem Browser und wird gespeichert, sobald es geht.");
      } else {
        this.fail("Speichern ist gerade nicht erlaubt. Ihr Text bleibt in diesem Browser: Melden Sie sich neu an und öffnen Sie diese Seite wieder.");
      }
    }

    done() {
      localStorage.removeItem(this.key);
      const now = new Date();
      this.line.textContent = `gespeichert ${now.getHours()}:${String(now.getMinutes()).padStart(2, "0")} Uhr`;
      if (failed.delete(this) && !failed.size) say("Alles ist wieder gespeichert.");
    }

    fail(text) {
      failed.add(this);
      say(text);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), RETRY);
    }

    // Somebody else saved this item: take over what only they changed, ask where both changed the same field.
    join(body) {
      const mine = this.texts();
      const theirs = Object.fromEntries(FIELDS.map((name) => [name, plain(body[name])]));
      const both = FIELDS.filter((name) => mine[name] !== theirs[name] && mine[name] !== this.base[name] && theirs[name] !== this.base[name]);
      for (const name of FIELDS) {
        if (mine[name] === this.base[name] && theirs[name] !== mine[name]) this.areas[name].value = theirs[name];
      }
      this.base = theirs;
      this.revision.value = body.revision;
      this.changed(); // the copy in the browser knows the new state, too
      if (both.length) this.ask(both, theirs);
    }

    ask(names, theirs) {
      clearTimeout(this.timer);
      this.theirs = { names, theirs };
      const box = document.getElementById("widerspruch").content.firstElementChild.cloneNode(true);
      box.querySelector("[data-other]").textContent = names.map((name) => theirs[name]).join("\n\n");
      this.place.append(box);
      failed.add(this);
      say("Eine andere Person hat zur selben Zeit am selben Punkt geschrieben. Beide Fassungen stehen dort; wählen Sie.");
    }

    decide(event) {
      const choice = event.target.closest("button")?.dataset.choose;
      if (!choice || !this.theirs) return;
      event.preventDefault();
      const { names, theirs } = this.theirs;
      for (const name of names) {
        const area = this.areas[name];
        if (choice === "both") area.value = `${theirs[name]}\n\n${plain(area.value)}`;
        if (choice === "theirs") area.value = theirs[name];
      }
      this.theirs = null;
      this.place.querySelector("[data-conflict]").remove();
      this.areas[names[0]].focus();
      this.changed();
      this.save();
    }
  }

  const items = [...form.querySelectorAll("[data-item]")].map((place) => new Item(place));
  // The button must not overtake a saving that is under way: its revision would be an old one.
  form.addEventListener("submit", async (event) => {
    const underWay = items.map((item) => item.saving).filter(Boolean);
    items.forEach((item) => clearTimeout(item.timer));
    if (!underWay.length) return;
    event.preventDefault();
    await Promise.all(underWay);
    form.requestSubmit(event.submitter);
  });
  // An untouched item may be an old copy of what somebody else has changed since: it does not go with the button.
  form.addEventListener("formdata", (event) => {
    const untouched = items.filter((item) => !item.theirs && item.isClean());
    for (const item of untouched) FIELDS.forEach((name) => event.formData.delete(item.areas[name].name));
  });
  window.addEventListener("online", () => items.forEach((item) => item.save()));
})();
