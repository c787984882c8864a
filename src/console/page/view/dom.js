// Elements, and forms that are shown anew without taking away what somebody is typing.

/** Makes an element. Properties are set, `data-…` and `aria-…` as attributes; `on…` listens. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (key.includes('-')) made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.flat(Infinity));
  return made;
}

/** A field of a form with its label. */
export function field({ member, label, kind = 'text', choices, width = '' }, id) {
  const own = { id, name: member };
  const className = `field ${width}`;
  if (choices !== undefined) {
    const options = choices.map(([value, text]) => element('option', { value }, text));
    return element('div', { className }, element('label', { htmlFor: id }, label), element('select', own, options));
  }
  if (kind === 'checkbox') {
    const input = element('input', { ...own, type: kind });
    return element('div', { className: 'field check' }, input, element('label', { htmlFor: id }, label));
  }
  const input = element('input', { ...own, type: kind, autocomplete: 'off' });
  return element('div', { className }, element('label', { htmlFor: id }, label), input);
}

const textOf = (value) => (value === null || value === undefined ? '' : String(value));

const read = (input) => (input.type === 'checkbox' ? String(input.checked) : input.value);

const inputsOf = (form) => [...form.querySelectorAll('input[name], select[name]')];

const isTyped = (input) => input.dataset.shown !== undefined && read(input) !== input.dataset.shown;

/** Whether somebody has typed something in a form that is not saved. */
export const isTouched = (form) => inputsOf(form).some(isTyped);

/** Shows a value, unless somebody has typed another; marks what is not synced. */
export function show(input, value, isPending) {
  const text = input.type === 'checkbox' ? String(value === true) : textOf(value);
  if (!isTyped(input)) {
    if (input.type === 'checkbox') input.checked = value === true;
    else input.value = text;
    input.dataset.shown = text;
  }
  input.closest('.field').classList.toggle('pending', isPending);
}

/** The value of an input. Blank is null. */
function valueIn(input) {
  if (input.type === 'checkbox') return input.checked;
  if (input.value === '') return null;
  return input.type === 'number' ? Number(input.value) : input.value;
}

const byName = (inputs) => Object.fromEntries(inputs.map((input) => [input.name, valueIn(input)]));

/** All that is in a form, by names. */
export const entered = (form) => byName(inputsOf(form));

/** What somebody has typed, by names: those values that are not what is shown. */
export const typed = (form) => byName(inputsOf(form).filter(isTyped));

/** What was typed is stored now: from now on the queue shows it. */
export function settle(form) {
  for (const input of inputsOf(form)) input.dataset.shown = read(input);
}

/** A value as people read it. */
export function spoken(value) {
  if (value === null || value === undefined || value === '') return element('span', { className: 'empty' }, 'nothing');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
