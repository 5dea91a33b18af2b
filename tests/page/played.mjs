// What each story against a gateway that it plays itself begins and ends with: the pages built once, one
// browser, and for every story a gateway of its own and the phones that it opens.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach } from 'node:test';
import { launch, phone } from './browser.mjs';
import { built } from './built.mjs';
import { Gateway } from './gateway.mjs';

/** Who may be signed in. */
export const VOLUNTEER = session('wang', '王秀英', 'volunteer');
export const MAINTAINER = session('zhou', '周工', 'maintainer');

/** As they are while a story goes on. */
export let browser;
export let gateway;

/** Every phone of the story. */
let opened;

/** Every story of the file gets a gateway, where `session` is signed in. */
export function playGateway(session = null) {
  let pages;

  before(async () => {
    pages = built();
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    pages?.remove();
  });

  beforeEach(async () => {
    gateway = new Gateway(pages.dist);
    await gateway.start();
    gateway.session = session && { ...session };
    opened = [];
  });

  // Nothing happened on any of its phones that must not.
  afterEach(async () => {
    for (const { context } of opened) await context.close();
    await gateway.stop();
    for (const { complaints } of opened) assert.deepEqual(complaints, []);
  });
}

/** A phone with nothing on it yet. */
export async function unlock(options) {
  const one = await phone(browser, gateway.url, options);
  opened.push(one);
  return one;
}

/** Opens a path on a phone of its own. */
export async function open(path, options) {
  const one = await unlock(options);
  await one.page.goto(gateway.url + path);
  return one;
}

function session(person, name, role) {
  return { person, name, roles: [role], language: 'zh', time_zone: 'Asia/Shanghai' };
}
