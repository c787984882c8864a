// A store that forgets: for tests, and for devices without a disk.

import { Device } from './device.js';

export class MemoryStore {
  constructor(state, newId) {
    this.state = state;
    this.newId = newId;
  }

  /** Work is synchronous, and nothing comes between it and the state that it leaves. */
  async change(work) {
    const device = await this.read();
    const result = work(device);
    this.state = structuredClone(device.state);
    return result;
  }

  async read() {
    return new Device(structuredClone(this.state), this.newId);
  }
}
