#!/usr/bin/env node
// The console in real Chromium: two browser contexts are two devices of one user. `.ci/console/run [path of steward]`
// installs what this needs first. Exits with 1 where anything was different; screenshots are left in
// target/console/.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { chromium } from 'playwright-core';

const PROGRAM = process.argv[2] ?? 'target/debug/steward';
const PICTURES = 'target/console';
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// How long anything may take, in milliseconds; a loaded machine takes its time.
const LIMIT = 60_000;

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

/** Starts `steward demo` on a fresh database; its address, Rey's token, and what ends it. */
async function demo(folder) {
  const args = ['demo', '--bind', '127.0.0.1:0', '--database-url', join(folder, 'steward.db'), '--log', 'warn'];
  const child = spawn(PROGRAM, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let url, token;
  for await (const line of createInterface({ input: child.stdout })) {
    url ??= line.match(/^listening on (\S+)/)?.[1];
    token ??= line.match(/^ey[\w-]+\.[\w-]+\.[\w-]+$/)?.[0];
    if (url && token) break;
  }
  assert.ok(url && token, 'steward demo tells its address and a token');
  const stop = async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { url, token, stop };
}

/** A browser of its own: its storage and its network are nobody else's. */
class Device {
  static async open(browser, { url, token }, options = {}) {
    const context = await browser.newContext({ viewport: DESKTOP, colorScheme: 'light', ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(LIMIT);
    const device = new Device(context, page);
    page.on('pageerror', (error) => device.errors.push(error.message));
    await page.goto(`${url}/console`);
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await device.is('In sync');
    // So that it opens without a network.
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => null));
    return device;
  }

  errors = [];

  constructor(context, page) {
    Object.assign(this, { context, page });
  }

  is(status) {
    return this.page.locator('#status', { hasText: status }).waitFor();
  }

  /** Does what sends something, until it is answered: what waited for nothing before may say so still. */
  async sent(work) {
    const isWrite = (answer) => answer.request().method() !== 'GET';
    await Promise.all([this.context.waitForEvent('response', { predicate: isWrite, timeout: LIMIT }), work()]);
    await this.synced();
  }

  synced() {
    return this.page.locator('#queue', { hasText: 'Everything is synced.' }).waitFor();
  }

  field(label) {
    return this.page.locator('#profile').getByLabel(label, { exact: false });
  }

  async save(values) {
    for (const [label, value] of Object.entries(values)) await this.field(label).fill(value);
    await this.page.locator('#profile').getByRole('button', { name: 'Save' }).click();
  }

  saved(values) {
    return this.sent(() => this.save(values));
  }

  shows(label, value) {
    return this.page.waitForFunction(
      ([id, value]) => document.getElementById(id)?.value === value,
      [{ 'First name': 'profile-first_name', Employer: 'profile-employer' }[label], value],
      { timeout: LIMIT },
    );
  }

  /** No serious fault of accessibility, whatever the colours and the width. */
  async isAccessible(what) {
    for (const colorScheme of ['light', 'dark']) {
      for (const [name, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
        await this.page.emulateMedia({ colorScheme });
        await this.page.setViewportSize(viewport);
        // The policy of the page allows no script but its own, so this one comes through the debugger.
        await this.page.evaluate(AXE);
        const { violations } = await this.page.evaluate(() => globalThis.axe.run());
        const serious = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
        const told = serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
        assert.deepEqual(told, [], `${what}, ${name}, ${colorScheme}`);
        const width = await this.page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= viewport.width, `${what}, ${name}: ${width} pixels wide`);
        await this.page.screenshot({ path: join(PICTURES, `${what}-${name}-${colorScheme}.png`), fullPage: true });
      }
    }
    await this.page.emulateMedia({ colorScheme: 'light' });
    await this.page.setViewportSize(DESKTOP);
  }
}

const steps = [];
async function step(name, work) {
  const began = performance.now();
  await work();
  steps.push(name);
  console.log(`  ${name.padEnd(70)} ${String(Math.round(performance.now() - began)).padStart(6)} ms`);
}

async function story(browser, server) {
  const { url, token } = server;
  const get = async () => {
    const answer = await fetch(`${url}/api/v2/user`, { headers: { Authorization: `Bearer ${token}` } });
    return (await answer.json()).data.attributes;
  };
  let laptop, phone;
  await step('two devices sign in', async () => {
    laptop = await Device.open(browser, server);
    phone = await Device.open(browser, server);
    assert.equal(new URL(laptop.page.url()).search, '', 'the token is in no URL');
  });
  await step('nothing but this server is asked, and nothing is refused by the policy', async () => {
    const asked = await laptop.page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => new URL(name).origin));
    assert.deepEqual([...new Set(asked)], [url]);
    const denied = await laptop.page.evaluate(async () => {
      const heard = new Promise((resolve) => document.addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective)));
      document.body.append(Object.assign(document.createElement('script'), { textContent: 'document.title = "owned"' }));
      return heard;
    });
    assert.match(denied, /^script-src/);
  });
  await step('an edit is on the other device at once, without asking for it', async () => {
    await laptop.saved({ Occupation: 'Pilot' });
    await phone.page.waitForFunction(() => document.getElementById('profile-occupation').value === 'Pilot');
  });
  await step('offline, an edit is kept and shown as not synced', async () => {
    await phone.context.setOffline(true);
    await phone.save({ 'First name': 'Rey of the desert', Employer: 'Cru' });
    await phone.is('Offline');
    await phone.page.locator('.pending', { hasText: 'First name' }).waitFor();
  });
  await step('offline, the page opens again with the edit', async () => {
    await phone.page.reload();
    await phone.shows('First name', 'Rey of the desert');
    await phone.page.locator('#queue', { hasText: 'First name' }).waitFor();
  });
  await step('the other device edits the same name meanwhile', async () => {
    await laptop.saved({ 'First name': 'Rey Skywalker' });
  });
  await step('online again, the conflict is shown with the three values', async () => {
    await phone.context.setOffline(false);
    const question = phone.page.locator('.question');
    await question.waitFor();
    const values = await question.locator('tbody tr td').allInnerTexts();
    assert.deepEqual(values.map((text) => text.trim()), ['Rey', 'Rey Skywalker', 'Rey of the desert']);
    assert.equal((await get()).first_name, 'Rey Skywalker', 'nothing was overwritten');
  });
  await step('every state is accessible: a conflict', () => phone.isAccessible('conflict'));
  await step('a merge takes theirs where that is chosen, and keeps the rest', async () => {
    await phone.page.locator('.question').getByLabel('First name: theirs, Rey Skywalker').check();
    await phone.sent(() => phone.page.getByRole('button', { name: 'Merge as chosen' }).click());
    const { first_name, employer, occupation } = await get();
    assert.deepEqual({ first_name, employer, occupation }, { first_name: 'Rey Skywalker', employer: 'Cru', occupation: 'Pilot' });
    await laptop.shows('Employer', 'Cru');
    await phone.shows('First name', 'Rey Skywalker');
  });
  await step('rows are added, changed and deleted, by keyboard too', async () => {
    const added = laptop.page.getByLabel('New: e-mail address');
    await added.fill('rey@resistance.example');
    await laptop.sent(() => added.press('Enter'));
    await phone.page.waitForFunction(() =>
      [...document.querySelectorAll('#emails input[name=email]')].some(({ value }) => value === 'rey@resistance.example'),
    );
    const gone = laptop.page.locator('#emails form', { has: laptop.page.locator('button.danger') }).last();
    await gone.locator('button.danger').focus();
    await laptop.sent(() => laptop.page.keyboard.press('Enter'));
    await phone.page.waitForFunction(() => document.querySelectorAll('#emails form button.danger').length === 1);
  });
  await step('what is saved elsewhere while somebody types is asked about', async () => {
    await laptop.field('Last name').fill('Solo');
    await phone.saved({ 'Last name': 'Palpatine' });
    await laptop.page.locator('#wire', { hasText: 'changes' }).waitFor();
    await laptop.page.locator('#profile').getByRole('button', { name: 'Save' }).click();
    await laptop.page.locator('.question', { hasText: 'Palpatine' }).waitFor();
    assert.equal((await get()).last_name, 'Palpatine');
    await laptop.page.getByRole('button', { name: 'Take theirs' }).click();
    await laptop.synced();
    await laptop.page.waitForFunction(() => document.getElementById('profile-last_name').value === 'Palpatine');
  });
  await step('a row that is deleted elsewhere while somebody types leaves him the text', async () => {
    const rows = '#emails form:has(button.danger) input[name=email]';
    await laptop.page.locator(rows).last().fill('typed@resistance.example');
    await phone.sent(() => phone.page.locator('#emails button.danger').last().click());
    await laptop.sent(() => laptop.page.getByRole('button', { name: 'Add it as a new' }).click());
    await phone.page.waitForFunction(
      (rows) => [...document.querySelectorAll(rows)].some(({ value }) => value === 'typed@resistance.example'),
      rows,
    );
  });
  await step('a second tab of the same device sends through the first', async () => {
    const first = laptop.page;
    laptop.page = await laptop.context.newPage();
    await laptop.page.goto(`${url}/console`);
    await laptop.shows('Employer', 'Cru');
    await laptop.saved({ Employer: 'Resistance' });
    assert.equal((await get()).employer, 'Resistance');
    await laptop.page.close();
    laptop.page = first;
  });
  await step('what the rules refuse is told, and can be mended or given up', async () => {
    await laptop.save({ 'Birthday: day': '32' });
    const refused = laptop.page.locator('.question', { hasText: 'Refused' });
    await refused.locator('.error', { hasText: 'Birthday day' }).waitFor();
    await laptop.saved({ 'Birthday: day': '31' });
    assert.equal((await get()).birthday_day, 31);
    await laptop.save({ 'Birthday: day': '0' });
    await refused.waitFor();
    await laptop.page.getByRole('button', { name: 'Discard the edit' }).click();
    await laptop.synced();
    assert.equal((await get()).birthday_day, 31);
  });
  await step('every state is accessible: all in sync', () => laptop.isAccessible('record'));
  await step('every state is accessible: signed out', async () => {
    await laptop.page.getByRole('button', { name: 'Sign out' }).click();
    await laptop.page.getByLabel('Token').waitFor();
    await laptop.isAccessible('sign-in');
  });
  await step('a token that is not valid is refused', async () => {
    await laptop.page.getByLabel('Token').fill('not-a-token');
    await laptop.page.getByRole('button', { name: 'Sign in' }).click();
    await laptop.page.locator('#sign-in-error', { hasText: 'not valid' }).waitFor();
  });
  assert.deepEqual([...laptop.errors, ...phone.errors], [], 'no script has failed');
}

const folder = await mkdtemp(join(tmpdir(), 'steward-console-'));
await mkdir(PICTURES, { recursive: true });
let server, browser;
try {
  server = await demo(folder);
  // As root, in a container, and with nobody to talk to but what is on this machine.
  const args = ['--no-sandbox', '--disable-dev-shm-usage', '--no-proxy-server', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'];
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args });
  console.log('The console, two devices:');
  await story(browser, server);
  console.log(`${steps.length} steps, all as they must be`);
} finally {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
}
