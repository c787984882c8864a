// The record: the profile and the rows, as forms.

import { valueOf } from '../sync/replica.js';
import { element, field, show, typed } from './dom.js';
import { KINDS, PROFILE } from './names.js';

/** Numbers are chosen from a list of texts as well. */
function numbered(sets, members) {
  for (const { member, kind } of members) {
    if (kind === 'number' && typeof sets[member] === 'string') sets[member] = Number(sets[member]);
  }
  return sets;
}

export class RecordView {
  /** @param act Called with `(work)`, which is given the device. */
  constructor(act) {
    this.act = act;
    this.user = null;
    this.profile = document.getElementById('profile');
    const fields = PROFILE.map((one) => field(one, `profile-${one.member}`));
    const save = element('button', { type: 'submit', className: 'primary' }, 'Save');
    this.profile.append(...fields, element('div', { className: 'actions' }, save));
    this.profile.addEventListener('submit', (event) => {
      event.preventDefault();
      const sets = numbered(typed(this.profile), PROFILE);
      this.act((device) => device.update(this.user, sets));
    });
    this.lists = KINDS.map((kind) => new Rows(kind, act));
  }

  show(device, shown) {
    this.user = device.replica.user;
    const own = shown.get(this.user);
    if (own === undefined) return;
    for (const { member } of PROFILE) {
      const isPending = own.pending.has(member);
      show(document.getElementById(`profile-${member}`), valueOf(own.resource, member), isPending);
    }
    for (const list of this.lists) list.show(shown);
  }
}

/** The rows of a kind. */
class Rows {
  constructor(kind, act) {
    Object.assign(this, { kind, act, forms: new Map() });
    this.list = element('div', {});
    document.getElementById(kind.place).append(this.list, this.#adding());
  }

  show(shown) {
    const rows = [...shown].filter(([name]) => name.startsWith(`${this.kind.type}/`));
    const names = new Set(rows.map(([name]) => name));
    for (const [name, form] of this.forms) {
      if (names.has(name)) continue;
      form.remove();
      this.forms.delete(name);
    }
    for (const [name, { resource, pending }] of rows) {
      const form = this.forms.get(name) ?? this.#form(name);
      for (const { member } of this.kind.members) {
        show(form.elements[member], valueOf(resource, member), pending.has(member));
      }
    }
  }

  #form(name) {
    const own = `${this.kind.type}-${name.split('/')[1]}`;
    const fields = this.kind.members.map((one) => field(one, `${own}-${one.member}`));
    const called = this.kind.one;
    const remove = element(
      'button',
      { type: 'button', className: 'danger', 'aria-label': `Delete this ${called}`, onclick: () => this.act((device) => device.delete(name)) },
      'Delete',
    );
    const save = element('button', { type: 'submit', 'aria-label': `Save this ${called}` }, 'Save');
    const form = element('form', { className: 'row' }, fields, element('div', { className: 'actions' }, save, remove));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const sets = typed(form);
      this.act((device) => device.update(name, sets));
    });
    this.forms.set(name, form);
    this.list.append(form);
    return form;
  }

  #adding() {
    const [{ member, label, kind }] = this.kind.members;
    const id = `new-${this.kind.type}`;
    const input = element('input', { id, name: member, type: kind, required: true, autocomplete: 'off' });
    const add = element('button', { type: 'submit' }, `Add ${this.kind.one}`);
    const named = element('div', { className: 'field' }, element('label', { htmlFor: id }, `New: ${label.toLowerCase()}`), input);
    const form = element('form', { className: 'row' }, named, element('div', { className: 'actions' }, add));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const { value } = input;
      form.reset();
      this.act((device) => device.create(this.kind.type, { [member]: value }));
    });
    return form;
  }
}
