// The record: the profile and the rows, as forms.

import { valueOf } from '../sync/replica.js';
import { element, entered, field, isTouched, settle, show, typed } from './dom.js';
import { KINDS, PROFILE } from './names.js';

/** Numbers are chosen from a list of texts as well. */
function numbered(sets, members) {
  for (const { member, kind } of members) {
    if (kind === 'number' && typeof sets[member] === 'string') sets[member] = Number(sets[member]);
  }
  return sets;
}

export class RecordView {
  /** @param act Called with `(work)`, which is given the device; whether that was stored. */
  constructor(act) {
    this.act = act;
    this.user = null;
    this.profile = document.getElementById('profile');
    const fields = PROFILE.map((one) => field(one, `profile-${one.member}`));
    const save = element('button', { type: 'submit', className: 'primary' }, 'Save');
    this.profile.append(...fields, element('div', { className: 'actions' }, save));
    this.edits = new Edits(this.profile, PROFILE, act);
    this.lists = KINDS.map((kind) => new Rows(kind, act));
  }

  show(device, shown) {
    this.user = device.replica.user;
    const own = shown.get(this.user);
    if (own === undefined) return;
    this.edits.begin(device, this.user);
    for (const { member } of PROFILE) {
      const isPending = own.pending.has(member);
      show(document.getElementById(`profile-${member}`), valueOf(own.resource, member), isPending);
    }
    for (const list of this.lists) list.show(device, shown);
  }
}

/** What is typed in a form about a record, and on which state of it. */
class Edits {
  #seen;
  #record;

  constructor(form, members, act) {
    this.form = form;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const [record, seen, sets] = [this.#record, this.#seen, numbered(typed(form), members)];
      if (await act((device) => device.update(record, sets, seen))) settle(form);
    });
  }

  /** The state is that which was shown when somebody began to type, until he has saved. */
  begin(device, record) {
    if (isTouched(this.form)) return;
    this.#record = record;
    this.#seen = device.sight(record);
  }
}

/** The rows of a kind. */
class Rows {
  constructor(kind, act) {
    Object.assign(this, { kind, act, forms: new Map() });
    this.list = element('div', {});
    document.getElementById(kind.place).append(this.list, this.#adding());
  }

  show(device, shown) {
    const rows = [...shown].filter(([name]) => name.startsWith(`${this.kind.type}/`));
    const names = new Set(rows.map(([name]) => name));
    for (const [name, made] of this.forms) {
      if (names.has(name)) continue;
      if (isTouched(made.form) && !made.isDeleted) this.#orphan(name, made);
      else this.#forget(name, made);
    }
    for (const [name, { resource, pending }] of rows) {
      const { form, edits } = this.forms.get(name) ?? this.#form(name);
      edits.begin(device, name);
      for (const { member } of this.kind.members) {
        show(form.elements[member], valueOf(resource, member), pending.has(member));
      }
    }
  }

  #form(name) {
    const own = `${this.kind.type}-${name.split('/')[1]}`;
    const fields = this.kind.members.map((one) => field(one, `${own}-${one.member}`));
    const called = this.kind.one;
    const onclick = async () => {
      made.isDeleted = true;
      made.isDeleted = await this.act((device) => device.delete(name));
    };
    const remove = element('button', { type: 'button', className: 'danger', 'aria-label': `Delete this ${called}`, onclick }, 'Delete');
    const save = element('button', { type: 'submit', 'aria-label': `Save this ${called}` }, 'Save');
    const form = element('form', { className: 'row' }, fields, element('div', { className: 'actions' }, save, remove));
    const made = { form, edits: new Edits(form, this.kind.members, this.act), isDeleted: false };
    this.forms.set(name, made);
    this.list.append(form);
    return made;
  }

  #forget(name, { form }) {
    if (form.contains(document.activeElement)) document.getElementById(`new-${this.kind.type}`).focus();
    form.remove();
    this.forms.delete(name);
  }

  /** Others have deleted it while somebody types: what he typed is his, in a form of its own. */
  #orphan(name, { form }) {
    const { one, type, members } = this.kind;
    const said = element('p', { role: 'status' }, `Somebody else has deleted this ${one} while you were typing.`);
    const add = element('button', { type: 'submit' }, `Add it as a new ${one}`);
    const letGo = element('button', { type: 'button', onclick: () => left.remove() }, 'Let it go');
    const actions = element('div', { className: 'actions' }, add, letGo);
    const left = element('form', { className: 'row' }, [...form.querySelectorAll('.field')], said, actions);
    left.addEventListener('submit', async (event) => {
      event.preventDefault();
      const values = numbered(entered(left), members);
      if (await this.act((device) => device.create(type, values))) left.remove();
    });
    form.replaceWith(left);
    this.forms.delete(name);
  }

  #adding() {
    const [{ member, label, kind }] = this.kind.members;
    const id = `new-${this.kind.type}`;
    const input = element('input', { id, name: member, type: kind, required: true, autocomplete: 'off' });
    const add = element('button', { type: 'submit' }, `Add ${this.kind.one}`);
    const named = element('div', { className: 'field' }, element('label', { htmlFor: id }, `New: ${label.toLowerCase()}`), input);
    const form = element('form', { className: 'row' }, named, element('div', { className: 'actions' }, add));
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const { value } = input;
      if (await this.act((device) => device.create(this.kind.type, { [member]: value }))) form.reset();
    });
    return form;
  }
}
