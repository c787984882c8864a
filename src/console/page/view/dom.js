// Elements, and forms that are shown anew without taking away what somebody is typing.

/** Makes an element. Properties are set, `data-…` and `aria-…` as attributes; `on…` listens. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (key.includes('-')) made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.flat());
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

/** Shows a value, unless somebody has typed another; marks what is not synced. */
export function show(input, value, isPending) {
  const text = input.type === 'checkbox' ? String(value === true) : textOf(value);
  const isTouched = input.dataset.shown !== undefined && read(input) !== input.dataset.shown;
  if (!isTouched) {
    if (input.type === 'checkbox') input.checked = value === true;
    else input.value = text;
  }
  input.dataset.shown = text;
  input.closest('.field').classList.toggle('pending', isPending);
}

/** What somebody has typed, by names: those values that are not what is shown. Blank is null. */
export function typed(form) {
  const sets = {};
  for (const input of form.querySelectorAll('input[name], select[name]')) {
    const value = read(input);
    if (value === input.dataset.shown) continue;
    if (input.type === 'checkbox') sets[input.name] = input.checked;
    else if (input.type === 'number') sets[input.name] = value === '' ? null : Number(value);
    else sets[input.name] = value === '' ? null : value;
    // From now on the queue shows it.
    input.dataset.shown = value;
  }
  return sets;
}

/** A value as people read it. */
export function spoken(value) {
  if (value === null || value === undefined || value === '') return element('span', { className: 'empty' }, 'nothing');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
