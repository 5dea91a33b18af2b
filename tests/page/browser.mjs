// Debian's Chromium, as a phone, and what every story begins and ends with.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const QUIETLY = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launch() {
  return chromium.launch({
    executablePath: process.env.GENGFU_TEST_CHROMIUM ?? '/usr/bin/chromium',
    args: QUIETLY,
  });
}

/**
 * A page on a small phone. `complaints` gathers what must not happen: script errors, refusals by the
 * content security policy, requests to anybody else.
 */
export async function phone(browser, url, options = {}) {
  const { language = 'zh-CN', timeZone = 'Asia/Shanghai', dark = false, width = 360, height = 740 } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    locale: language,
    colorScheme: dark ? 'dark' : 'light',
    hasTouch: true,
    timezoneId: timeZone,
  });
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (line) => {
    if (/Content Security Policy|violates/.test(line.text())) complaints.push(line.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) complaints.push(`a request to ${request.url()}`);
  });
  return { context, page, complaints };
}

/**
 * Plays a story. `pictures` is where its screenshots go: $GENGFU_SCREENSHOTS, or else a folder that is gone
 * afterwards, unless the story fails.
 */
export async function story(name, play) {
  const passing = mkdtempSync(join(tmpdir(), `gengfu-${name}-`));
  const browser = await launch();
  try {
    await play({ browser, pictures: process.env.GENGFU_SCREENSHOTS ?? passing });
    rmSync(passing, { recursive: true });
  } finally {
    await browser.close();
  }
}

/** Opens an invitation and chooses a password; from then on the page is signed in. */
export async function moveIn(page, invitation) {
  await page.goto(invitation);
  const passwords = page.locator('input[type=password]');
  await passwords.first().fill('correct horse battery staple');
  await passwords.nth(1).fill('correct horse battery staple');
  await page.locator('button[type=submit], button.main').first().tap();
  await page.getByTestId('home').waitFor();
}

/**
 * That an open question keeps the keyboard to itself: Tab goes round within it both ways, and what lies behind
 * is out of reach of everything. The test ids that it stops at, in order.
 */
export async function stopsOf(page, sheet) {
  const here = () =>
    page.evaluate((id) => {
      const at = document.activeElement;
      const within = document.querySelector(`[data-testid="${id}"]`).contains(at);
      return { within, id: at.dataset.testid ?? `${at.tagName} ${at.textContent.trim()}` };
    }, sheet);
  const round = async (key) => {
    const stops = [];
    for (;;) {
      await page.keyboard.press(key);
      const at = await here();
      assert.ok(at.within, `the focus left the question: ${key} after ${stops.join(', ')}`);
      if (stops.includes(at.id)) return stops;
      stops.push(at.id);
    }
  };
  const there = await round('Tab');
  const back = await round('Shift+Tab');
  assert.deepEqual([...back].sort(), [...there].sort(), 'the same ways there and back');
  const reachable = await page.evaluate((id) => {
    const question = document.querySelector(`[data-testid="${id}"]`);
    const all = document.querySelectorAll('a[href], button, input, select, textarea');
    return [...all].filter((one) => !question.contains(one) && !one.closest('[inert]')).length;
  }, sheet);
  assert.equal(reachable, 0, 'what lies behind is out of reach');
  return there;
}

/** How wide a page is, in px: more than its screen where something sticks out. */
export function widthOf(page) {
  return page.evaluate(() => document.documentElement.scrollWidth);
}

/** What a camera would give: a JPEG of a lift's door, drawn here. */
export async function still(browser, words) {
  const context = await browser.newContext({ viewport: { width: 640, height: 360 } });
  const page = await context.newPage();
  await page.setContent(`<body style="margin:0;background:#4a4f57;display:grid;place-items:center">
    <svg width="640" height="360"><rect x="210" y="40" width="220" height="320" fill="#9aa3ad"/>
    <path d="M320 40V360" stroke="#2b2f35" stroke-width="4"/>
    <rect x="460" y="170" width="26" height="60" fill="#d9b24c"/>
    <text x="20" y="340" font-size="22" fill="#e6e6e6">${words}</text></svg></body>`);
  const file = await page.screenshot({ type: 'jpeg', quality: 80 });
  await context.close();
  return file;
}

/** Waits until nothing on the page says that it is being read. */
export function settled(page) {
  return page.waitForFunction(() => !document.querySelector('main [role=status] .spinner'));
}
