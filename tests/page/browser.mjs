// Debian's Chromium, as a phone.

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
export async function phone(browser, url, { language = 'zh-CN', dark = false, width = 360 } = {}) {
  const context = await browser.newContext({
    viewport: { width, height: 740 },
    locale: language,
    colorScheme: dark ? 'dark' : 'light',
    hasTouch: true,
    timezoneId: 'Asia/Shanghai',
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
