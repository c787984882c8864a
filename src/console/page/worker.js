// Keeps the page itself, so that it opens where there is no network. What it shows comes from the store (store.js).

// The server puts in what names the files of its version, so that each version has a worker of its own.
const CACHE = 'steward-console-VERSION';

/** How long the server may take before what is kept is shown, in milliseconds. */
const PATIENCE = 3000;

self.addEventListener('install', (event) => {
  const kept = async () => {
    const answer = await fetch('/console/assets.json', { cache: 'no-cache' });
    const cache = await caches.open(CACHE);
    // All of it or nothing, so that no two versions are shown together.
    await cache.addAll((await answer.json()).map((path) => new Request(path, { cache: 'reload' })));
    await self.skipWaiting();
  };
  event.waitUntil(kept());
});

self.addEventListener('activate', (event) => {
  const cleared = async () => {
    const old = (await caches.keys()).filter((name) => name !== CACHE);
    await Promise.all([...old.map((name) => caches.delete(name)), self.clients.claim()]);
  };
  event.waitUntil(cleared());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { pathname } = new URL(request.url);
  if (request.method !== 'GET' || !pathname.startsWith('/console')) return;
  const shown = async () => {
    // All answers say that they vary by `Accept`; these do not.
    const kept = await caches.open(CACHE).then((cache) => cache.match(request, { ignoreSearch: true, ignoreVary: true }));
    try {
      const answer = await fetch(request, kept && { signal: AbortSignal.timeout(PATIENCE) });
      return kept && answer.status >= 500 ? kept : answer;
    } catch (error) {
      if (kept === undefined) throw error;
      return kept;
    }
  };
  event.respondWith(shown());
});
