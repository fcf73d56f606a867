// "Zitat kopieren": one button instead of opening the quotation, selecting it and copying it by hand.
// Without this file the quotation stays a text that can be opened and selected.
for (const details of document.querySelectorAll("[data-quotation]")) {
  const words = details.querySelector(".quotation__words");
  const button = document.createElement("button");
  const state = document.createElement("span");
  button.type = "button";
  button.className = "link-button";
  button.textContent = "Zitat kopieren";
  const about = details.querySelector("summary .kern-sr-only");
  if (about) button.append(about.cloneNode(true));
  state.setAttribute("role", "status");
  state.className = "quotation__state";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(words.textContent.trim().replace(/\s+/g, " "));
      state.textContent = "Kopiert.";
    } catch {
      // No clipboard here (an old browser, no https): show the words and mark them.
      details.hidden = false;
      details.open = true;
      getSelection().selectAllChildren(words);
      state.textContent = "Das Zitat ist markiert: Kopieren Sie es mit Strg+C.";
    }
  });
  details.before(button, state);
  details.hidden = true;
}
