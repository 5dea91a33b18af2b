// The first page of who is signed in, and the ways between the pages, in a real browser against a gateway
// that each story plays by itself.

import assert from 'node:assert/strict';
import { beforeEach, it } from 'node:test';
import { widthOf } from './browser.mjs';
import { incident } from './gateway.mjs';
import { gateway, open, playGateway, VOLUNTEER } from './played.mjs';

playGateway(VOLUNTEER);

beforeEach(() => {
  gateway.incident = incident('trapped', { phase: 'ended' });
});

const hours = (count) => new Date(Date.now() + count * 3_600_000).toISOString();
/** As the clock on the wall in Shanghai shows it. */
const clock = (at) =>
  new Date(at).toLocaleTimeString('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    timeZone: 'Asia/Shanghai',
  });
const LI = { id: 'li', name: '李建国' };
const WANG = { id: 'wang', name: '王秀英' };

function duty() {
  return {
    at: hours(0),
    people: [WANG],
    why: [],
    until: hours(5),
    relief: { at: hours(5), people: [LI] },
    my_until: hours(5),
    my_next: { from: hours(53), to: hours(77) },
  };
}

it('says until when I am on call and who follows, by the clock of the house wherever the phone is', async () => {
  const now = duty();
  gateway.refusals.set('/api/v1/rosters/night/on-call', [200, now]);
  const { page } = await open('/', { language: 'en-GB', timeZone: 'America/New_York' });
  const mine = page.getByTestId('my-duty');
  await mine.waitFor();
  assert.match(await mine.innerText(), new RegExp(`You are on call until .*${clock(now.my_until)}`));
  const relief = await page.getByTestId('relief').innerText();
  assert.match(relief, new RegExp(`from .*${clock(now.relief.at)}: 李建国`));
});

it('asks for a swap in three taps, of one person or of whoever can', async () => {
  const now = duty();
  gateway.refusals.set('/api/v1/rosters/night/on-call', [200, now]);
  gateway.api.set('/api/v1/rosters/night/people', [WANG, LI]);
  gateway.api.set('/api/v1/me/swaps', []);
  const { page } = await open('/');
  await page.getByTestId('swap').tap();
  const sheet = page.getByTestId('swap-sheet');
  assert.equal(await sheet.getByText('王秀英').count(), 0, 'not of oneself');
  await sheet.getByText('李建国').tap();
  await page.getByTestId('swap-ask').tap();
  await sheet.waitFor({ state: 'detached' });
  await page.getByTestId('swap').tap();
  await page.getByTestId('swap-ask').tap();
  await sheet.waitFor({ state: 'detached' });
  const wish = (asked) => ['/api/v1/me/swaps', { roster: 'night', turn: now.my_next, asked }];
  assert.deepEqual(gateway.asked, [wish(['li']), wish([])]);
  assert.ok((await widthOf(page)) <= 360);
});

it('leaves the page whole on a small phone, however long a name is', async () => {
  const long = 'W'.repeat(80);
  const now = { ...duty(), people: [{ ...WANG, name: long }], relief: { at: hours(5), people: [{ ...LI, name: long }] } };
  gateway.refusals.set('/api/v1/rosters/night/on-call', [200, now]);
  gateway.session.name = long;
  gateway.incident = incident('trapped', { place_name: { zh: long, en: long } });
  const { page } = await open('/');
  await page.getByTestId('my-duty').waitFor();
  assert.ok((await widthOf(page)) <= 360, 'the first page');
  await page.getByTestId('incident-7').tap();
  await page.getByTestId('do-acknowledge').waitFor();
  assert.ok((await widthOf(page)) <= 360, "the incident's page");
});

it('goes back to where the reader was, and a link leaves the focus on the page', async () => {
  gateway.api.set('/api/v1/me/ways', []);
  const { page } = await open('/', { height: 400 });
  const link = page.getByTestId('to-ways');
  await link.waitFor();
  await page.getByTestId('on-call').getByText('王秀英').waitFor();
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  const before = await page.evaluate(() => scrollY);
  assert.ok(before > 0, 'the page is higher than the screen');
  await link.evaluate((element) => element.click());
  await page.waitForURL('**/ways');
  await page.waitForFunction(() => document.activeElement?.tagName === 'MAIN');
  assert.equal(await page.title(), '怎样联系到我');
  await page.goBack();
  await page.getByTestId('home').waitFor();
  await page.waitForFunction((y) => Math.abs(scrollY - y) < 60, before);
  await page.goForward();
  await page.getByTestId('ways').waitFor();
  await page.getByTestId('language-switch').tap();
  await page.waitForFunction(() => document.title === 'How I am reached');
});

it('leaves the focus on a page that is read late, and on none that is opened anew', async () => {
  gateway.incident = incident('trapped');
  const focused = () => document.activeElement.tagName;
  const { page } = await open('/');
  await page.getByTestId('incident-7').waitFor();
  assert.equal(await page.evaluate(focused), 'BODY', 'the first page is the browser’s own');
  let answer;
  const asked = new Promise((resolve) => (answer = resolve));
  await page.route('**/api/v1/incidents/7', async (route) => {
    await asked;
    await route.continue();
  });
  await page.getByTestId('incident-7').tap();
  await page.getByText('正在打开').waitFor();
  await page.waitForFunction(() => document.activeElement.tagName === 'MAIN');
  answer();
  await page.getByTestId('do-acknowledge').waitFor();
  assert.equal(await page.evaluate(focused), 'MAIN', 'and goes on in what comes in its place');
});

it('shows where the keyboard is, in a field too', async () => {
  gateway.session = null;
  const { page } = await open('/');
  await page.getByTestId('sign-in').waitFor();
  await page.getByLabel('密码').focus();
  const outline = () => getComputedStyle(document.activeElement).outlineStyle;
  assert.equal(await page.evaluate(outline), 'solid');
});
