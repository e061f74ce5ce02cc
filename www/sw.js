// Keeps the files of the page, so that it opens without a network. The network comes first: what is new is seen at once.
const KEPT = "gik-page-1";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  const own = origin === self.location.origin && !pathname.includes("/relay/");
  if (own && (method === "GET" || method === "HEAD")) {
    event.respondWith(answer(event, origin + pathname));
  }
});

async function answer(event, key) {
  const { request } = event;
  const cache = await caches.open(KEPT);
  try {
    const response = await fetch(request);
    if (request.method === "GET" && response.status === 200) {
      event.waitUntil(cache.put(key, response.clone()));
    } else if (response.ok && !(await cache.match(key))) {
      // Parts and heads cannot be kept; the files of the sample are small.
      event.waitUntil(cache.add(key));
    }
    return response;
  } catch (error) {
    const kept = await cache.match(key);
    if (!kept) throw error;
    return request.method === "HEAD" ? new Response(null, kept) : kept;
  }
}
