// Governs one check-in page: from the network if it answers in time, else the copy that check-in.js put aside.
const PATIENCE = 8000; // milliseconds

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  // Entries go past this worker: the page must know whether they arrived.
  if (method !== "GET" || new URL(url).pathname.endsWith("/eingaben/")) return;
  event.respondWith(networkOrCopy(event.request));
});

async function networkOrCopy(request) {
  const network = fetch(request).then((answer) => {
    if (answer.status >= 500) throw new Error(`status ${answer.status}`);
    return answer;
  });
  const tooLate = new Promise((_, fail) => setTimeout(() => fail(new Error("too late")), PATIENCE));
  try {
    return await Promise.race([network, tooLate]);
  } catch {
    const copy = await caches.match(request, { ignoreVary: true });
    return copy || network.catch(() => Response.error());
  }
}
