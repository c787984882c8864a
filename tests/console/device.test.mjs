// The rules of docs/sync.md and docs/conflicts.md for a client, on the device alone: what it sends, and what it makes of
// the answers. That many devices converge on a bad network is proven by the model test (tests/model/).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Device } from '../../src/console/page/sync/device.js';

const USER = 'users/1';
const SITE = 'websites/2';
const at = (second) => `2022-01-12T17:18:${String(second).padStart(2, '0')}Z`;

const user = (attributes, second) => ({ type: 'users', id: '1', attributes: { ...attributes, updated_in_db_at: at(second) } });
const site = (attributes, second) => ({ type: 'websites', id: '2', attributes: { ...attributes, updated_in_db_at: at(second) } });

/** A device that has pulled the state of second 1. */
function device() {
  let made = 0;
  const device = new Device({}, () => `id-${++made}`);
  device.pull({
    data: [user({ first_name: 'Rey', employer: null, preferences: { locale: 'en' } }, 1), site({ url: 'https://a.example' }, 1)],
    meta: { version: 1, updated_in_db_at: at(1), more: false },
  });
  return device;
}

const sent = (device) => {
  const request = device.next('2022-02-02T00:00:00Z');
  return request && { ...request, document: JSON.parse(request.body) };
};
const attributes = (request) => request.document.data.attributes;
const answer = (status, body = null, replayed = false) => ({ status, body, replayed });
const stale = (second, changed, conflicting) =>
  answer(409, { errors: [{ code: 'stale', meta: { updated_in_db_at: at(second), sent: '', changed, conflicting } }] });
/** The questions of the first of the queue, each about one member: its name, mine, theirs, base. */
const asked = (device) =>
  device.questions(device.queue[0]).map(({ member, mine, theirs, base }) => [member, mine[member], theirs[member], base[member]]);
const refused = (status, code) => answer(status, { errors: [{ code }] });

test('an edit names the stamp of the state that it was made on, and a key of its own', () => {
  const it = device();
  it.update(USER, { first_name: 'Jack', 'preferences.locale': 'de' });
  const request = sent(it);
  assert.equal(request.method, 'PUT');
  assert.equal(request.path, '/api/v2/user');
  assert.equal(request.headers['Idempotency-Key'], request.key);
  const { updated_at: _, ...rest } = attributes(request);
  assert.deepEqual(rest, { first_name: 'Jack', preferences: { locale: 'de' }, updated_in_db_at: at(1) });
});

test('what is shown already is no edit', () => {
  const it = device();
  assert.equal(it.update(USER, { first_name: 'Rey' }), null);
  it.update(USER, { first_name: 'Jack' });
  assert.equal(it.update(USER, { first_name: 'Jack' }), null);
  assert.equal(it.queue.length, 1);
});

test('what was sent is sent again byte for byte until there is an answer', () => {
  const it = device();
  it.update(USER, { first_name: 'Jack' });
  const first = it.next('2022-02-02T00:00:00Z');
  for (const undecided of [answer(503), answer(429), answer(500), refused(409, 'in_flight')]) {
    assert.equal(it.hear(first.key, undecided), 'again');
    assert.deepEqual(it.next('2033-03-03T00:00:00Z'), first);
  }
  assert.equal(it.hear(first.key, answer(401)), 'sign-in');
  assert.deepEqual(it.next('2044-04-04T00:00:00Z'), first);
});

test('what was sent is sent again after the program has ended', () => {
  const it = device();
  it.update(USER, { first_name: 'Jack' });
  const first = it.next('2022-02-02T00:00:00Z');
  const again = new Device(structuredClone(it.state));
  assert.deepEqual(again.next('2033-03-03T00:00:00Z'), first);
});

test('one edit is under way at a time', () => {
  const it = device();
  it.update(USER, { first_name: 'Jack' });
  it.update(SITE, { url: 'https://b.example' });
  const first = sent(it);
  assert.equal(sent(it).key, first.key);
  it.hear(first.key, answer(200, { data: user({ first_name: 'Jack' }, 2) }));
  assert.equal(sent(it).path, '/api/v2/user/websites/2');
});

test('a later edit of the same record goes out with the stamp of the answer before it', () => {
  const it = device();
  it.update(USER, { first_name: 'Jack' });
  it.update(USER, { employer: 'Cru' });
  it.hear(sent(it).key, answer(200, { data: user({ first_name: 'Jack' }, 2) }));
  assert.equal(attributes(sent(it)).updated_in_db_at, at(2));
});

test('a later edit keeps its stamp where others had part in the state and it sets what they have changed', () => {
  const it = device();
  it.update(USER, { first_name: 'Jack' });
  it.update(USER, { employer: 'Cru' });
  const merged = answer(200, { data: user({ first_name: 'Jack', employer: 'Shell' }, 3), meta: { merged: ['employer'] } });
  assert.equal(it.hear(sent(it).key, merged), 'pull');
  assert.equal(attributes(sent(it)).updated_in_db_at, at(1));
});

test('a write of a row moves the stamp of the user that is known', () => {
  const it = device();
  it.update(SITE, { url: 'https://b.example' });
  it.update(USER, { first_name: 'Jack' });
  const step = { user: { id: '1', previous_updated_in_db_at: at(1), updated_in_db_at: at(2) } };
  it.hear(sent(it).key, answer(200, { data: site({ url: 'https://b.example' }, 2), meta: step }));
  assert.equal(attributes(sent(it)).updated_in_db_at, at(2));
});

test('a write of a row does not move the stamp of a user whom others have changed', () => {
  const it = device();
  it.update(SITE, { url: 'https://b.example' });
  it.update(USER, { first_name: 'Jack' });
  const step = { user: { id: '1', previous_updated_in_db_at: at(5), updated_in_db_at: at(6) } };
  it.hear(sent(it).key, answer(200, { data: site({ url: 'https://b.example' }, 6), meta: step }));
  assert.equal(attributes(sent(it)).updated_in_db_at, at(1));
});

test('the answer to a repeated write is of an older state, so it is not taken over a pull', () => {
  const it = device();
  it.update(USER, { first_name: 'Jack' });
  const { key } = sent(it);
  it.pull({ data: [user({ first_name: 'Finn' }, 9)], meta: { version: 5, updated_in_db_at: at(9), more: false } });
  assert.equal(it.hear(key, answer(200, { data: user({ first_name: 'Jack' }, 2) }, true)), 'pull');
  assert.equal(it.shown().get(USER).resource.attributes.first_name, 'Finn');
});

test('where nothing conflicts the edit is sent again with the stamp that was told, under a new key', () => {
  const it = device();
  it.update(USER, { first_name: 'Jack' });
  const first = sent(it);
  it.hear(first.key, stale(4, { employer: 'Cru' }, []));
  const second = sent(it);
  assert.notEqual(second.key, first.key);
  assert.equal(attributes(second).updated_in_db_at, at(4));
});

test('a conflict waits for the user, with mine, theirs and what it was', () => {
  const it = device();
  it.update(USER, { first_name: 'Jack', employer: 'Cru' });
  it.hear(sent(it).key, stale(4, { first_name: 'Finn', employer: 'Shell' }, ['first_name']));
  assert.equal(sent(it), null);
  assert.deepEqual(asked(it), [['first_name', 'Jack', 'Finn', 'Rey']]);
});

test('who keeps his own sends it on the state that he was told of', () => {
  const it = device();
  it.update(USER, { first_name: 'Jack' });
  it.hear(sent(it).key, stale(4, { first_name: 'Finn' }, ['first_name']));
  it.decide(it.queue[0].key, 'mine');
  const request = sent(it);
  assert.equal(attributes(request).updated_in_db_at, at(4));
  assert.equal(attributes(request).first_name, 'Jack');
  it.hear(request.key, stale(6, { first_name: 'Poe' }, ['first_name']));
  assert.deepEqual(asked(it), [['first_name', 'Jack', 'Poe', 'Finn']]);
});

test('who takes theirs sends what does not conflict, or nothing', () => {
  const it = device();
  it.update(USER, { first_name: 'Jack', employer: 'Cru' });
  it.hear(sent(it).key, stale(4, { first_name: 'Finn' }, ['first_name']));
  it.decide(it.queue[0].key, 'theirs');
  const { updated_at: _, ...rest } = attributes(sent(it));
  assert.deepEqual(rest, { employer: 'Cru', updated_in_db_at: at(4) });

  const other = device();
  other.update(USER, { first_name: 'Jack' });
  other.hear(sent(other).key, stale(4, { first_name: 'Finn' }, ['first_name']));
  other.decide(other.queue[0].key, 'theirs');
  assert.deepEqual(other.queue, []);
});

test('a merge takes for each name what the user has chosen', () => {
  const it = device();
  it.update(USER, { first_name: 'Jack', employer: 'Cru' });
  it.hear(sent(it).key, stale(4, { first_name: 'Finn', employer: 'Shell' }, ['first_name', 'employer']));
  it.decide(it.queue[0].key, { first_name: 'theirs', employer: 'mine' });
  const { updated_at: _, ...rest } = attributes(sent(it));
  assert.deepEqual(rest, { employer: 'Cru', updated_in_db_at: at(4) });
});

test('the parts of a date are one thing', () => {
  const it = device();
  it.update(USER, { birthday_day: 2, birthday_month: 3, employer: 'Cru' });
  it.hear(sent(it).key, stale(4, { birthday_day: 1 }, ['birthday_day']));
  it.decide(it.queue[0].key, 'theirs');
  assert.deepEqual(Object.keys(it.queue[0].sets), ['employer']);
});

test('an edit that was queued without knowing of what others did is asked about as well', () => {
  const it = device();
  it.update(USER, { first_name: 'Jack' });
  it.update(USER, { employer: 'Cru' });
  it.hear(sent(it).key, stale(4, { employer: 'Shell' }, []));
  it.hear(sent(it).key, answer(200, { data: user({ first_name: 'Jack', employer: 'Shell' }, 5) }));
  assert.equal(attributes(sent(it)).updated_in_db_at, at(1));
});

test('where the server can not tell what others did, a pull does', () => {
  const it = device();
  it.update(USER, { first_name: 'Jack', employer: 'Cru' });
  const meta = { updated_in_db_at: at(8), sent: '' };
  assert.equal(it.hear(sent(it).key, answer(409, { errors: [{ code: 'stale', meta }] })), 'pull');
  assert.equal(sent(it), null);
  it.pull({ data: [user({ first_name: 'Finn', employer: null }, 8)], meta: { version: 7, updated_in_db_at: at(8), more: false } });
  assert.deepEqual(asked(it), [['first_name', 'Jack', 'Finn', 'Rey']]);
});

test('a row that others have changed is not deleted without asking', () => {
  const it = device();
  it.delete(SITE);
  const request = sent(it);
  assert.deepEqual([request.method, attributes(request)], ['DELETE', { updated_in_db_at: at(1) }]);
  it.hear(request.key, stale(4, { url: 'https://c.example' }, []));
  assert.equal(it.queue[0].state, 'conflict');
  it.decide(it.queue[0].key, 'mine');
  assert.equal(attributes(sent(it)).updated_in_db_at, at(4));
});

test('a row that is gone already is deleted', () => {
  const it = device();
  it.delete(SITE);
  assert.equal(it.hear(sent(it).key, refused(404, 'not_found')), 'pull');
  assert.deepEqual(it.queue, []);
});

test('an edit of a row that others have deleted waits for the user', () => {
  const it = device();
  it.update(SITE, { url: 'https://b.example' });
  it.hear(sent(it).key, refused(404, 'not_found'));
  assert.equal(it.queue[0].state, 'gone');
  it.discard(it.queue[0].key);
  assert.deepEqual(it.queue, []);
});

test('a new row has an id of the device, by which later edits name it before the server knows of it', () => {
  const it = device();
  const { record } = it.create('websites', { url: 'https://n.example' });
  it.update(record, { url: 'https://m.example' });
  const made = sent(it);
  assert.equal(made.path, '/api/v2/user/websites');
  assert.equal(`websites/${made.document.data.id}`, record);
  const resource = { type: 'websites', id: made.document.data.id, attributes: { updated_in_db_at: at(2) } };
  it.hear(made.key, answer(201, { data: resource }));
  const changed = sent(it);
  assert.equal(changed.path, `/api/v2/user/${record}`);
  assert.equal(attributes(changed).updated_in_db_at, at(2));
});

test('a new row that was never sent leaves nothing behind when it is deleted', () => {
  const it = device();
  const { record } = it.create('websites', { url: 'https://n.example' });
  it.update(record, { url: 'https://m.example' });
  assert.equal(it.delete(record), null);
  assert.deepEqual(it.queue, []);
});

test('a POST that is refused because it has happened is done', () => {
  const it = device();
  const { record } = it.create('websites', { url: 'https://n.example' });
  it.update(record, { url: 'https://m.example' });
  it.hear(sent(it).key, refused(409, 'duplicate'));
  assert.equal(it.queue.length, 1);
  assert.equal(sent(it), null);
  const [type, id] = record.split('/');
  const made = { type, id, attributes: { url: 'https://n.example', updated_in_db_at: at(3) } };
  it.pull({ data: [made], meta: { version: 3, updated_in_db_at: at(3), more: false } });
  assert.equal(attributes(sent(it)).updated_in_db_at, at(3));
});

test('what the rules refuse waits to be mended or given up, and other records go on', () => {
  const it = device();
  it.update(USER, { first_name: '' });
  it.update(USER, { employer: 'Cru' });
  it.update(SITE, { url: 'https://b.example' });
  it.hear(sent(it).key, refused(400, 'blank'));
  assert.equal(sent(it).path, '/api/v2/user/websites/2');
  it.hear(it.queue[2].key, answer(200, { data: site({ url: 'https://b.example' }, 2) }));
  assert.equal(sent(it), null, 'a later edit of the same record waits');
  const refusedKey = it.queue[0].key;
  it.update(USER, { first_name: 'Jack', occupation: 'Pilot' });
  const mended = sent(it);
  assert.deepEqual([attributes(mended).first_name, attributes(mended).occupation], ['Jack', 'Pilot']);
  assert.notEqual(mended.key, refusedKey);
});

test('what others saved while somebody was typing is not overwritten without asking', () => {
  const it = device();
  const seen = it.sight(USER);
  it.pull({ data: [user({ first_name: 'Finn', employer: null }, 5)], meta: { version: 4, updated_in_db_at: at(5), more: false } });
  it.update(USER, { first_name: 'Jack' }, seen);
  assert.equal(attributes(sent(it)).updated_in_db_at, at(1));
  assert.deepEqual(it.queue[0].was, { first_name: 'Rey' });
});

test('what an edit that waits has hidden is not overwritten by one on top of it', () => {
  const it = device();
  it.update(USER, { first_name: 'Jack' });
  it.hear(sent(it).key, stale(4, { first_name: 'Finn' }, ['first_name']));
  it.pull({ data: [user({ first_name: 'Poe', employer: null }, 6)], meta: { version: 4, updated_in_db_at: at(6), more: false } });
  it.update(USER, { first_name: 'Jim' });
  it.decide(it.queue[0].key, 'theirs');
  assert.equal(attributes(sent(it)).updated_in_db_at, at(1));
});

test('an edit on top of one whose new state was told but not pulled keeps the base that was seen', () => {
  const it = device();
  it.update(USER, { employer: 'Cru' });
  it.hear(sent(it).key, stale(4, { first_name: 'Finn' }, []));
  it.update(USER, { employer: 'Shell', first_name: 'Jack' });
  it.hear(sent(it).key, answer(200, { data: user({ first_name: 'Finn', employer: 'Cru' }, 5) }));
  assert.equal(attributes(sent(it)).updated_in_db_at, at(1));
});

test('what was made on top of an edit that its user keeps goes out after it', () => {
  const it = device();
  it.update(USER, { first_name: 'Jack' });
  it.update(USER, { first_name: 'Jim' });
  it.hear(sent(it).key, stale(4, { first_name: 'Finn' }, ['first_name']));
  it.decide(it.queue[0].key, 'mine');
  it.hear(sent(it).key, answer(200, { data: user({ first_name: 'Jack' }, 5) }));
  assert.equal(attributes(sent(it)).updated_in_db_at, at(5));
});

test('a date is asked about as one thing, and kept or dropped as one', () => {
  const begin = () => {
    const it = device();
    it.update(USER, { birthday_month: 5 });
    it.hear(sent(it).key, stale(4, { birthday_day: 11, birthday_month: 1 }, ['birthday_month']));
    return it;
  };
  const it = begin();
  const date = (birthday_day, birthday_month) => ({ birthday_day, birthday_month, birthday_year: null });
  assert.deepEqual(it.questions(it.queue[0]), [{ member: 'birthday_day', mine: date(null, 5), theirs: date(11, 1), base: date(null, null) }]);
  it.decide(it.queue[0].key, { birthday_day: 'mine' });
  const { updated_at: _, updated_in_db_at: __, ...rest } = attributes(sent(it));
  assert.deepEqual(rest, date(null, 5));
  const other = begin();
  other.decide(other.queue[0].key, { birthday_day: 'theirs' });
  assert.deepEqual(other.queue, []);
});

test('a replica of a history that the server does not know is pulled anew, and shown until then', () => {
  const it = device();
  it.update(USER, { first_name: 'Jack' });
  const meta = { updated_in_db_at: at(8), sent: '' };
  it.hear(sent(it).key, answer(409, { errors: [{ code: 'stale', meta }] }));
  assert.equal(it.replica.nextPull, '/api/v2/user/changes');
  assert.ok(it.shown().has(SITE));
  assert.equal(it.pull({ data: [user({ first_name: 'Rey' }, 8)], meta: { version: 3, more: true } }), true);
  assert.ok(it.shown().has(SITE), 'half of it is not shown');
  it.pull({ data: [], meta: { version: 5, updated_in_db_at: at(8), more: false } });
  assert.ok(!it.shown().has(SITE));
  assert.equal(attributes(sent(it)).updated_in_db_at, at(8));
});

test('an answer to a pull of another time is not taken', () => {
  const it = device();
  it.pull({ data: [user({ first_name: 'Finn' }, 3)], meta: { version: 9, updated_in_db_at: at(3), more: false } }, 7);
  assert.equal(it.replica.version, 1);
});

test('half of a pull is no state to edit on', () => {
  const it = device();
  assert.equal(it.pull({ data: [], meta: { version: 2, more: true } }), true);
  it.update(USER, { first_name: 'Jack' });
  assert.equal(sent(it), null);
  it.pull({ data: [user({ first_name: 'Rey' }, 4)], meta: { version: 3, updated_in_db_at: at(4), more: false } });
  assert.equal(attributes(sent(it)).updated_in_db_at, at(4));
});

test('a pull brings what others did and takes away what they deleted', () => {
  const it = device();
  const gone = { type: 'deleted_records', id: '9', relationships: { deletable: { data: { type: 'websites', id: '2' } } } };
  it.pull({ data: [user({ first_name: 'Finn' }, 3), gone], meta: { version: 4, updated_in_db_at: at(3), more: false } });
  assert.equal(it.replica.nextPull, '/api/v2/user/changes?since=4');
  assert.deepEqual([...it.shown().keys()], [USER]);
});

test('what is queued is shown on top of what is pulled, and named', () => {
  const it = device();
  it.update(USER, { first_name: 'Jack' });
  it.pull({ data: [user({ first_name: 'Finn', employer: 'Cru' }, 3)], meta: { version: 4, updated_in_db_at: at(3), more: false } });
  const { resource, pending } = it.shown().get(USER);
  assert.deepEqual([resource.attributes.first_name, resource.attributes.employer], ['Jack', 'Cru']);
  assert.deepEqual([...pending], ['first_name']);
});
