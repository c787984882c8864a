// What the device has, in the browser's IndexedDB. A change is one transaction, so two tabs do not undo each other, and
// what was promised survives the end of the page.

import { SignedOut } from './sync/client.js';
import { Device } from './sync/device.js';
import { openDB } from './vendor/idb.js';

export async function openStore() {
  const database = await openDB('steward', 1, {
    upgrade: (database) => database.createObjectStore('values'),
  });
  return new Store(database);
}

class Store {
  #database;
  /** To and from the other tabs. */
  #channel = new BroadcastChannel('steward');
  #changed = () => {};

  constructor(database) {
    this.#database = database;
  }

  /**
   * @param changed Called after each change in this tab.
   * @param heard Called with what another tab says; nothing where it has changed something.
   */
  listen(changed, heard) {
    this.#changed = changed;
    this.#channel.onmessage = ({ data }) => heard(data);
  }

  /** Says something to the other tabs. */
  say(what) {
    this.#channel.postMessage(what);
  }

  /** As {@link change}, for whoever is signed in with a session and for nobody after him. */
  within(session) {
    return { change: (work) => this.change(work, session) };
  }

  async change(work, session) {
    const transaction = this.#database.transaction('values', 'readwrite', { durability: 'strict' });
    const { store } = transaction;
    const [before, current] = await Promise.all([store.get('device'), store.get('session')]);
    let result, device;
    try {
      if (session !== undefined && session !== current?.id) throw new SignedOut();
      device = new Device(structuredClone(before));
      result = work(device);
    } catch (error) {
      transaction.abort();
      await transaction.done.catch(() => {});
      throw error;
    }
    const isChanged = JSON.stringify(device.state) !== JSON.stringify(before);
    if (isChanged) await store.put(device.state, 'device');
    await transaction.done;
    if (isChanged) this.#tell();
    return result;
  }

  /** The device as it is now. */
  async read() {
    return new Device(await this.#database.get('values', 'device'));
  }

  /** `{ id, token }` where somebody is signed in. */
  session() {
    return this.#database.get('values', 'session');
  }

  /** The name of the user whose record and edits these are. */
  owner() {
    return this.#database.get('values', 'owner');
  }

  async isOffline() {
    return (await this.#database.get('values', 'offline')) === true;
  }

  async setOffline(isOffline) {
    await this.#database.put('values', isOffline, 'offline');
    this.#tell();
  }

  async signIn(token, owner) {
    const transaction = this.#database.transaction('values', 'readwrite');
    const { store } = transaction;
    const session = { id: crypto.randomUUID(), token };
    await Promise.all([store.put(session, 'session'), store.put(owner, 'owner'), transaction.done]);
    this.#tell();
  }

  /** Forgets the token alone: it has ended. */
  async forgetToken() {
    await this.#database.delete('values', 'session');
    this.#tell();
  }

  /** Forgets the token and all that was pulled and queued. */
  async signOut() {
    const transaction = this.#database.transaction('values', 'readwrite');
    await Promise.all([transaction.store.clear(), transaction.done]);
    this.#tell();
  }

  #tell() {
    this.say({});
    this.#changed();
  }
}
