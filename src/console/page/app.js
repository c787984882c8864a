// The console: an offline-first client of Steward in a page. The parts of it that others want are in sync/.

import { openStore } from './store.js';
import { Client } from './sync/client.js';
import { nameOf } from './sync/replica.js';
import { showQueue, watched } from './view/lists.js';
import { QuestionsView } from './view/questions.js';
import { RecordView } from './view/record.js';

const STATUS = {
  asks: 'Waits for you',
  failed: 'Something went wrong',
  live: 'In sync',
  offline: 'Offline',
  'signed-out': 'Signed out',
  syncing: 'Syncing…',
};

const byId = (id) => document.getElementById(id);

/** What a header can hold; anything else is no token. */
const isToken = (text) => /^[\x21-\x7e]+$/.test(text);

class App {
  #session = null;
  #client = null;
  #state = 'syncing';
  #isOffline = false;
  /** Whether something waits for the user. */
  #asks = false;

  constructor(store) {
    this.store = store;
    const act = (work) => this.#act(work);
    this.record = new RecordView(act);
    this.questions = new QuestionsView(act);
    store.listen(() => this.show(), (what) => this.#hear(what));
    byId('sign-in').querySelector('form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#signIn(byId('token').value.trim());
    });
    byId('sign-out').addEventListener('click', () => this.#signOut());
    byId('offline').addEventListener('change', ({ target }) => store.setOffline(target.checked));
    for (const event of ['online', 'offline']) window.addEventListener(event, () => this.#client?.wake());
    this.fetch = watched((path, request) =>
      this.#isOffline ? Promise.reject(new TypeError('working offline')) : fetch(path, request),
    );
  }

  /** What the user does: stored first, then shown, then sent. */
  async #act(work) {
    try {
      await this.store.change(work);
    } catch (error) {
      byId('notice').textContent = `This could not be kept: ${error.message}`;
      return false;
    }
    byId('notice').textContent = '';
    this.#client?.wake();
    return true;
  }

  /** Another tab has changed something, or tells how its client is: one tab syncs for all. */
  #hear({ state }) {
    if (state === undefined) {
      this.#client?.wake();
      this.show();
    } else {
      this.#state = state;
      this.#showStatus();
    }
  }

  async show() {
    const [session, device, isOffline] = await Promise.all([this.store.session(), this.store.read(), this.store.isOffline()]);
    if (this.#session !== null && session?.id !== this.#session.id) {
      this.#end();
      // What one person has typed is not the next one's.
      if (session === undefined && device.replica.user === null) return location.reload();
    }
    if (this.#isOffline !== isOffline) {
      this.#isOffline = isOffline;
      byId('offline').checked = isOffline;
      this.#client?.wake();
    }
    if (session !== undefined && this.#session === null) this.#begin(session);
    const isShown = session !== undefined && device.replica.user !== null;
    byId('sign-in').hidden = session !== undefined;
    byId('session').hidden = session === undefined;
    byId('record').hidden = !isShown;
    if (!isShown) return;
    const shown = device.shown();
    this.record.show(device, shown);
    this.questions.show(device, shown);
    showQueue(device, shown);
    this.#asks = device.queue.some(({ state }) => state !== 'queued');
    this.#showStatus();
  }

  #begin({ id, token }) {
    const ends = new AbortController();
    const { store, fetch } = this;
    const client = new Client({ store: store.within(id), fetch, token, tell: (what) => this.#tell(what) });
    this.#session = { id, ends };
    this.#client = client;
    // One tab syncs; the next takes over where it is closed.
    const alone = navigator.locks.request('steward-sync', { signal: ends.signal }, () => client.run(ends.signal));
    alone.catch((error) => {
      if (!ends.signal.aborted) this.#tell({ state: 'failed', detail: error.message });
    });
  }

  #end() {
    this.#session?.ends.abort();
    this.#session = null;
    this.#client = null;
  }

  #showStatus() {
    const state = this.#state === 'live' && this.#asks ? 'asks' : this.#state;
    const status = byId('status');
    status.dataset.state = state;
    if (status.textContent !== STATUS[state]) status.textContent = STATUS[state];
  }

  #tell({ state, detail }) {
    this.#state = state;
    this.#showStatus();
    this.store.say({ state });
    if (state === 'failed') byId('notice').textContent = `Something went wrong here: ${detail}`;
    if (state === 'signed-out') this.#renew();
  }

  /** The token has ended; what is queued waits for a new one. */
  async #renew() {
    const { id } = this.#session ?? {};
    if (id === undefined || (await this.store.session())?.id !== id) return;
    this.#end();
    byId('sign-in-error').textContent = 'The token has ended. What you edited is kept, and goes out with a new one.';
    await this.store.forgetToken();
  }

  async #signIn(token) {
    byId('sign-in-error').textContent = isToken(token) ? '' : 'This token is not valid.';
    if (!isToken(token)) return;
    try {
      const headers = { Authorization: `Bearer ${token}`, Accept: 'application/vnd.api+json' };
      const answer = await fetch('/api/v2/user', { headers, method: 'GET', cache: 'no-store' });
      if (answer.status !== 200) {
        const said = answer.status === 401 ? 'This token is not valid.' : `The server answered ${answer.status}.`;
        byId('sign-in-error').textContent = said;
        return;
      }
      await this.#admit(token, await answer.json());
    } catch {
      byId('sign-in-error').textContent = 'The server can’t be reached.';
    }
  }

  /** What is kept of somebody else must not be sent as this user's. */
  async #admit(token, { data }) {
    const [owner, { queue }] = await Promise.all([this.store.owner(), this.store.read()]);
    if (owner !== undefined && owner !== nameOf(data)) {
      const asked = `This token is another person's. Forget the record that is here, and ${queue.length} edits of it?`;
      if (!confirm(asked)) return;
      await this.store.signOut();
    }
    byId('token').value = '';
    await this.store.signIn(token, nameOf(data));
    byId('main').focus();
  }

  async #signOut() {
    const { queue } = await this.store.read();
    const asked = `${queue.length} edits were not synced yet and would be lost. Sign out all the same?`;
    if (queue.length > 0 && !confirm(asked)) return;
    await this.store.signOut();
  }
}

if (isSecureContext) {
  await new App(await openStore()).show();
  navigator.serviceWorker?.register('/console/worker.js', { scope: '/console' });
} else {
  // Browsers keep from such a page what it needs to work offline, and a token would be sent in the clear.
  byId('notice').textContent = 'The console needs https, or the address of this machine itself: localhost or 127.0.0.1.';
}
