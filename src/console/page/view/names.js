// What people call the members of the record.

import { spoken } from './dom.js';

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** The members of the profile, in their order. */
export const PROFILE = [
  { member: 'first_name', label: 'First name' },
  { member: 'last_name', label: 'Last name' },
  { member: 'occupation', label: 'Occupation' },
  { member: 'employer', label: 'Employer' },
  { member: 'birthday_day', label: 'Birthday: day', kind: 'number', width: 'third' },
  { member: 'birthday_month', label: 'Birthday: month', kind: 'number', width: 'third', choices: [['', '–'], ...MONTHS.map((name, i) => [String(i + 1), name])] },
  { member: 'birthday_year', label: 'Birthday: year', kind: 'number', width: 'third' },
  { member: 'preferences.locale', label: 'Language' },
  { member: 'preferences.time_zone', label: 'Time zone' },
];

/** Kinds of rows: where they are shown, and their members, of which the first must be there. */
export const KINDS = [
  {
    type: 'email_addresses',
    place: 'emails',
    one: 'e-mail address',
    members: [
      { member: 'email', label: 'E-mail address', kind: 'email' },
      { member: 'location', label: 'Place' },
      { member: 'primary', label: 'Primary', kind: 'checkbox' },
    ],
  },
  {
    type: 'phone_numbers',
    place: 'phones',
    one: 'phone number',
    members: [
      { member: 'number', label: 'Number', kind: 'tel' },
      { member: 'location', label: 'Place' },
      { member: 'primary', label: 'Primary', kind: 'checkbox' },
    ],
  },
];

const LABELS = new Map([...PROFILE, ...KINDS.flatMap((kind) => kind.members)].map(({ member, label }) => [member, label]));

/** A member as people call it. */
export const labelOf = (member) => LABELS.get(member) ?? member;

/** Members that are one thing, as people call it. */
export const calledTogether = (members) => (members.length === 1 ? labelOf(members[0]) : labelOf(members[0]).split(':')[0]);

/** The values of members that are one thing. */
export function together(values) {
  const all = Object.values(values);
  if (all.length === 1 || all.every((value) => value === null)) return spoken(all[0]);
  return all.map((value) => value ?? '–').join(' / ');
}

/** A record as people call it. */
export function calledOf(record, shown) {
  const kind = KINDS.find(({ type }) => record.startsWith(`${type}/`));
  if (kind === undefined) return 'Profile';
  const value = shown.get(record)?.resource.attributes[kind.members[0].member];
  return value ? `${kind.one} ${value}` : kind.one;
}
