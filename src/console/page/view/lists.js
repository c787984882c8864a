// What happens beside the record: the queue, and the last requests.

import { element } from './dom.js';
import { calledOf, labelOf } from './names.js';

const STATES = { queued: 'waits for the network', behind: 'waits for the edit before it', sent: 'sent', conflict: 'waits for you', gone: 'waits for you', refused: 'waits for you' };
const DEEDS = { create: 'Add', delete: 'Delete', update: 'Change' };
const KEPT = 8;

export function showQueue(device, shown) {
  const items = device.queue.map((entry, place) => {
    const isBehind = device.queue.slice(0, place).some(({ record }) => record === entry.record);
    const going = entry.request === null ? (isBehind ? 'behind' : 'queued') : 'sent';
    const state = entry.state === 'queued' ? going : entry.state;
    const waits = entry.state === 'queued' ? '' : ' waits';
    const members = Object.keys(entry.sets).map(labelOf).join(', ');
    const text = `${DEEDS[entry.deed]} ${calledOf(entry.record, shown)}${entry.deed === 'update' ? `: ${members}` : ''}`;
    return element('li', {}, element('span', { className: `state${waits}` }, STATES[state]), text);
  });
  const nothing = element('li', { className: 'empty' }, 'Everything is synced.');
  document.getElementById('queue').replaceChildren(...(items.length > 0 ? items : [nothing]));
}

/** Fetches, and shows that it did: method, path and status, never the token. */
export function watched(fetch) {
  const place = document.getElementById('wire');
  const note = (method, path, code, kind) => {
    const item = element('li', {}, element('span', { className: 'code', 'data-kind': kind }, code), `${method} ${path}`);
    place.prepend(item);
    while (place.children.length > KEPT) place.lastChild.remove();
  };
  return async (path, request) => {
    try {
      const answer = await fetch(path, request);
      note(request.method, path, String(answer.status), answer.ok ? 'fine' : 'refused');
      return answer;
    } catch (error) {
      note(request.method, path, 'no answer', 'lost');
      throw error;
    }
  };
}
