// What a device has of its user: resources as the server showed them, by "type/id", of one state of the whole.

/** The name of a resource: its type and its id. */
export const nameOf = (resource) => `${resource.type}/${resource.id}`;

/** The stamp of a resource, which names one state of it. */
export const stampOf = (resource) => resource.attributes.updated_in_db_at;

/** The value of a member as conflicts call it: `first_name`, `preferences.locale`. */
export function valueOf(resource, member) {
  const [first, ...rest] = member.split('.');
  const value = resource.attributes[first];
  return (rest.length > 0 ? value?.[rest.join('.')] : value) ?? null;
}

/** Sets a member as conflicts call it. */
export function setValue(resource, member, value) {
  const [first, ...rest] = member.split('.');
  if (rest.length > 0) {
    resource.attributes[first] = { ...resource.attributes[first], [rest.join('.')]: value };
  } else {
    resource.attributes[first] = value;
  }
}

const NOTHING = { resources: {}, version: null, stamp: null, fresh: null };

export class Replica {
  /** @param state What `state` of another one was. */
  constructor(state = structuredClone(NOTHING)) {
    this.state = state;
  }

  get resources() {
    return this.state.resources;
  }

  /** The version of the last pull; null where the next one is to bring all. */
  get version() {
    return this.state.version;
  }

  /** The stamp of the user in the state that this is of; null where that is not known. */
  get stamp() {
    return this.state.stamp;
  }

  set stamp(stamp) {
    this.state.stamp = stamp;
  }

  /** The name of the user's own resource. */
  get user() {
    return Object.keys(this.resources).find((name) => name.startsWith('users/')) ?? null;
  }

  /** The path of the next pull. */
  get nextPull() {
    const since = this.version === null ? '' : `?since=${this.version}`;
    return `/api/v2/user/changes${since}`;
  }

  /**
   * Applies the answer to a pull since a version; whether there is more to pull at once. One that brings all takes the
   * place of what is here when all of it has come.
   */
  pull({ data, meta }, since) {
    // The answer to a question that nobody asks any more.
    if (since !== this.version) return true;
    if (since === null) this.state.fresh = {};
    const resources = this.state.fresh ?? this.resources;
    for (const resource of data) {
      if (resource.type === 'deleted_records') {
        delete resources[nameOf(resource.relationships.deletable.data)];
      } else {
        resources[nameOf(resource)] = resource;
      }
    }
    this.state.version = meta.version;
    if (meta.more) {
      // An edit that was made on half a state would have no base.
      this.state.stamp = null;
    } else {
      this.state.stamp = meta.updated_in_db_at;
      this.state.resources = resources;
      this.state.fresh = null;
    }
    return meta.more;
  }

  /** What is here is of a history that the server does not know: the next pull is to bring all. */
  doubt() {
    this.state.version = null;
    this.state.fresh = null;
  }

  /** Takes a resource out of the answer to a write, unless it is older than what is here. Stamps are compared as texts. */
  take(resource) {
    const here = this.resources[nameOf(resource)];
    if (here === undefined || stampOf(here) <= stampOf(resource)) {
      this.resources[nameOf(resource)] = resource;
    }
  }

  /** A row that the device itself has deleted. */
  remove(name) {
    delete this.resources[name];
  }
}
