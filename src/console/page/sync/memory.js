// A store that forgets: for tests, and for devices without a disk.

import { Device } from './device.js';

export class MemoryStore {
  constructor(state, newId) {
    this.state = state;
    this.newId = newId;
  }

  async change(work) {
    const device = new Device(structuredClone(this.state), this.newId);
    const result = work(device);
    this.state = structuredClone(device.state);
    return result;
  }
}
