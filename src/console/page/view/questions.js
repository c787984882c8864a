// What waits for the user: conflicts with the three values side by side, rows that are gone, edits that were refused.

import { element, spoken } from './dom.js';
import { calledOf, labelOf } from './names.js';

export class QuestionsView {
  constructor(act) {
    this.act = act;
    this.place = document.getElementById('questions');
    this.cards = new Map();
  }

  show(device, shown) {
    const waiting = device.queue.filter((entry) => entry.state !== 'queued' && entry.problem.conflicting !== null);
    const names = new Set(waiting.map(({ key }) => key));
    for (const [key, { card }] of this.cards) {
      if (names.has(key)) continue;
      card.remove();
      this.cards.delete(key);
    }
    for (const entry of waiting) {
      // Shown anew only where something is different, so that a choice is not taken away.
      const told = JSON.stringify(entry);
      const before = this.cards.get(entry.key);
      if (before?.told === told) continue;
      const card = this.#card(device, entry, shown);
      if (before === undefined) this.place.append(card);
      else before.card.replaceWith(card);
      this.cards.set(entry.key, { card, told });
    }
  }

  #card(device, entry, shown) {
    const title = `question-${entry.key}`;
    const { heading, body } = this.#asked(device, entry, calledOf(entry.record, shown));
    const card = { className: 'card question', 'aria-labelledby': title };
    return element('section', card, element('h2', { id: title }, heading), body);
  }

  #asked(device, entry, called) {
    if (entry.state === 'conflict') {
      if (entry.deed === 'delete') return this.#farewell(entry, called);
      return { heading: `Conflict: ${called}`, body: this.#conflict(entry, device.questions(entry)) };
    }
    if (entry.state === 'gone') {
      const said = element('p', {}, 'Somebody else has deleted it, so your edit has nothing to go to.');
      return { heading: `Deleted elsewhere: ${called}`, body: [said, this.#actions(this.#giveUp(entry, 'Let it go'))] };
    }
    const errors = entry.problem.errors.map((error) => element('p', { className: 'error' }, error.detail ?? error.title));
    const said = element('p', {}, `You sent: ${Object.entries(entry.sets).map(([member, value]) => `${labelOf(member)} “${value ?? ''}”`).join(', ')}`);
    return { heading: `Refused: ${called}`, body: [errors, said, this.#actions(this.#giveUp(entry, 'Discard the edit'))] };
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
    const option = (member, whose, value) => {
      const id = `${entry.key}-${member}-${whose}`;
      const onchange = () => choices.set(member, whose);
      const radio = element('input', { type: 'radio', id, name: `${entry.key}-${member}`, checked: whose === 'mine', onchange });
      const named = `${labelOf(member)}: ${whose === 'mine' ? 'mine' : 'theirs'}, `;
      radio.setAttribute('aria-label', `${named}${value ?? 'nothing'}`);
      const label = whose === 'mine' ? 'Mine' : 'Theirs';
      return element('td', { 'data-label': label }, element('label', { htmlFor: id }, radio, element('span', {}, spoken(value))));
    };
    const rows = questions.map(({ member, mine, theirs, base }) =>
      element(
        'tr',
        {},
        element('th', { scope: 'row' }, labelOf(member)),
        element('td', { className: 'was', 'data-label': 'Before' }, spoken(base)),
        option(member, 'theirs', theirs),
        option(member, 'mine', mine),
      ),
    );
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
