// What waits for the user: conflicts with the three values side by side, rows that are gone, edits that were refused.

import { element, spoken } from './dom.js';
import { calledOf, calledTogether, labelOf, together } from './names.js';

export class QuestionsView {
  constructor(act) {
    this.act = act;
    this.place = document.getElementById('questions');
    this.cards = new Map();
  }

  show(device, shown) {
    const waiting = device.queue.filter((entry) => entry.state !== 'queued' && entry.problem.conflicting !== null);
    const names = new Set(waiting.map(({ key }) => key));
    let isLeft = false;
    for (const [key, { card }] of this.cards) {
      if (names.has(key)) continue;
      isLeft ||= card.contains(document.activeElement);
      card.remove();
      this.cards.delete(key);
    }
    for (const entry of waiting) {
      // Shown anew only where something is different, so that a choice is not taken away.
      const { record, deed, state, sets } = entry;
      const told = JSON.stringify([record, deed, state, sets, device.questions(entry), entry.problem.theirs, entry.problem.errors]);
      const before = this.cards.get(entry.key);
      if (before?.told === told) continue;
      const card = this.#card(device, entry, shown);
      if (before === undefined) this.place.append(card);
      else before.card.replaceWith(card);
      this.cards.set(entry.key, { card, told });
    }
    this.#announce(waiting.length);
    if (isLeft) (this.place.querySelector('h2') ?? document.getElementById('main')).focus();
  }

  #announce(waiting) {
    const told = document.getElementById('told');
    const text = waiting === 0 ? '' : `${waiting} ${waiting === 1 ? 'edit waits' : 'edits wait'} for your decision.`;
    if (told.textContent !== text) told.textContent = text;
  }

  #card(device, entry, shown) {
    const title = `question-${entry.key}`;
    const { heading, body } = this.#asked(device, entry, calledOf(entry.record, shown));
    const card = { className: 'card question', 'aria-labelledby': title };
    return element('section', card, element('h2', { id: title, tabIndex: -1 }, heading), body);
  }

  #asked(device, entry, called) {
    if (entry.state === 'conflict') {
      if (entry.deed === 'delete') return this.#farewell(entry, called);
      return { heading: `Conflict: ${called}`, body: this.#conflict(entry, device.questions(entry)) };
    }
    if (entry.state === 'gone') {
      const said = element('p', {}, 'Somebody else has deleted it, so your edit has nothing to go to.');
      const body = [said, this.#sent(entry), this.#actions(this.#giveUp(entry, 'Let it go'))];
      return { heading: `Deleted elsewhere: ${called}`, body };
    }
    const errors = entry.problem.errors.map((error) => element('p', { className: 'error' }, error.detail ?? error.title));
    const isNew = entry.deed === 'create';
    const said = element('p', {}, isNew ? 'Correct it below, or give it up.' : 'Correct it in the form and save it again, or give it up.');
    return { heading: `Refused: ${called}`, body: [errors, this.#sent(entry), said, this.#actions(this.#giveUp(entry, 'Discard the edit'))] };
  }

  #sent(entry) {
    const sent = Object.entries(entry.sets).map(([member, value]) => `${labelOf(member)} “${value ?? ''}”`);
    return element('p', {}, `You entered: ${sent.join(', ')}.`);
  }

  #actions(...buttons) {
    return element('div', { className: 'actions' }, buttons);
  }

  #giveUp(entry, text) {
    return element('button', { type: 'button', onclick: () => this.act((device) => device.discard(entry.key)) }, text);
  }

  #decide(entry, choice, text, className = '') {
    const decided = () => this.act((device) => device.decide(entry.key, choice()));
    return element('button', { type: 'button', className, onclick: decided }, text);
  }

  #farewell(entry, called) {
    const theirs = Object.entries(entry.problem.theirs).filter(([member]) => !member.includes('updated'));
    const said = theirs.map(([member, value]) => element('p', {}, `${labelOf(member)} is now `, element('strong', {}, spoken(value))));
    const buttons = [
      this.#decide(entry, () => 'theirs', 'Keep it', 'primary'),
      this.#decide(entry, () => 'mine', 'Delete it all the same', 'danger'),
    ];
    const body = [element('p', {}, 'You deleted it while somebody else changed it.'), said, this.#actions(...buttons)];
    return { heading: `Conflict: ${called}`, body };
  }

  #conflict(entry, questions) {
    const choices = new Map(questions.map(({ member }) => [member, 'mine']));
    const option = (member, called, whose, value) => {
      const id = `${entry.key}-${member}-${whose}`;
      const onchange = () => choices.set(member, whose);
      const radio = element('input', { type: 'radio', id, name: `${entry.key}-${member}`, checked: whose === 'mine', onchange });
      const shown = together(value);
      radio.setAttribute('aria-label', `${called}: ${whose}, ${shown.textContent ?? shown}`);
      const label = whose === 'mine' ? 'Mine' : 'Theirs';
      return element('td', { 'data-label': label }, element('label', { htmlFor: id }, radio, element('span', {}, shown)));
    };
    const rows = questions.map(({ member, mine, theirs, base }) => {
      const called = calledTogether(Object.keys(mine));
      return element(
        'tr',
        {},
        element('th', { scope: 'row' }, called),
        element('td', { className: 'was', 'data-label': 'Before' }, together(base)),
        option(member, called, 'theirs', theirs),
        option(member, called, 'mine', mine),
      );
    });
    const heads = ['What', 'Before', 'Theirs', 'Mine'].map((text) => element('th', { scope: 'col' }, text));
    const table = element('table', {}, element('thead', {}, element('tr', {}, heads)), element('tbody', {}, rows));
    const buttons = [
      this.#decide(entry, () => 'mine', 'Keep mine'),
      this.#decide(entry, () => 'theirs', 'Take theirs'),
      this.#decide(entry, () => Object.fromEntries(choices), 'Merge as chosen', 'primary'),
    ];
    const said = 'While you were editing, somebody else saved something else. Nothing is lost: choose.';
    return [element('p', {}, said), element('div', { className: 'table' }, table), this.#actions(...buttons)];
  }
}
