// What the device has, in the browser's IndexedDB. A change is one transaction, so two tabs do not undo each other, and
// what was promised survives the end of the page.

import { Device } from './sync/device.js';
import { openDB } from './vendor/idb.js';

const NAMES = ['device', 'token'];

export async function openStore() {
  const database = await openDB('steward', 1, {
    upgrade: (database) => database.createObjectStore('values'),
  });
  return new Store(database);
}

class Store {
  #database;
  /** Tells the other tabs. */
  #channel = new BroadcastChannel('steward');
  #changed = () => {};

  constructor(database) {
    this.#database = database;
    this.#channel.onmessage = () => this.#changed();
  }

  /** Calls `changed` after each change, in whichever tab. */
  listen(changed) {
    this.#changed = changed;
  }

  async change(work) {
    const transaction = this.#database.transaction('values', 'readwrite', { durability: 'strict' });
    const before = await transaction.store.get('device');
    const device = new Device(structuredClone(before));
    let result;
    try {
      result = work(device);
    } catch (error) {
      transaction.abort();
      await transaction.done.catch(() => {});
      throw error;
    }
    const isChanged = JSON.stringify(device.state) !== JSON.stringify(before);
    if (isChanged) await transaction.store.put(device.state, 'device');
    await transaction.done;
    if (isChanged) this.#tell();
    return result;
  }

  /** The device as it is now. */
  async read() {
    return new Device(await this.#database.get('values', 'device'));
  }

  token() {
    return this.#database.get('values', 'token');
  }

  async signIn(token) {
    await this.#database.put('values', token, 'token');
    this.#tell();
  }

  /** Forgets the token alone: it has ended. */
  async forgetToken() {
    await this.#database.delete('values', 'token');
    this.#tell();
  }

  /** Forgets the token and all that was pulled and queued. */
  async signOut() {
    const transaction = this.#database.transaction('values', 'readwrite');
    await Promise.all([...NAMES.map((name) => transaction.store.delete(name)), transaction.done]);
    this.#tell();
  }

  #tell() {
    this.#channel.postMessage('changed');
    this.#changed();
  }
}
