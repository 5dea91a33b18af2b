// The maintainer's overview where there is much of it: two thousand points, ten changes a second; and
// where there is nothing, or no gateway.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, it } from 'node:test';
import { findings } from './axe.mjs';
import { launch, phone } from './browser.mjs';
import { built } from './built.mjs';
import { Gateway } from './gateway.mjs';

const DEVICES = 250;
const POINTS_EACH = 8;
const CHANGES = 50;
const PAUSE_MS = 100;
/** Of each second of ten changes, the page may work so much: a frame is 16.7 ms, and each fits in one. */
const MOST_MS_A_CHANGE = 16;

let pages;
let browser;
let gateway;
let opened;

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
  gateway.session = {
    person: 'zhou',
    name: '周工',
    roles: ['maintainer'],
    language: 'zh',
    time_zone: 'Asia/Shanghai',
  };
  furnish(DEVICES);
  opened = [];
});

afterEach(async () => {
  for (const { context } of opened) await context.close();
  await gateway.stop();
  for (const { complaints } of opened) assert.deepEqual(complaints, []);
});

const both = (name) => ({ zh: `${name} 号`, en: name });

/** So many devices in ten buildings, all heard and quiet. */
function furnish(count) {
  const heard_at = new Date().toISOString();
  const places = Array.from({ length: 10 }, (_, n) => ({
    id: `b${n}`,
    name: both(`Building ${n}`),
    path: both(`Building ${n}`),
    open_incidents: 0,
  }));
  const devices = Array.from({ length: count }, (_, n) => ({
    id: `d${n}`,
    name: both(`Device ${n}`),
    place: `b${n % 10}`,
    place_name: both(`Building ${n % 10}`),
    profile: 'lift-unit',
    added: false,
    presence: { state: 'present' },
    heard_at,
    supervision: '90s',
    out_of_service: null,
    alarms: [],
  }));
  const points = devices.flatMap((device) =>
    Array.from({ length: POINTS_EACH }, (_, n) => ({
      id: `${device.id}/p${n}`,
      name: both(`Point ${n}`),
      unit: 'm/s',
      device: device.id,
      device_name: device.name,
      place: device.place,
      value: 0,
      no_data: null,
      source_at: null,
      received_at: heard_at,
      watched: false,
    })),
  );
  gateway.api.set('/api/v1/places', places);
  gateway.api.set('/api/v1/points', points);
  gateway.api.set('/api/v1/rosters/night/shifts', []);
  gateway.devices = devices;
  gateway.live = {
    now: heard_at,
    whole: true,
    devices: devices.map(({ id, presence }) => ({
      id,
      presence,
      heard_at,
      out_of_service: false,
      alarms: 0,
      priority: null,
    })),
    points: points.map(({ id, value, no_data, received_at }) => ({ id, value, no_data, received_at })),
    incidents: [],
  };
}

async function open(path, options) {
  const one = await phone(browser, gateway.url, options);
  opened.push(one);
  await one.page.goto(gateway.url + path);
  return one;
}

it('keeps two thousand points up to date ten times a second without losing a frame to it', async () => {
  const { page } = await open('/upkeep', { width: 1920, language: 'en-GB' });
  const value = page.getByTestId('tile-d0').locator('dd').first();
  await value.waitFor();
  assert.equal(gateway.live.points.length, 2_000);
  const session = await page.context().newCDPSession(page);
  // What the page's thread worked, not how long it waited for a busy machine.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busy = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
  };
  // The browser's own frames, by the page's clock.
  await page.evaluate(() => {
    window.frames_ = [];
    const each = (at) => (window.frames_.push(at), requestAnimationFrame(each));
    requestAnimationFrame(each);
  });
  const idleFrom = await busy();
  await page.waitForTimeout(2_000);
  const idle = ((await busy()) - idleFrom) / 2_000;
  const from = await busy();
  const begun = Date.now();
  for (let n = 1; n <= CHANGES; n += 1) {
    const points = Array.from({ length: 20 }, (_, k) => ({
      id: `d${(n * 20 + k) % DEVICES}/p${n % POINTS_EACH}`,
      value: n,
      no_data: null,
      received_at: new Date().toISOString(),
    }));
    points.push({ id: 'd0/p0', value: n, no_data: null, received_at: new Date().toISOString() });
    const now = new Date().toISOString();
    gateway.changeLive({ now, whole: false, devices: [], points, incidents: null });
    await page.waitForTimeout(PAUSE_MS);
  }
  await page.waitForFunction(
    (last) => document.querySelector('[data-testid=tile-d0] dd').textContent.includes(last),
    `${CHANGES} m/s`,
  );
  const took = Date.now() - begun;
  const each = ((await busy()) - from - idle * took) / CHANGES;
  const frames = await page.evaluate(() => window.frames_);
  const late = frames.filter((at, n) => n > 0 && at - frames[n - 1] > 50).length;
  console.log(`a change costs ${each.toFixed(1)} ms; ${frames.length} frames, ${late} later than 50 ms`);
  assert.ok(each < MOST_MS_A_CHANGE, `a change costs ${each.toFixed(1)} ms`);
});

it('shows what is lost and what is not known otherwise than what is well', async () => {
  const { page } = await open('/upkeep', { width: 1024, language: 'zh-CN' });
  const tile = page.getByTestId('tile-d3');
  await tile.and(page.locator('[data-state=normal]')).waitFor();
  const now = new Date().toISOString();
  const lost = { id: 'd3', presence: { state: 'lost', since: now, reason: 'silent' } };
  const point = { id: 'd3/p0', value: null, no_data: 'silent', received_at: now };
  gateway.changeLive({
    now,
    whole: false,
    devices: [{ ...lost, heard_at: now, out_of_service: false, alarms: 1, priority: 'high' }],
    points: [point],
    incidents: null,
  });
  await tile.and(page.locator('[data-state=lost]')).waitFor();
  await tile.getByText('没有数据').first().waitFor();
  await page.getByTestId('only-lost').click();
  assert.equal(await page.locator('article').count(), 1);
  await page.getByTestId('only-lost').click();

  // Without the gateway nothing is called normal any more.
  gateway.turnOff();
  await page.getByTestId('out-of-touch').waitFor();
  await page.getByTestId('tile-d4').and(page.locator('[data-state=unknown]')).waitFor();
  assert.equal(await page.locator('article[data-state=normal]').count(), 0);
  assert.deepEqual(await findings(page), []);
  gateway.turnOn();
  await page.getByTestId('tile-d4').and(page.locator('[data-state=normal]')).waitFor();
});

it('says that there is nothing, and who may not look', async () => {
  furnish(0);
  const { page } = await open('/upkeep', { language: 'en-GB' });
  await page.getByText('No devices yet').waitFor();
  gateway.session = { ...gateway.session, roles: ['volunteer'] };
  const volunteer = await open('/upkeep', { language: 'en-GB' });
  await volunteer.page.getByText("You aren't allowed").waitFor();
  assert.equal(await volunteer.page.getByTestId('nav-people').count(), 0);
  // But they find the roster from their first page.
  await volunteer.page.goto(`${gateway.url}/`);
  await volunteer.page.getByTestId('to-rosters').tap();
  await volunteer.page.getByTestId('roster-night').waitFor();
  await volunteer.page.goto(`${gateway.url}/upkeep/nothing`);
  await volunteer.page.getByText('There is no such page').waitFor();
  assert.deepEqual(await findings(volunteer.page), []);
});
