// The reference client (src/console/page/sync/) without a page: devices in one process, told what to do by lines of JSON.
// Whatever its users would be asked is decided as the line that made the device says.

import { createInterface } from 'node:readline';

import { Device } from '../../src/console/page/sync/device.js';

const devices = new Map();

/** Ids as the other devices of the test make them: `00000000-0000-4000-8000-<device><number>`. */
function ids(number) {
  let made = 0;
  const digits = (n) => String(n).padStart(6, '0');
  return () => `00000000-0000-4000-8000-${digits(number)}${digits((made += 1))}`;
}

const isOf = (type) => (name) => name.startsWith(`${type}/`);

/** What its user does. What is not there can't be edited. */
function edit(device, parts) {
  const sets = Object.fromEntries(parts.filter(({ set }) => set !== undefined).map(({ set, value }) => [set, value]));
  if (Object.keys(sets).length > 0) device.update(device.replica.user, sets);
  for (const { deed, type, pick, attribute, value } of parts.filter(({ set }) => set === undefined)) {
    if (deed === 'make') {
      device.create(type, { [attribute]: value });
      continue;
    }
    const rows = [...device.shown().keys()].filter(isOf(type));
    if (rows.length === 0) continue;
    const record = rows[pick % rows.length];
    if (deed === 'delete') device.delete(record);
    else device.update(record, { [attribute]: value });
  }
}

/** Answers whatever waits for the user; what nobody can answer without a pull waits. */
function decide(device, choice) {
  for (const entry of [...device.queue]) {
    if (entry.state === 'conflict' && entry.problem.conflicting !== null) device.decide(entry.key, choice);
    else if (entry.state === 'gone' || entry.state === 'refused') device.discard(entry.key);
  }
}

const WORK = {
  begin: ({ device: number, choice }, pull) => {
    const device = new Device({}, ids(number));
    device.pull(pull);
    devices.set(number, { device, choice });
  },
  edit: ({ parts }, _, { device }) => edit(device, parts),
  next: ({ now }, _, held) => {
    const { device, choice } = held;
    // He takes his time, and goes on editing meanwhile.
    held.asked = (held.asked ?? 0) + 1;
    if (held.asked % 3 === 0) decide(device, choice);
    const request = device.next(now);
    return request && { ...request, seen: device.queue.find(({ key }) => key === request.key).was };
  },
  hear: ({ key, status, replayed }, body, { device }) => {
    device.hear(key, { status, replayed, body });
  },
  pull: (_, body, { device }) => {
    device.pull(body);
  },
  path: (_, __, { device }) => device.replica.nextPull,
  left: (_, __, { device }) => device.queue.length,
  resources: (_, __, { device }) => Object.values(device.replica.resources),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { work, document, ...rest } = JSON.parse(line);
  let held = devices.get(rest.device);
  if (held !== undefined) {
    // As if the program had been ended and begun again: nothing is kept but what it stores.
    held.device = new Device(structuredClone(held.device.state), held.device.newId);
  }
  const result = WORK[work](rest, document, held) ?? null;
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
