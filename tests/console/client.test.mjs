// The loop around a device: what it does when the network fails, and how it listens.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { Client } from '../../src/console/page/sync/client.js';
import { parse } from '../../src/console/page/sync/events.js';
import { MemoryStore } from '../../src/console/page/sync/memory.js';

const USER = 'users/1';
const user = (first_name, second) => ({
  type: 'users',
  id: '1',
  attributes: { first_name, updated_in_db_at: `2022-01-12T17:18:0${second}Z` },
});
const json = (status, body, headers = {}) => new Response(status === 204 ? null : JSON.stringify(body), { status, headers });
const pulled = (data, version) =>
  json(200, { data, meta: { version, updated_in_db_at: '2022-01-12T17:18:01Z', more: false } });

/** A client whose requests are answered by `answer(request, number)`; what was asked is kept. */
function client(answer, rest = {}) {
  const asked = [];
  const store = new MemoryStore({}, randomUUID);
  const fetch = async (path, request) => {
    asked.push({ path, ...request });
    return answer({ path, ...request }, asked.length);
  };
  return { asked, store, client: new Client({ store, fetch, token: 'secret', now: () => '2022-02-02T00:00:00Z', ...rest }) };
}

test('a request whose answer was lost is sent again byte for byte, and was stored before it was sent', async () => {
  let isLost = true;
  let stored;
  const it = client(({ method }) => {
    if (method === 'GET') return pulled([user('Rey', 1)], 1);
    stored = it.store.state.queue[0].request;
    if (!isLost) return json(200, { data: user('Jack', 2) });
    isLost = false;
    throw new TypeError('no network');
  });
  await it.client.sync();
  await it.store.change((device) => device.update(USER, { first_name: 'Jack' }));
  await assert.rejects(it.client.sync(), { message: 'no network' });
  await it.client.sync();
  const [first, second] = it.asked.filter(({ method }) => method === 'PUT');
  assert.equal(first.body, stored.body);
  assert.equal(second.body, first.body);
  assert.equal(second.headers['Idempotency-Key'], first.headers['Idempotency-Key']);
  assert.deepEqual(it.store.state.queue, []);
});

test('the token travels in a header and in nothing else', async () => {
  const it = client(() => pulled([user('Rey', 1)], 1));
  await it.client.sync();
  const [{ path, headers, body }] = it.asked;
  assert.equal(headers.Authorization, 'Bearer secret');
  assert.ok(!path.includes('secret') && body === undefined);
  assert.ok(!JSON.stringify(it.store.state).includes('secret'));
});

test('an answer that is no JSON decides nothing', async () => {
  const it = client(({ method }) => (method === 'GET' ? pulled([user('Rey', 1)], 1) : new Response('<html>', { status: 404 })));
  await it.client.sync();
  await it.store.change((device) => device.update(USER, { first_name: 'Jack' }));
  await assert.rejects(it.client.sync(), { message: 'an answer of 404 that is no JSON' });
  assert.equal(it.store.state.queue[0].state, 'queued');
});

test('a pull goes on while there is more, and begins anew where the server has forgotten', async () => {
  const answers = [
    json(200, { data: [user('Rey', 1)], meta: { version: 1, more: true } }),
    pulled([], 2),
    json(410, { errors: [{ code: 'sync_horizon' }] }),
    pulled([user('Finn', 1)], 9),
  ];
  const it = client(() => answers.shift());
  assert.equal(await it.client.sync(), 2);
  assert.equal(await it.client.sync(), 9);
  const paths = it.asked.map(({ path }) => path);
  const changes = '/api/v2/user/changes';
  assert.deepEqual(paths, [changes, `${changes}?since=1`, `${changes}?since=2`, changes]);
});

test('a Retry-After of seconds or a date is kept, and none of them is believed for ever', async () => {
  for (const [header, least, most] of [['7', 7000, 7000], [new Date(Date.now() + 60_000).toUTCString(), 58_000, 60_000], ['99999999', 3_600_000, 3_600_000], ['soon', 0, 0]]) {
    const it = client(() => json(503, { errors: [] }, { 'Retry-After': header }));
    const { after } = await it.client.sync().catch((error) => error);
    assert.ok(after >= least && after <= most, `${header}: ${after}`);
  }
});

test('a pause that the server asks for is not cut short by what the user does', async () => {
  const end = new AbortController();
  const it = client(() => json(503, { errors: [] }, { 'Retry-After': '60' }), { tell: ({ state }) => state === 'offline' && queueMicrotask(wake) });
  let woken = 0;
  function wake() {
    it.client.wake();
    woken += 1;
    setTimeout(() => end.abort(), 50);
  }
  await it.client.run(end.signal);
  assert.equal(woken, 1);
  assert.equal(it.asked.length, 1);
});

test('where the token is refused the loop ends, and what is queued stays', async () => {
  const told = [];
  const it = client(() => json(401, { errors: [{ code: 'unauthorized' }] }), { tell: ({ state }) => told.push(state) });
  await it.client.run(new AbortController().signal);
  assert.deepEqual(told, ['syncing', 'signed-out']);
});

test('an event of a newer version brings a pull', async () => {
  const end = new AbortController();
  let version = 1;
  let events;
  const it = client(({ path, signal }) => {
    if (!path.endsWith('/events')) {
      if (version === 5) queueMicrotask(() => end.abort());
      return pulled([user('Rey', 1)], version);
    }
    events = new TransformStream();
    const writer = events.writable.getWriter();
    signal.addEventListener('abort', () => writer.abort().catch(() => {}));
    version = 5;
    writer.write(new TextEncoder().encode(':\n\nid: 5\ndata: {}\n\n')).catch(() => {});
    return new Response(events.readable, { status: 200 });
  });
  await it.client.run(end.signal);
  assert.equal(it.store.state.replica.version, 5);
  assert.equal(it.asked.find(({ path }) => path.endsWith('/events')).headers['Last-Event-ID'], '1');
});

test('events are read however the stream is cut', async () => {
  const text = ':\n\nid: 2\r\ndata: {"a":1}\r\n\r\nid: 3\ndata: x\ndata: y\n\nid: 4\n\n';
  for (const size of [1, 2, 3, 7, 100]) {
    const pieces = [];
    for (let i = 0; i < text.length; i += size) pieces.push(text.slice(i, i + size));
    const events = [];
    for await (const event of parse(pieces)) events.push(event);
    assert.deepEqual(events, [{ id: '2', data: '{"a":1}' }, { id: '3', data: 'x\ny' }], `pieces of ${size}`);
  }
});
