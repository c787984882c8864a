// The loop around a device: it sends what is queued, pulls, and listens. Everything that could be lost is stored before
// it is shown or sent.

import { listen } from './events.js';

/** Pauses after a request that was not answered, in milliseconds: growing, and never all devices at once. */
const pause = (failures) => Math.min(60_000, 1000 * 2 ** Math.min(failures, 6)) * (0.5 + Math.random() / 2);

/** What nobody answers for so long is not answered; in milliseconds. */
const PATIENCE = 30_000;

/** The server can't be reached, or asks for a pause. */
class Unreachable extends Error {
  constructor(message, after = 0) {
    super(message);
    this.after = after;
  }
}

/** How long a server may ask to be left alone, in milliseconds. */
const LONGEST = 3_600_000;

/** So often what was refused is sent anew without a pause. */
const ROUNDS = 5;

/** What `Retry-After` asks for, in milliseconds: seconds, or a date. */
function afterOf(answer) {
  const header = answer.headers.get('retry-after') ?? '';
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Math.min(LONGEST, Math.max(0, wait || 0));
}

/** The token is not valid any more. Nothing is lost: what is queued goes out with a new one. */
export class SignedOut extends Error {}

export class Client {
  #woken = false;
  #stir = () => {};
  /** Cuts the pause before the stream is opened again. */
  #reopen = () => {};
  /** The version of the last pull; null before the first. */
  #version = null;
  #state = null;
  #pulled = () => {};

  /**
   * @param store Holds the device: `change(work)` calls `work(device)`, stores its state, and only then returns what it
   *   returned. Work is synchronous, and one is done at a time.
   * @param fetch As that of the platform; asked for paths, which a page resolves by itself.
   * @param token The bearer token.
   * @param tell Called with `{ state, detail }`: 'offline', 'syncing', 'live', 'failed', 'signed-out'.
   */
  constructor({ store, fetch, token, tell = () => {}, now = () => new Date().toISOString() }) {
    // That of the platform is not called as a method.
    this.fetch = (path, request) => fetch(path, request);
    Object.assign(this, { store, token, now });
    this.tell = (what) => {
      this.#state = what.state;
      tell(what);
    };
  }

  #send(path, { method = 'GET', headers = {}, body, signal } = {}) {
    const authorized = { ...headers, 'Authorization': `Bearer ${this.token}` };
    return this.fetch(path, { method, headers: authorized, body, signal, cache: 'no-store' });
  }

  async #answer(path, request, signal) {
    const ends = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
    let answer, text;
    try {
      answer = await this.#send(path, { ...request, signal: ends });
      text = await answer.text();
    } catch (error) {
      throw new Unreachable(error.message);
    }
    const after = afterOf(answer);
    let body = null;
    try {
      body = text === '' ? null : JSON.parse(text);
    } catch {
      // Something between here and the server has answered, which decides nothing.
      throw new Unreachable(`an answer of ${answer.status} that is no JSON`, after);
    }
    return { status: answer.status, replayed: answer.headers.has('idempotent-replayed'), body, after };
  }

  /** Sends all that is queued, one after the other. */
  async push(signal) {
    for (;;) {
      const request = await this.store.change((device) => device.next(this.now()));
      if (request === null) return;
      const { key, path, ...rest } = request;
      const answer = await this.#answer(path, rest, signal);
      const what = await this.store.change((device) => device.hear(key, answer));
      if (what === 'sign-in') throw new SignedOut();
      if (what === 'again') throw new Unreachable(`an answer of ${answer.status}`, answer.after);
    }
  }

  /** Pulls until nothing more is to be pulled; the version that is here then. */
  async pull(signal) {
    for (;;) {
      const { path, since } = await this.store.change(({ replica }) => ({ path: replica.nextPull, since: replica.version }));
      const { status, body, after } = await this.#answer(path, { headers: { Accept: 'application/vnd.api+json' } }, signal);
      if (status === 401) throw new SignedOut();
      if (status === 410) {
        await this.store.change((device) => device.replica.doubt());
        continue;
      }
      if (status !== 200) throw new Unreachable(`an answer of ${status}`, after);
      const { more, version } = await this.store.change((device) => {
        const more = device.pull(body, since);
        return { more, version: device.replica.version };
      });
      if (!more) return version;
    }
  }

  /** Sends and pulls, and sends what only a pull could tell the base of; the version that is here then. */
  async sync(signal = new AbortController().signal) {
    for (let round = 0; round < ROUNDS; round += 1) {
      await this.push(signal);
      const version = await this.pull(signal);
      if (!(await this.store.change((device) => device.hasNext))) return version;
    }
    throw new Unreachable('what is sent is refused again and again');
  }

  /** There is something to send, or the network is back. */
  wake() {
    this.#woken = true;
    this.#stir();
  }

  /** Syncs whenever there is something to send or to pull, until `signal` ends it or the token is refused. */
  async run(signal) {
    const out = new AbortController();
    const either = AbortSignal.any([signal, out.signal]);
    const first = new Promise((resolve) => {
      this.#pulled = resolve;
    });
    try {
      await Promise.all([this.#syncing(either), first.then(() => this.#listening(either))]);
    } catch (error) {
      out.abort();
      if (!(error instanceof SignedOut)) throw error;
      this.tell({ state: 'signed-out' });
    }
  }

  async #syncing(signal) {
    for (let failures = 0; !signal.aborted; ) {
      this.#woken = false;
      let [wait, after] = [null, 0];
      try {
        this.tell({ state: 'syncing' });
        this.#version = await this.sync(signal);
        failures = 0;
        this.tell({ state: 'live' });
        this.#pulled();
        this.#reopen();
      } catch (error) {
        if (signal.aborted) break;
        if (error instanceof SignedOut) throw error;
        failures += 1;
        // Anything else has gone wrong here, such as a disk that is full; it may be better later.
        const isNetwork = error instanceof Unreachable;
        after = isNetwork ? error.after : pause(failures);
        wait = Math.max(pause(failures), after);
        this.tell({ state: isNetwork ? 'offline' : 'failed', detail: error.message });
      }
      // What the server asks for is waited for, whatever the user does.
      await slept(after, signal);
      await this.#sleep(wait === null ? null : wait - after, signal);
    }
    this.#pulled();
  }

  async #listening(signal) {
    const hear = (version) => {
      if (version !== this.#version) this.wake();
    };
    const send = (path, request) => this.#send(path, request);
    for (let failures = 0; !signal.aborted; ) {
      const since = Date.now();
      const status = await listen({ send, version: this.#version, hear, signal }).catch(() => null);
      if (signal.aborted) return;
      if (status === 401) throw new SignedOut();
      // A stream that has ended is opened again at once the first time, then with growing pauses; it then begins with
      // what is new. Where it has broken, the next sync tells whether there is a network.
      failures = status === 200 && Date.now() - since > PATIENCE ? 0 : failures + 1;
      if (this.#state === 'live' && status === null) this.wake();
      const end = new AbortController();
      this.#reopen = () => end.abort();
      if (failures > 1) await slept(pause(failures), AbortSignal.any([signal, end.signal]));
    }
  }

  /** Until there is something to do, or for a while. */
  async #sleep(milliseconds, signal) {
    const end = new AbortController();
    this.#stir = () => end.abort();
    if (this.#woken) end.abort();
    await slept(milliseconds, AbortSignal.any([signal, end.signal]));
  }
}

/** Resolves after a while, or with no number never, and when `signal` ends it. */
function slept(milliseconds, signal) {
  return new Promise((resolve) => {
    let timer;
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    if (signal.aborted) return resolve();
    if (milliseconds !== null) timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end);
  });
}
