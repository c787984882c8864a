// The console: an offline-first client of Steward in a page. The parts of it that others want are in sync/.

import { openStore } from './store.js';
import { Client } from './sync/client.js';
import { nameOf } from './sync/replica.js';
import { showQueue, watched } from './view/lists.js';
import { QuestionsView } from './view/questions.js';
import { RecordView } from './view/record.js';

const STATUS = { asks: 'Waits for you', live: 'In sync', syncing: 'Syncing…', offline: 'Offline', 'signed-out': 'Signed out' };

const byId = (id) => document.getElementById(id);

class App {
  #session = null;
  #client = null;
  #state = 'syncing';
  /** Whether something waits for the user. */
  #asks = false;

  constructor(store) {
    this.store = store;
    const act = (work) => this.#act(work);
    this.record = new RecordView(act);
    this.questions = new QuestionsView(act);
    store.listen(() => this.show());
    byId('sign-in').querySelector('form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#signIn(byId('token').value.trim());
    });
    byId('sign-out').addEventListener('click', () => this.#signOut());
    byId('offline').addEventListener('change', () => this.#client?.wake());
    for (const event of ['online', 'offline']) window.addEventListener(event, () => this.#client?.wake());
    this.fetch = watched((path, request) => {
      const isOff = byId('offline').checked;
      return isOff ? Promise.reject(new TypeError('working offline')) : fetch(path, request);
    });
  }

  /** What the user does: stored first, then shown, then sent. */
  async #act(work) {
    await this.store.change(work);
    this.#client?.wake();
  }

  async show() {
    const token = await this.store.token();
    if (token === undefined) this.#end();
    else if (this.#session === null) this.#begin(token);
    byId('sign-in').hidden = token !== undefined;
    byId('session').hidden = token === undefined;
    const device = await this.store.read();
    byId('record').hidden = token === undefined || device.replica.user === null;
    if (token === undefined || device.replica.user === null) return;
    const shown = device.shown();
    this.record.show(device, shown);
    this.questions.show(device, shown);
    showQueue(device, shown);
    this.#asks = device.queue.some(({ state }) => state !== 'queued');
    this.#showStatus();
  }

  #begin(token) {
    const session = new AbortController();
    this.#session = session;
    const { store, fetch } = this;
    const client = new Client({ store, fetch, token, tell: (what) => this.#tell(what) });
    this.#client = client;
    // One tab syncs; the next takes over where it is closed.
    const alone = navigator.locks.request('steward-sync', { signal: session.signal }, () => client.run(session.signal));
    alone.catch((error) => {
      if (!session.signal.aborted) console.error(error);
    });
  }

  #end() {
    this.#session?.abort();
    this.#session = null;
    this.#client = null;
  }

  #showStatus() {
    const state = this.#state === 'live' && this.#asks ? 'asks' : this.#state;
    const status = byId('status');
    status.dataset.state = state;
    if (status.textContent !== STATUS[state]) status.textContent = STATUS[state];
  }

  #tell({ state }) {
    this.#state = state;
    this.#showStatus();
    if (state === 'signed-out') this.#renew();
  }

  /** The token has ended; what is queued waits for a new one. */
  async #renew() {
    this.#end();
    await this.store.forgetToken();
    byId('sign-in-error').textContent = 'The token has ended. What you edited is kept, and goes out with a new one.';
  }

  async #signIn(token) {
    byId('sign-in-error').textContent = '';
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
    const { replica, queue } = await this.store.read();
    if (replica.user !== null && replica.user !== nameOf(data)) {
      const asked = `This token is another person's. Forget the record that is here, and ${queue.length} edits of it?`;
      if (!confirm(asked)) return;
      await this.store.signOut();
    }
    byId('token').value = '';
    await this.store.signIn(token);
    byId('main').focus();
  }

  async #signOut() {
    const { queue } = await this.store.read();
    const asked = `${queue.length} edits were not synced yet and would be lost. Sign out all the same?`;
    if (queue.length > 0 && !confirm(asked)) return;
    this.#end();
    await this.store.signOut();
    byId('token').focus();
  }
}

const app = new App(await openStore());
await app.show();
navigator.serviceWorker?.register('/console/worker.js', { scope: '/console' });
