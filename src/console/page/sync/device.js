// A device as docs/sync.md and docs/conflicts.md tell its writer to build it: what it has of its user, and a queue of
// edits. It does nothing by itself: it says what to send next, and is told what was answered. All of its state is plain
// data, so that whoever holds it can store it before anything is sent.

import { groupOf, qualified, requestOf, touches } from './entry.js';
import { Replica, nameOf, setValue, stampOf, valueOf } from './replica.js';

/** Answers after which the same bytes go out again under the same key: nothing was decided. */
const isUndecided = ({ status, body }) =>
  status === 429 || status >= 500 || (status === 409 && body?.errors?.[0]?.code === 'in_flight');

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** Whether an edit is made on something that another edit of the same record sets. */
const isOnTop = (entry, other) =>
  entry.deed === 'delete' || Object.keys(other.sets).some((member) => groupOf(member).some((one) => one in entry.was));

export class Device {
  /**
   * @param state What `state` of another one was.
   * @param newId Makes UUIDs: keys, and the ids of new rows.
   */
  constructor(state = {}, newId = () => crypto.randomUUID()) {
    this.replica = new Replica(state.replica);
    this.queue = state.queue ?? [];
    this.newId = newId;
  }

  /** All that has to be stored. */
  get state() {
    return { replica: this.replica.state, queue: this.queue };
  }

  // What the user does.

  /** A record as it is shown now, with the base of an edit that is made on it: to be kept while somebody types. */
  sight(record) {
    const shown = this.shown().get(record);
    return shown && { resource: shown.resource, base: this.#stamp(record) };
  }

  /**
   * Sets members of the user or of a row. Values that are shown already are left out; null where nothing is left. What was
   * refused of the record before goes along, mended.
   * @param seen What its user saw when he began (`sight`).
   */
  update(record, sets, seen = this.sight(record)) {
    const shown = this.shown().get(record);
    if (shown === undefined || seen === undefined) throw new Error(`${record} is not here`);
    const changed = Object.entries(sets).filter(([member, value]) => !same(valueOf(shown.resource, member), value));
    if (changed.length === 0) return null;
    const members = new Set(changed.flatMap(([member]) => groupOf(member)));
    const was = Object.fromEntries([...members].map((member) => [member, valueOf(seen.resource, member)]));
    const refused = this.queue.find((entry) => entry.record === record && entry.state === 'refused');
    if (refused !== undefined) return this.#mend(refused, Object.fromEntries(changed), was);
    return this.#push({ record, deed: 'update', sets: Object.fromEntries(changed), was }, seen.base);
  }

  /** Makes a row; the id is the device's own, so that later edits can name the row before the server knows of it. */
  create(type, attributes) {
    return this.#push({ record: `${type}/${this.newId()}`, deed: 'create', sets: attributes, was: {} });
  }

  /** Deletes a row. One that the server has not heard of is taken out of the queue instead. */
  delete(record) {
    const unsent = this.queue.every((entry) => entry.record !== record || entry.request === null);
    if (unsent && this.queue.some((entry) => entry.record === record && entry.deed === 'create')) {
      this.queue = this.queue.filter((entry) => entry.record !== record);
      return null;
    }
    return this.#push({ record, deed: 'delete', sets: {}, was: {} }, this.#stamp(record));
  }

  #push(edit, base = null) {
    const entry = { ...edit, key: this.newId(), base, pinned: false, request: null, state: 'queued', problem: null };
    // What an edit before it hides was not seen: what is made on top of that has no newer base. An edit that was answered
    // with a newer state than has been pulled is on that state, and this one is not.
    const under = this.queue.findLast((other) => other.record === entry.record && isOnTop(entry, other));
    if (under !== undefined) {
      entry.pinned = under.pinned;
      // Stamps are compared as texts.
      if (base === null || under.base === null || under.base < base) entry.base = under.base;
    }
    this.queue.push(entry);
    return entry;
  }

  /** The stamp of the state of a record that is here. The user's is that of the whole, which his rows move too. */
  #stamp(record) {
    if (record === this.replica.user) return this.replica.stamp;
    const here = this.replica.resources[record];
    return here === undefined ? null : stampOf(here);
  }

  /**
   * All resources with what is queued on top: a map of names to `{ resource, pending, isNew }`, where `pending` are the
   * names of the members that the server has not taken yet.
   */
  shown() {
    const shown = new Map(
      Object.entries(this.replica.resources).map(([name, resource]) => [
        name,
        { resource: structuredClone(resource), pending: new Set(), isNew: false },
      ]),
    );
    for (const entry of this.queue) {
      if (entry.deed === 'delete') {
        shown.delete(entry.record);
        continue;
      }
      if (entry.deed === 'create') {
        const [type, id] = entry.record.split('/');
        shown.set(entry.record, { resource: { type, id, attributes: {} }, pending: new Set(), isNew: true });
      }
      const target = shown.get(entry.record);
      if (target === undefined) continue;
      for (const [member, value] of Object.entries(entry.sets)) {
        setValue(target.resource, member, value);
        target.pending.add(member);
      }
    }
    return shown;
  }

  // What is sent.

  /**
   * The next request, or null. It is part of the state from now on: what was sent once is sent again byte for byte until
   * there is an answer, since it may have happened.
   * @param now The time of the device, as a text.
   */
  next(now) {
    const entry = this.#first();
    if (entry === undefined) return null;
    entry.request ??= requestOf(entry, now);
    return { key: entry.key, ...entry.request };
  }

  /** Whether there is something to send. */
  get hasNext() {
    return this.#first() !== undefined;
  }

  /** What is in doubt goes first: nobody knows whether it has happened. */
  #first() {
    const inDoubt = this.queue.find((entry) => entry.request !== null);
    return inDoubt ?? this.queue.find((entry, place) => this.#mayGo(entry, place));
  }

  /** Whether an edit can go out: the edits of the same record before it are answered, and its base is known. */
  #mayGo(entry, place) {
    const before = this.queue.slice(0, place);
    const isFree = before.every((other) => other.record !== entry.record);
    return entry.state === 'queued' && isFree && (entry.base !== null || entry.deed === 'create');
  }

  /**
   * Hears an answer.
   * @param key That of the request.
   * @param answer `{ status, replayed, body }`: whether it has `Idempotent-Replayed`, and its document, or null.
   * @returns 'again' to wait and ask for the next request, 'sign-in' where a new token is wanted, 'pull' where the record
   *   that is here is not that of the answer, 'done'.
   */
  hear(key, answer) {
    const entry = this.queue.find((one) => one.key === key);
    if (entry === undefined) return 'done';
    if (isUndecided(answer)) return 'again';
    if (answer.status === 401) return 'sign-in';
    entry.request = null;
    if (answer.status < 300) return this.#done(entry, answer);
    const [error] = answer.body?.errors ?? [];
    if (answer.status === 409 && error?.code === 'stale') return this.#stale(entry, error.meta);
    return this.#refused(entry, answer.body?.errors ?? []);
  }

  #drop(entry) {
    this.queue = this.queue.filter((other) => other !== entry);
  }

  #done(entry, { body, replayed }) {
    this.#drop(entry);
    const merged = qualified(entry.record, body?.meta?.merged ?? []);
    this.#pin(merged);
    const { user } = this.replica;
    const isWhole = merged.length === 0 && !replayed;
    const step = body?.meta?.user;
    if (step !== undefined) this.#moved(user, step.previous_updated_in_db_at, step.updated_in_db_at, isWhole);
    const resource = body?.data;
    if (resource?.attributes !== undefined && nameOf(resource) === entry.record) {
      this.#moved(entry.record, entry.base, stampOf(resource), isWhole);
    }
    if (entry.deed === 'delete') this.replica.remove(entry.record);
    // An answer that is repeated is of the state in which it was first given, which may be older than what is here.
    if (resource?.attributes !== undefined && !replayed) this.replica.take(resource);
    return isWhole && entry.deed !== 'delete' ? 'done' : 'pull';
  }

  /** A record has gone from one state to the next by an edit of this device: what was made on the one goes on the other. */
  #moved(record, before, now, isWhole) {
    for (const later of this.queue) {
      if (later.record !== record || later.request !== null) continue;
      if (!later.pinned && later.base === before) later.base = now;
      if (later.problem?.stamp === before) later.problem.stamp = now;
    }
    if (record === this.replica.user && this.replica.stamp === before && isWhole) this.replica.stamp = now;
  }

  /** What is queued and sets what others have changed was made without knowing of it. */
  #pin(names) {
    for (const entry of this.queue) {
      entry.pinned ||= names.some((name) => touches(entry, name));
    }
  }

  #stale(entry, { updated_in_db_at: stamp, changed, conflicting }) {
    const others = this.queue.filter((other) => other !== entry);
    for (const name of qualified(entry.record, Object.keys(changed ?? {}))) {
      for (const other of others) other.pinned ||= touches(other, name);
    }
    for (const other of others) {
      const isMadeOnTheSame = other.record === entry.record && other.base === entry.base;
      if (isMadeOnTheSame && !other.pinned && other.request === null) other.base = stamp;
    }
    if (changed === undefined) {
      // The record never had that state: what others did is told by a pull of all.
      this.replica.doubt();
      entry.state = 'conflict';
      entry.problem = { stamp: null, theirs: {}, conflicting: null };
    } else if (conflicting.length === 0 && entry.deed !== 'delete') {
      this.#again(entry, stamp);
    } else {
      entry.state = 'conflict';
      entry.problem = { stamp, theirs: changed, conflicting };
    }
    return 'pull';
  }

  #refused(entry, errors) {
    const codes = errors.map((error) => error.code);
    const isGone = codes.includes('not_found') || codes.includes('deleted');
    // It happened before: the key was forgotten meanwhile, the id was not.
    const wasDone = entry.deed === 'create' ? codes.includes('duplicate') : entry.deed === 'delete' && isGone;
    if (wasDone) {
      this.#drop(entry);
      return 'pull';
    }
    entry.state = isGone ? 'gone' : 'refused';
    entry.problem = { errors };
    return 'pull';
  }

  /** What is decided anew is another request. */
  #again(entry, base) {
    Object.assign(entry, { key: this.newId(), base, pinned: false, request: null, state: 'queued', problem: null });
  }

  // What is pulled.

  /** Applies the answer to a pull since a version; whether there is more to pull at once. */
  pull(document, since = this.replica.version) {
    const more = this.replica.pull(document, since);
    if (more) return true;
    const isMade = (record) => this.queue.some((entry) => entry.record === record && entry.deed === 'create');
    for (const entry of this.queue) {
      const isUnknown = entry.state === 'conflict' && entry.problem.conflicting === null;
      const hasNoBase = entry.state === 'queued' && entry.base === null && !isMade(entry.record);
      if (isUnknown || hasNoBase) this.#compare(entry);
    }
    return false;
  }

  /** Finds out from what is here what the server could not tell. */
  #compare(entry) {
    const here = this.replica.resources[entry.record];
    if (here === undefined) {
      entry.state = 'gone';
      entry.problem = { errors: [] };
      return;
    }
    const stamp = this.#stamp(entry.record);
    const isTheirs = (member) => !same(valueOf(here, member), entry.was[member] ?? null);
    const isMine = (member) => !(member in entry.sets) || same(valueOf(here, member), entry.sets[member]);
    const contradicts = (member) => groupOf(member).some(isTheirs) && !groupOf(member).every(isMine);
    const conflicting = Object.keys(entry.sets).filter(contradicts);
    if (conflicting.length === 0 && entry.deed !== 'delete') {
      this.#again(entry, stamp);
    } else {
      const theirs = conflicting.flatMap(groupOf).map((member) => [member, valueOf(here, member)]);
      entry.state = 'conflict';
      entry.problem = { stamp, theirs: Object.fromEntries(theirs), conflicting };
    }
  }

  // What the user decides.

  /**
   * The conflict of an entry as people are asked about it: for each thing mine, theirs, and what it was when I began, by
   * the names of its members: one, or those of a date. Empty where the whole record is in question, as where it was to be
   * deleted.
   */
  questions(entry) {
    const { conflicting, theirs } = entry.problem ?? {};
    const groups = new Map((conflicting ?? []).map((member) => [groupOf(member)[0], groupOf(member)]));
    const asked = [...groups].filter(([, members]) => members.some((member) => member in entry.sets));
    const here = this.replica.resources[entry.record];
    return asked.map(([member, members]) => {
      const of = (value) => Object.fromEntries(members.map((one) => [one, value(one) ?? null]));
      const their = (one) => (one in theirs ? theirs[one] : here && valueOf(here, one));
      const mine = (one) => (one in entry.sets ? entry.sets[one] : entry.was[one]);
      return { member, mine: of(mine), theirs: of(their), base: of((one) => entry.was[one]) };
    });
  }

  /**
   * Decides a conflict: 'mine', 'theirs', or for each question one of the two, by its `member`. What was decided on is the
   * state that the server told of; if others change it once more, the server asks once more.
   */
  decide(key, choice) {
    const entry = this.#waiting(key, 'conflict');
    const isTheirs = (member) => (typeof choice === 'string' ? choice : choice[member]) === 'theirs';
    const { stamp, theirs } = entry.problem;
    if (entry.deed === 'delete' && isTheirs('')) {
      this.#drop(entry);
      return;
    }
    const mine = [];
    for (const question of this.questions(entry)) {
      for (const [member, value] of Object.entries(question.theirs)) entry.was[member] = value;
      if (isTheirs(question.member)) {
        for (const member of Object.keys(question.mine)) {
          delete entry.sets[member];
          delete entry.was[member];
        }
      } else {
        // What is one thing is kept as one.
        Object.assign(entry.sets, question.mine);
        mine.push(...Object.keys(question.mine));
      }
    }
    this.#free(entry, { stamp, theirs, mine });
    if (entry.deed === 'update' && Object.keys(entry.sets).length === 0) {
      this.#drop(entry);
      return;
    }
    this.#again(entry, stamp);
  }

  /** What was made on top of an edit that its user keeps, and of nothing else that others changed, is made on its state. */
  #free(entry, { stamp, theirs, mine }) {
    const unseen = qualified(entry.record, Object.keys(theirs).filter((member) => !mine.includes(member)));
    for (const later of this.queue) {
      const isOn = later !== entry && later.record === entry.record && later.request === null;
      if (isOn && later.state === 'queued' && !unseen.some((name) => touches(later, name))) {
        Object.assign(later, { base: stamp, pinned: false });
      }
    }
  }

  /** Gives an edit up. */
  discard(key) {
    const entry = this.queue.find((one) => one.key === key);
    if (entry === undefined || entry.state === 'queued') throw new Error('only what waits can be given up');
    const { record, deed, sets, was } = entry;
    const later = this.queue.slice(this.queue.indexOf(entry)).filter((other) => other.record === record);
    // Who edited on top of it has seen it, though it never was.
    for (const member of Object.keys(sets)) {
      const next = later.find((other) => other !== entry && member in other.was);
      if (next !== undefined) next.was[member] = was[member];
    }
    this.#drop(entry);
    // What was made on a row that never came to be can't be sent either.
    if (deed === 'create' || entry.state === 'gone') {
      this.queue = this.queue.filter((other) => other.record !== record || other.request !== null);
    }
  }

  /** Sends a refused edit once more with other values. */
  #mend(entry, sets, was) {
    Object.assign(entry.sets, sets);
    entry.was = { ...was, ...entry.was };
    this.#again(entry, entry.base);
    return entry;
  }

  #waiting(key, state) {
    const entry = this.queue.find((one) => one.key === key);
    if (entry?.state !== state) throw new Error(`there is no ${state} of this key`);
    return entry;
  }
}
