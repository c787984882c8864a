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

/** The token is not valid any more. Nothing is lost: what is queued goes out with a new one. */
export class SignedOut extends Error {}

export class Client {
  #woken = false;
  #stir = () => {};
  /** The version of the last pull; null before the first. */
  #version = null;
  #pulled = () => {};

  /**
   * @param store Holds the device: `change(work)` calls `work(device)`, stores its state, and only then returns what it
   *   returned.
   * @param fetch As that of the platform; requests go to paths.
   * @param token The bearer token.
   * @param tell Called with `{ state, detail }` where that changes: 'offline', 'syncing', 'live', 'signed-out'.
   */
  constructor({ store, fetch, token, tell = () => {}, now = () => new Date().toISOString() }) {
    Object.assign(this, { store, fetch, token, tell, now });
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
    const after = Number(answer.headers.get('retry-after') ?? 0) * 1000;
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
      const path = await this.store.change((device) => device.replica.nextPull);
      const { status, body, after } = await this.#answer(path, { headers: { Accept: 'application/vnd.api+json' } }, signal);
      if (status === 401) throw new SignedOut();
      if (status === 410) {
        await this.store.change((device) => device.replica.forget());
        continue;
      }
      if (status !== 200) throw new Unreachable(`an answer of ${status}`, after);
      const { more, version } = await this.store.change((device) => {
        const more = device.pull(body);
        return { more, version: device.replica.version };
      });
      if (!more) return version;
    }
  }

  /** Sends and pulls, and sends what only a pull could tell the base of; the version that is here then. */
  async sync(signal = new AbortController().signal) {
    for (;;) {
      await this.push(signal);
      const version = await this.pull(signal);
      if (!(await this.store.change((device) => device.hasNext))) return version;
    }
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
      let wait = null;
      try {
        this.tell({ state: 'syncing' });
        this.#version = await this.sync(signal);
        failures = 0;
        this.tell({ state: 'live' });
        this.#pulled();
      } catch (error) {
        if (signal.aborted) break;
        if (!(error instanceof Unreachable)) throw error;
        failures += 1;
        wait = Math.max(pause(failures), error.after);
        this.tell({ state: 'offline', detail: error.message });
      }
      await this.#sleep(wait, signal);
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
      // A stream that has ended is opened again at once the first time, then with growing pauses.
      failures = status === 200 && Date.now() - since > PATIENCE ? 0 : failures + 1;
      // Whatever was told meanwhile was not heard.
      this.wake();
      if (failures > 1) await slept(pause(failures), signal);
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
