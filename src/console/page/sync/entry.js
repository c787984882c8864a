// An edit in the queue of a device: what it does to one record, on which state it was made, and what became of it.
//
// An entry is plain data, so that it can be stored as it is:
//   key      its Idempotency-Key
//   record   "type/id"
//   deed     'update', 'create' or 'delete'
//   sets     the new values by the names of members (`preferences.locale`); empty in a delete
//   was      what they were when the edit was made: the third value beside mine and theirs
//   base     the stamp of the record's state that it was made on; null as long as nobody knows it
//   pinned   others have changed what it sets, so it keeps its base: the server must ask
//   request  what was sent, byte for byte, as long as there is no answer
//   state    'queued', 'conflict', 'gone' or 'refused'; all but the first wait for the user
//   problem  what he is asked about

/** Members that stand for one thing: who changes one changes the date. */
const GROUPS = [
  ['birthday_day', 'birthday_month', 'birthday_year'],
  ['anniversary_day', 'anniversary_month', 'anniversary_year'],
];

/** The members that are one thing with this one. */
export const groupOf = (member) => GROUPS.find((group) => group.includes(member)) ?? [member];

const JSON_API = 'application/vnd.api+json';

const isUser = (record) => record.startsWith('users/');

/** Whether an entry sets what a conflict of the user calls so: a member, `websites/<id>`, `websites/<id>.url`. */
export function touches(entry, name) {
  if (isUser(entry.record)) {
    return groupOf(name).some((member) => member in entry.sets);
  }
  const [record, ...members] = name.split('.');
  if (record !== entry.record) return false;
  return members.length === 0 || entry.deed === 'delete' || members.join('.') in entry.sets;
}

/** The names by which a conflict of the user calls members of a record. */
export const qualified = (record, names) => (isUser(record) ? names : names.map((name) => `${record}.${name}`));

/** The attributes of a document that sets members. */
function attributesOf(sets) {
  const attributes = {};
  for (const [member, value] of Object.entries(sets)) {
    if (member.startsWith('preferences.')) {
      attributes.preferences = { ...attributes.preferences, [member.slice('preferences.'.length)]: value };
    } else {
      attributes[member] = value;
    }
  }
  return attributes;
}

/**
 * The request that an entry becomes: method, path, headers but for the token, body.
 * @param editedAt The time of the device, for people to see; the guard has no use for it.
 */
export function requestOf(entry, editedAt) {
  const [type, id] = entry.record.split('/');
  const guard = { updated_in_db_at: entry.base };
  const rows = `/api/v2/user/${type}`;
  const document = (attributes) => JSON.stringify({ data: { type, id, attributes } });
  const headers = { 'Accept': JSON_API, 'Content-Type': JSON_API, 'Idempotency-Key': entry.key };
  switch (entry.deed) {
    case 'create':
      return { method: 'POST', path: rows, headers, body: document(attributesOf(entry.sets)) };
    case 'delete':
      return { method: 'DELETE', path: `${rows}/${id}`, headers, body: document(guard) };
    default: {
      const path = isUser(entry.record) ? '/api/v2/user' : `${rows}/${id}`;
      const own = isUser(entry.record) ? { updated_at: editedAt } : {};
      return { method: 'PUT', path, headers, body: document({ ...attributesOf(entry.sets), ...own, ...guard }) };
    }
  }
}
