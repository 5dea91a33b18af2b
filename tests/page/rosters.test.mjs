// A roster's page and what a policy would do, in a real browser against a gateway that each story plays by
// itself.

import assert from 'node:assert/strict';
import { beforeEach, it } from 'node:test';
import { widthOf } from './browser.mjs';
import { gateway, open, playGateway, MAINTAINER } from './played.mjs';

const ZONE = 'Asia/Shanghai';
const LONG = 'W'.repeat(80);
let roster;

playGateway(MAINTAINER);

beforeEach(() => {
  roster = { id: 'night', name: '夜班', time_zone: ZONE, layers: [], exceptions: [] };
  const path = '/api/v1/rosters/night';
  const day = 86_400_000;
  const shift = (people) => [
    {
      start: new Date(Date.now() - 40 * day).toISOString(),
      end: new Date(Date.now() + 70 * day).toISOString(),
      people,
      why: [],
    },
  ];
  gateway.api.set(path, roster);
  gateway.api.set(`${path}/people`, [{ id: 'li', name: '李建国' }, { id: 'wang', name: LONG }]);
  gateway.api.set(`${path}/calendar`, { path: '/api/v1/calendar/x', month: '/x' });
  gateway.api.set(`${path}/shifts`, shift(['li']));
  gateway.shift = (people) => gateway.api.set(`${path}/shifts`, shift(people));
});

const today = () => new Date().toLocaleDateString('en-CA', { timeZone: ZONE });

it('is live, begins with today on a phone, and stays whole however long a name is', async () => {
  const { page } = await open('/upkeep/rosters/night');
  const month = page.getByTestId('month');
  const days = month.locator('li[data-date]:visible');
  await days.first().getByText('李建国').waitFor();
  const shown = await days.first().getAttribute('data-date');
  assert.equal(shown, today());
  // Somebody else's change.
  gateway.shift(['wang']);
  gateway.change({});
  await days.first().getByText(LONG).waitFor();
  assert.ok((await widthOf(page)) <= 360);
  if (Number(today().slice(8)) > 1) {
    await page.getByTestId('earlier-days').tap();
    const first = await days.first().getAttribute('data-date');
    assert.equal(first, `${today().slice(0, 8)}01`);
  }
});

it('asks before an exception is taken away, and its form begins empty each time', async () => {
  roster.exceptions = [
    { kind: 'add', person: 'li', from: '2030-01-01T00:00:00', to: '2030-01-02T00:00:00' },
  ];
  gateway.api.set('/api/v1/people', []);
  const { page } = await open('/upkeep/rosters/night');
  await page.getByTestId('exception-away').tap();
  await page.getByText('真的去掉？再按一次').waitFor();
  assert.deepEqual(gateway.asked, []);
  await page.getByTestId('exception-away').tap();
  for (let left = 100; gateway.asked.length === 0 && left > 0; left -= 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.deepEqual(gateway.asked[0][1].exceptions, []);
  await page.getByTestId('add-exception').tap();
  await page.getByTestId('exception-from').fill('2030-02-01T00:00');
  await page.keyboard.press('Escape');
  await page.getByTestId('add-exception').tap();
  assert.equal(await page.getByTestId('exception-from').inputValue(), '');
});

it('never shows the answer to another question, and asks for no time that is none', async () => {
  gateway.api.set('/api/v1/policies', []);
  gateway.api.set('/api/v1/people', []);
  gateway.api.set('/api/v1/outputs', []);
  gateway.api.set('/api/v1/places', [
    { id: 'b3', name: { zh: '三号楼', en: 'Building 3' }, path: { zh: '三号楼', en: 'Building 3' } },
    { id: 'b5', name: { zh: '五号楼', en: 'Building 5' }, path: { zh: '五号楼', en: 'Building 5' } },
  ]);
  gateway.api.set('/api/v1/rehearsal', { policy: null, lines: [], at: new Date().toISOString() });
  const { page } = await open('/upkeep/policies', { language: 'en-GB' });
  await page.getByTestId('if-ask').tap();
  const question = page.getByTestId('if-question');
  await question.waitFor();
  assert.match(await question.innerText(), /Person trapped · Building 3 · \d{4}-\d\d-\d\d 03:00/);
  await page.getByTestId('if-place').selectOption('b5');
  await question.waitFor({ state: 'detached' });
  await page.getByTestId('if-ask').tap();
  await page.getByText('Person trapped · Building 5').waitFor();
  await page.getByTestId('if-at').fill('');
  await question.waitFor({ state: 'detached' });
  assert.ok(await page.getByTestId('if-ask').isDisabled());
});

it('does not undo what somebody else has changed of it at the same moment, and says so', async () => {
  const path = '/api/v1/rosters/night';
  const mine = { kind: 'add', person: 'li', from: '2030-01-01T00:00:00', to: '2030-01-02T00:00:00' };
  const theirs = { ...mine, person: 'wang' };
  roster.exceptions = [mine];
  gateway.api.set('/api/v1/people', []);
  const { page } = await open('/upkeep/rosters/night');
  await page.route(`**${path}`, async (route) => {
    // Between this page's look at it and its change.
    if (route.request().method() === 'PUT') gateway.api.set(path, { ...roster, exceptions: [mine, theirs] });
    await route.continue();
  });
  await page.getByTestId('exception-away').tap();
  await page.getByTestId('exception-away').tap();
  await page.getByTestId('exceptions').getByText('别人刚刚改过这里').waitFor();
  assert.equal(gateway.api.get(path).exceptions.length, 2);
  // Once more, now of what is there.
  await page.unroute(`**${path}`);
  gateway.change({});
  await page.getByTestId('exception-away').nth(1).waitFor();
  await page.getByTestId('exception-away').first().tap();
  await page.getByTestId('exception-away').first().tap();
  for (let left = 100; gateway.asked.length < 2 && left > 0; left -= 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.deepEqual(gateway.asked.at(-1)[1].exceptions, [theirs]);
});
