// Keeps the page itself, so that it opens where there is no network. What it shows comes from the store (store.js).

const CACHE = 'steward-console';

self.addEventListener('install', (event) => {
  const kept = async () => {
    const answer = await fetch('/console/assets.json', { cache: 'no-cache' });
    const cache = await caches.open(CACHE);
    await cache.addAll((await answer.json()).map((path) => new Request(path, { cache: 'reload' })));
    await self.skipWaiting();
  };
  event.waitUntil(kept());
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { pathname } = new URL(request.url);
  if (request.method !== 'GET' || !pathname.startsWith('/console')) return;
  const shown = async () => {
    const cache = await caches.open(CACHE);
    try {
      const answer = await fetch(request);
      if (answer.ok) await cache.put(request, answer.clone());
      return answer;
    } catch (error) {
      // All answers say that they vary by `Accept`; these do not.
      const kept = await cache.match(request, { ignoreSearch: true, ignoreVary: true });
      if (kept === undefined) throw error;
      return kept;
    }
  };
  event.respondWith(shown());
});
