// Takes the pictures of docs/pictures anew: the demo's gateway and building, and each page of the three people
// who use it, at three sizes, in both languages. `npm run shots`, after `cargo build`; $GENGFU is another
// gengfu, argument 1 another folder. It writes the list of them beside them.

import { spawn } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { findings } from './axe.mjs';
import { launch, moveIn, phone, widthOf } from './browser.mjs';

const root = resolve(import.meta.dirname, '../..');
const program = process.env.GENGFU ?? join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug/gengfu');
const folder = process.argv[2] ?? join(root, 'docs/pictures');
const SIZES = [
  { width: 360, height: 780 },
  { width: 1024, height: 768 },
  { width: 1920, height: 1080 },
];
const LANGUAGES = { zh: 'zh-CN', en: 'en-GB' };
/** All of them together: they are in everybody's clone. */
const MOST_BYTES = 4_000_000;
const DAY_MS = 86_400_000;

/** What is shown of whom; `show` is what must be there, and is brought into sight. */
const PAGES = [
  { who: 'volunteer', name: 'incident', words: 'A passenger is trapped: what, where, who is asked, what to press', path: '/incidents/1', show: 'standing', early: true },
  { who: 'maintainer', name: 'overview', words: 'The building live, while a passenger is trapped', path: '/upkeep', show: 'building-building-3', early: true },
  { who: 'volunteer', name: 'home', words: 'The first page: what is open, who is on call', path: '/', show: 'on-call' },
  { who: 'volunteer', name: 'swap', words: 'A neighbour asks for a swap of shifts', path: '/', show: 'swap-accept', swap: true, scroll: true },
  { who: 'maintainer', name: 'device', words: 'One device: its values, its past, its alarms', path: '/upkeep/devices/lift-1', show: 'chart-summary', act: lastHour },
  { who: 'maintainer', name: 'record', words: 'An incident looked back on', path: '/upkeep/incidents/1', show: 'record' },
  { who: 'maintainer', name: 'roster', words: 'A roster, with a night that nobody has', path: '/upkeep/rosters/duty', show: 'month', act: toGap },
  { who: 'maintainer', name: 'policies', words: 'Who is asked, in which order, and what would happen now', path: '/upkeep/policies', show: 'rehearsal', act: (page) => page.getByTestId('if-ask').click() },
  { who: 'maintainer', name: 'figures', words: 'Alarm figures of the month', path: '/upkeep/figures', show: 'rates' },
  { who: 'installer', name: 'boards', words: 'Every board, and how it is', path: '/upkeep/boards', show: 'board-gate-board' },
  { who: 'installer', name: 'wiring', words: 'What goes to which terminal', path: '/upkeep/boards/gate-board', show: 'wiring-picture', scroll: true },
  { who: 'installer', name: 'walk-test', words: 'A walk test goes on: nobody else is woken', path: '/upkeep/walk-test/gate-board', show: 'running', test: true },
  { who: 'installer', name: 'report', words: 'The report of it, to be signed', path: '/upkeep/commissioning/gate-board', show: 'report', test: true },
];
const PEOPLE = { volunteer: 'li', maintainer: 'zhou', installer: 'chen' };

mkdirSync(folder, { recursive: true });
const demo = await start();
const browser = await launch();
try {
  const cookies = await settle();
  await demo.trapped;
  const early = PAGES.filter((page) => page.early);
  await Promise.all(visits(early).map((visit) => take(visit, cookies)));
  await calm(cookies.maintainer);
  for (const visit of visits(PAGES.filter((page) => !page.early && !page.swap && !page.test))) {
    await take(visit, cookies);
  }
  await askSwap(cookies);
  for (const visit of visits(PAGES.filter((page) => page.swap))) await take(visit, cookies);
  await ask(cookies.installer, 'POST', 'devices/gate-board/walk-test', { minutes: 60 });
  for (const visit of visits(PAGES.filter((page) => page.test))) await take(visit, cookies);
  list();
} finally {
  await browser.close();
  demo.stop();
}

/** Starts the demo; where it is, its administrator's password, and when the passenger is trapped. */
async function start() {
  const child = spawn(program, ['demo', '--scenario', 'trapped'], {
    env: { ...process.env, NO_COLOR: '1', LANG: 'en_GB.UTF-8', LC_ALL: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const promised = {};
  const said = (name) => new Promise((keep) => (promised[name] = keep));
  const [page, trapped] = [said('page'), said('trapped')];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const at = line.match(/(http:\/\/\S+)\/\s+user admin, password (\S+)/);
    if (at) promised.page({ base: at[1], password: at[2] });
    if (/step 1: asking/.test(line)) promised.trapped();
  });
  const gone = new Promise((_, fail) => {
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`${program} demo ended with ${code}`)));
  });
  gone.catch(() => undefined);
  const first = await Promise.race([page, gone]);
  return { ...first, trapped, stop: () => child.kill('SIGINT') };
}

/** Moves a maintainer and an installer in, leaves a night empty; each one's cookies. */
async function settle() {
  const admin = await browser.newContext();
  await admin.request.post(`${demo.base}/api/v1/session`, {
    headers: { origin: demo.base },
    data: { person: 'admin', password: demo.password },
  });
  const whole = await admin.cookies();
  await ask(whole, 'PUT', 'people/zhou', { name: '周工', roles: ['maintainer'], methods: [] });
  await ask(whole, 'PUT', 'people/chen', { name: '陈师傅', roles: ['installer'], methods: [] });
  const roster = await ask(whole, 'GET', 'rosters/duty');
  const night = ahead(3 * DAY_MS).slice(0, 10);
  roster.exceptions = [{ kind: 'remove', person: 'wang', from: `${night}T00:00:00`, to: `${night}T08:00:00` }];
  await ask(whole, 'PUT', 'rosters/duty', roster);
  const cookies = {};
  for (const [who, id] of [...Object.entries(PEOPLE), ['wang', 'wang']]) {
    const { link } = await ask(whole, 'POST', `people/${id}/invitation`, null);
    const one = await phone(browser, demo.base);
    await moveIn(one.page, link);
    cookies[who] = await one.context.cookies();
    await one.context.close();
  }
  await admin.close();
  return cookies;
}

/** Waits until the story is over: no incident is open. */
async function calm(cookies) {
  for (;;) {
    const { count } = await ask(cookies, 'GET', 'records?open=true&limit=1');
    if (count === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

async function lastHour(page) {
  await page.getByTestId('length-0').click();
  await page.evaluate(() => scrollTo(0, 0));
}

/** Turns the calendar to the night that nobody has, and brings it into sight. */
async function toGap(page) {
  const gap = page.locator('[data-testid=month] li:not(.outside) > ul > .gap').first();
  await page.getByTestId('month').waitFor();
  if ((await gap.count()) === 0) await page.getByTestId('month-after').click();
  await gap.waitFor();
  await gap.evaluate((at) => at.scrollIntoView({ block: 'center' }));
}

async function askSwap(cookies) {
  const from = ahead(5 * DAY_MS).slice(0, 10);
  const to = ahead(6 * DAY_MS).slice(0, 10);
  await ask(cookies.wang, 'POST', 'me/swaps', {
    roster: 'duty',
    turn: { from: `${from}T00:00:00+08:00`, to: `${to}T00:00:00+08:00` },
    asked: ['li'],
    note: '孙女生日 · my granddaughter’s birthday',
  });
}

/** One request of the API, as whoever has these cookies. */
async function ask(cookies, method, path, data) {
  const context = await browser.newContext();
  await context.addCookies(cookies);
  const answer = await context.request.fetch(`${demo.base}/api/v1/${path}`, {
    method,
    headers: { origin: demo.base },
    ...(data !== undefined && { data }),
  });
  const text = await answer.text();
  await context.close();
  if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${text}`);
  return text ? JSON.parse(text) : null;
}

function ahead(ms) {
  return new Date(Date.now() + ms).toISOString();
}

function visits(pages) {
  return pages.flatMap((page) =>
    SIZES.flatMap((size) => Object.keys(LANGUAGES).map((language) => ({ ...page, ...size, language }))),
  );
}

function fileOf({ who, name, width, language }) {
  return `${who}-${name}-${width}-${language}.webp`;
}

async function take(visit, cookies) {
  const { width, height, language, path, show, act } = visit;
  const one = await phone(browser, demo.base, { width, height, language: LANGUAGES[language] });
  await one.context.addCookies(cookies[visit.who]);
  await one.page.goto(demo.base + path);
  await act?.(one.page);
  const shown = one.page.getByTestId(show).first();
  await shown.waitFor();
  await one.page.waitForFunction(() => document.querySelector('main .spinner') === null);
  await one.page.evaluate(() => Promise.all([...document.images].map((image) => image.decode())));
  if (visit.scroll) await shown.scrollIntoViewIfNeeded();
  // What moves in comes to rest.
  await one.page.evaluate(() => Promise.all(document.getAnimations().map((it) => (it.effect.getTiming().iterations === Infinity ? null : it.finished))));
  const session = await one.context.newCDPSession(one.page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 72 });
  writeFileSync(join(folder, fileOf(visit)), Buffer.from(data, 'base64'));
  const wide = await widthOf(one.page);
  if (wide > width) throw new Error(`${fileOf(visit)} is ${wide} wide`);
  // A page that is photographed while it changes is looked at by axe in its own story.
  const wrong = visit.early ? [] : await findings(one.page);
  if (wrong.length > 0) throw new Error(`${fileOf(visit)}: ${JSON.stringify(wrong)}`);
  if (one.complaints.length > 0) throw new Error(`${fileOf(visit)}: ${one.complaints}`);
  await one.context.close();
}

/** The list of them, and how large they are. */
function list() {
  const bytes = visits(PAGES).reduce((sum, visit) => sum + statSync(join(folder, fileOf(visit))).size, 0);
  if (bytes > MOST_BYTES) throw new Error(`the pictures have ${bytes} bytes`);
  const whose = Object.keys(PEOPLE).map((who) => {
    const rows = PAGES.filter((page) => page.who === who).map((page) => {
      const links = SIZES.map(({ width }) =>
        Object.keys(LANGUAGES)
          .map((language) => `[${language}](${fileOf({ ...page, width, language })})`)
          .join(' '),
      );
      return `| ${page.words} | ${links.join(' | ')} | <img src="${fileOf({ ...page, width: 360, language: 'zh' })}" alt="${page.name}" width="150"> |`;
    });
    const head = `| | ${SIZES.map(({ width }) => width).join(' | ')} | |\n|${' --- |'.repeat(SIZES.length + 2)}`;
    return `## The ${who}\n\n${head}\n${rows.join('\n')}\n`;
  });
  const text = `# Pictures of the pages

The demo's building, at three widths in pixels, in Chinese (zh) and English (en). Names of people and of the site's own
rosters are as somebody wrote them. \`(cd tests/page && npm run -s shots)\` after \`cargo build\` takes all of them and
writes this list.

${whose.join('\n')}`;
  writeFileSync(join(folder, 'README.md'), text);
  console.log(`${visits(PAGES).length} pictures, ${bytes} bytes`);
}
