// The maintainer's overview where there is much of it: two thousand points, ten changes a second; and
// where there is nothing, or no gateway. The figures and the trace of the two thousand points are kept in
// $GENGFU_TRACES, where that is set (`npm run trace`).

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { beforeEach, it } from 'node:test';
import { findings } from './axe.mjs';
import { stopsOf } from './browser.mjs';
import { browser, gateway, open, playGateway, MAINTAINER } from './played.mjs';
import { everyFrame, figures, packed, record } from './trace.mjs';

const DEVICES = 250;
const POINTS_EACH = 8;
const CHANGES = 50;
const PAUSE_MS = 100;
/** Of each second of ten changes, the page may work so much: a frame is 16.7 ms, and each fits in one. */
const MOST_MS_A_CHANGE = 16;
/** No task of its may hold the page longer, by what the thread itself worked: less than a hand feels. */
const MOST_MS_A_TASK = 100;
/** Half of the frames are no later than this, compared with the same page while nothing changes. */
const MOST_TIMES_LATER = 1.5;
/** The largest trace that is kept. */
const MOST_TRACE_BYTES = 300_000;

playGateway(MAINTAINER);

beforeEach(() => furnish(DEVICES));

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
      word: null,
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
    points: points.map(({ id, value, word, no_data, received_at }) => ({ id, value, word, no_data, received_at })),
    incidents: [],
  };
}

/** Twenty points and one more change. */
function change(n) {
  const now = new Date().toISOString();
  const point = (id) => ({ id, value: n, word: null, no_data: null, received_at: now });
  const points = Array.from({ length: 20 }, (_, k) =>
    point(`d${(n * 20 + k) % DEVICES}/p${n % POINTS_EACH}`),
  );
  points.push(point('d0/p0'));
  gateway.changeLive({ now, whole: false, devices: [], points, incidents: null });
}

/** Keeps figures and their trace, where somebody asks for it. */
function keep(name, kept, trace) {
  const folder = process.env.GENGFU_TRACES;
  if (!folder) return;
  assert.ok(trace.length < MOST_TRACE_BYTES, `the trace has ${trace.length} bytes`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(kept, null, 2)}\n`);
  writeFileSync(join(folder, `${name}.trace.json.gz`), trace);
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
  await everyFrame(page);
  const idleFrom = await busy();
  const quiet = figures(await record(session, () => page.waitForTimeout(2_000)));
  const idle = ((await busy()) - idleFrom) / 2_000;
  const from = await busy();
  const begun = Date.now();
  const events = await record(session, async () => {
    for (let n = 1; n <= CHANGES; n += 1) {
      change(n);
      await page.waitForTimeout(PAUSE_MS);
    }
    await page.waitForFunction(
      (last) => document.querySelector('[data-testid=tile-d0] dd').textContent.includes(last),
      `${CHANGES} m/s`,
    );
  });
  const took = Date.now() - begun;
  const each = ((await busy()) - from - idle * took) / CHANGES;
  const full = figures(events);
  const script = (full.thread_ms.script - quiet.thread_ms.script * (full.seconds / quiet.seconds)) / CHANGES;
  const kept = {
    taken: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores, headless Chromium ${browser.version()}, no GPU`,
    points: gateway.live.points.length,
    changes_a_second: 1000 / PAUSE_MS,
    work_ms_a_change: Math.round(each * 10) / 10,
    script_ms_a_change: Math.round(script * 10) / 10,
    with_changes: full,
    without: quiet,
  };
  console.log(JSON.stringify(kept));
  keep('overview-2000', kept, packed(events));
  assert.ok(full.frames > 20, 'the trace has frames');
  assert.ok(each < MOST_MS_A_CHANGE, `a change costs ${each.toFixed(1)} ms`);
  const longest = full.longest_task_thread_ms;
  assert.ok(longest > 0 && longest < MOST_MS_A_TASK, `a task took ${longest} ms`);
  const [now, before] = [full.frame_ms.p50, quiet.frame_ms.p50];
  assert.ok(now < before * MOST_TIMES_LATER, `a frame every ${now} ms, and ${before} ms without changes`);
});

it('shows what is lost and what is not known otherwise than what is well', async () => {
  const { page } = await open('/upkeep', { width: 1024, language: 'zh-CN' });
  const tile = page.getByTestId('tile-d3');
  await tile.and(page.locator('[data-state=normal]')).waitFor();
  const now = new Date().toISOString();
  const lost = { id: 'd3', presence: { state: 'lost', since: now, reason: 'silent' } };
  const point = { id: 'd3/p0', value: null, word: null, no_data: 'silent', received_at: now };
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

it('sets an alarm aside and brings it back, and says why fire and trapped are not set aside', async () => {
  const words = { zh: '安全回路断开', en: 'Safety circuit open' };
  const alarm = (id, danger, shelved = null) => ({
    id,
    name: words,
    source: { kind: 'rule', rule: id },
    danger,
    priority: 'high',
    state: shelved ? 'shelved' : 'unacknowledged',
    active: true,
    acknowledged: false,
    latched: false,
    shelved,
    can_shelve: danger !== 'fire' && danger !== 'trapped',
    chattering_since: null,
    raised_at: new Date().toISOString(),
    cleared_at: null,
    place: 'b0',
    place_name: both('Building 0'),
    device: 'd0',
    device_name: both('Device 0'),
    incident: null,
  });
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const aside = { until, by_name: '李建国' };
  gateway.api.set('/api/v1/devices/d0', { ...gateway.devices[0], points: [], rules: [] });
  gateway.api.set('/api/v1/alarms', [
    alarm('rule:lift', 'lift'),
    alarm('rule:trapped', 'trapped'),
    alarm('rule:old', 'fault', aside),
  ]);
  const shelve = '/api/v1/alarms/rule%3Alift/shelve';
  const { page } = await open('/upkeep/devices/d0', { language: 'zh-CN' });
  const at = (id) => page.getByTestId(id);
  await at('alarm-rule:trapped').getByText('火警和困人不能搁置').waitFor();
  assert.equal(await at('shelve-rule:trapped').count(), 0);
  await at('alarm-rule:old').getByText(/^\s*李建国 搁置到 /).waitFor();
  await at('shelve-rule:lift').tap();
  const stops = await stopsOf(page, 'shelf-sheet');
  assert.ok(stops.includes('shelf-end'), `its menu too: ${stops.join(', ')}`);
  await at('shelf-end').selectOption('morning');
  await at('shelf-back').getByText('08:00 自动取回').waitFor();
  assert.deepEqual(await findings(page), []);

  // It goes wrong in every way, and says so in words each time.
  gateway.refusals.set(shelve, [422, { error: 'invalid', message: 'the end' }]);
  await at('shelf-yes').tap();
  await at('shelf-sheet').getByText('最多 30 天').waitFor();
  gateway.refusals.set(shelve, [409, { error: 'vital', message: 'fire' }]);
  await at('shelf-yes').tap();
  await at('shelf-sheet').getByText('火警和困人不能搁置').waitFor();
  gateway.refusals.clear();
  gateway.turnOff();
  await at('shelf-yes').tap();
  await at('shelf-sheet').getByText('连不上网关').waitFor();
  gateway.turnOn();

  // Sent once, however often it is pressed.
  gateway.api.set(shelve, alarm('rule:lift', 'lift', { until, by_name: '周工' }));
  gateway.asked = [];
  let keep;
  gateway.held = new Promise((resolve) => (keep = resolve));
  await at('shelf-yes').tap();
  await at('shelf-yes').getByText('正在发送').waitFor();
  await at('shelf-yes').tap({ force: true });
  keep();
  await at('shelf-sheet').waitFor({ state: 'detached' });
  await at('alarm-rule:lift').getByText(/^\s*周工 搁置到 /).waitFor();
  assert.equal(gateway.asked.length, 1);
  assert.equal(gateway.asked[0][0], shelve);
  assert.match(gateway.asked[0][1].until, /T00:00:00.000Z$/, "eight in the site's morning");

  // The whole building's, nearest end first; brought back from there.
  gateway.api.set('/api/v1/records', { rows: [], count: 0, next: null });
  await page.goto(`${gateway.url}/upkeep/incidents`);
  await at('shelved-alarms').getByText('李建国').waitFor();
  gateway.api.set('/api/v1/alarms/rule%3Aold/unshelve', null);
  await at('unshelve-rule:old').tap();
  await at('none-shelved').waitFor();
  assert.deepEqual(await findings(page), []);

  // Who may not change it sees it, and no button.
  gateway.session = { ...gateway.session, roles: ['volunteer'] };
  await page.reload();
  await at('shelved-alarms').getByText('李建国').waitFor();
  assert.equal(await at('unshelve-rule:old').count(), 0);
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
