// A maintainer's day against the real gateway: argument 1 is their invitation. Every page is looked at by
// axe, in both languages, light and dark, on a phone and on a desk. Screenshots go to $GENGFU_SCREENSHOTS.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findings } from './axe.mjs';
import { moveIn, phone, settled, story, widthOf } from './browser.mjs';

const [invitation] = process.argv.slice(2);
const base = new URL(invitation).origin;

await story('upkeep', async ({ browser, pictures }) => {
  const desk = await phone(browser, base, { language: 'en-GB', width: 1920 });
  const { page } = desk;
  const at = (id) => page.getByTestId(id);
  const download = async (id) => {
    const [file] = await Promise.all([page.waitForEvent('download'), at(id).click()]);
    return readFileSync(await file.path(), 'utf8');
  };
  const onDay = (day) => page.locator(`[data-testid=month] > [data-date="${day}"]`);
  /** Turns the calendar to the month of a day ahead. */
  const month = async (day) => {
    while ((await page.locator('.months h2').innerText()) !== day.slice(0, 7)) {
      await at('month-after').click();
    }
  };
  await moveIn(page, invitation);

  // The plan, live: a value that no rule asks about moves by itself.
  await at('to-overview').click();
  await at('tile-lift-9').and(page.locator('[data-state=alarm]')).waitFor();
  await at('building-b9').getByText('Building 9', { exact: true }).waitFor();
  const trips = at('tile-lift-9').locator('div', { hasText: 'Trips' }).locator('dd');
  const before = await trips.innerText();
  await page.waitForFunction(
    ([id, known]) => {
      const rows = [...document.querySelectorAll(`[data-testid=${id}] dl div`)];
      const row = rows.find((one) => one.textContent.includes('Trips'));
      return row && !row.textContent.includes(known);
    },
    ['tile-lift-9', before],
  );
  await at('tile-silent').and(page.locator('[data-state=unknown]')).waitFor();

  // Whoever followed the link goes on in the page that it led to; who opens that page anew, by the keyboard
  // alone, gets past the navigation.
  await page.waitForFunction(() => document.activeElement.id === 'main');
  await page.reload();
  await at('tile-silent').waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className.includes('skip')), true);
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');

  // One device: its code in words, its history, out of service and back.
  await at('tile-lift-9').getByRole('link').click();
  await at('code').getByText('Safety circuit open (E41)').waitFor();
  await at('code').getByText('Check: the switches in the pit').waitFor();
  await at('history-point').selectOption({ label: 'Trips' });
  await at('length-0').click();
  await at('chart-summary').waitFor();
  await at('chart').focus();
  const shown = await page.locator('#chart-words p').first().innerText();
  await page.keyboard.press('ArrowLeft');
  await page.waitForFunction(
    (known) => document.querySelector('#chart-words p').innerText !== known,
    shown,
  );
  await at('length-5').click();
  await at('chart-summary').waitFor();
  await at('take-out').click();
  assert.equal(await at('out-yes').isDisabled(), true, 'a reason is needed');
  await at('reason').fill('new ropes');
  await at('how-long').selectOption('24');
  await at('out-yes').click();
  await at('service').getByText('new ropes').waitFor();
  await at('device-head').and(page.locator('[data-state=out]')).waitFor();
  await at('put-back').click();
  await at('take-out').waitFor();

  // Its alarm is set aside until tomorrow morning, is listed with who and until when, and is brought back.
  const alarm = page.locator('[data-testid^="alarm-"]').filter({ hasText: 'Safety circuit open' });
  await alarm.getByRole('button', { name: 'Set aside' }).click();
  await at('shelf-end').selectOption('morning');
  await at('shelf-yes').click();
  await at('shelf-sheet').waitFor({ state: 'detached' });
  await alarm.and(page.locator('[data-state=shelved]')).getByText(/set aside by 周工 until .*08:00/).waitFor();
  await at('nav-incidents').click();
  await at('shelved-alarms').getByText(/set aside by 周工 until .*08:00/).waitFor();
  assert.deepEqual(await findings(page), [], 'with an alarm set aside');
  await page.screenshot({ path: join(pictures, 'upkeep-shelved.png') });
  await at('shelved-alarms').getByRole('button', { name: 'Bring it back' }).click();
  await at('none-shelved').waitFor();

  // Incidents: sifted, and one of them from the signal to the receipt, as a table and on paper.
  await at('record-1').waitFor();
  await at('sift-danger').selectOption('fire');
  await page.waitForFunction(() => document.querySelector('[data-testid=records]') === null);
  await at('sift-danger').selectOption('lift');
  assert.match(await download('csv'), /number,local,utc,danger/);
  await at('record-1').getByRole('link').click();
  await at('record').getByText('Step 1: asked wang').first().waitFor();
  await at('record').getByText('“Can you go?” to wang').first().waitFor();
  await at('record').getByText('Lift 9 controller › Fault code: 41').first().waitFor();
  assert.match(await download('record-csv'), /local,utc,kind,what,who,through,detail/);
  const paper = await page.pdf({ format: 'A4' });
  assert.ok(paper.length > 10_000 && paper.subarray(0, 4).toString() === '%PDF');

  // The roster: its gap is red before it happens; somebody stands in, and it is gone.
  await at('nav-rosters').click();
  await at('roster-nights').getByRole('link').click();
  const gap = (await at('gaps').innerText()).includes('Gaps within 60 days: 1');
  assert.ok(gap, 'the gap is foreseen');
  const day = process.argv[3];
  await month(day);
  await onDay(day).locator('.gap').getByText('00:00–12:00').waitFor();
  await onDay(day).getByText('Nobody').waitFor();
  const [ink, red] = await onDay(day).locator('.gap').evaluate((gap) => {
    const bad = document.createElement('i');
    bad.style.color = 'var(--bad)';
    gap.append(bad);
    const both = [getComputedStyle(gap).color, getComputedStyle(bad).color];
    bad.remove();
    return both;
  });
  assert.equal(ink, red, 'it is red');
  await page.screenshot({ path: join(pictures, 'upkeep-gap.png'), fullPage: true });
  const calendar = await page.request.get(await at('ical').inputValue());
  assert.match(await calendar.text(), /BEGIN:VCALENDAR/);
  await at('add-exception').click();
  await at('exception-kind').selectOption('add');
  await at('exception-who').selectOption('li');
  await at('exception-from').fill(`${day}T00:00`);
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + 2 * 86_400_000).toISOString().slice(0, 10);
  await at('exception-to').fill(`${next}T00:00`);
  await at('exception-save').click();
  await at('no-gaps').waitFor();
  await onDay(day).getByText('li', { exact: false }).first().waitFor();
  assert.equal(await onDay(day).locator('.gap').count(), 0, 'its day is red no more');

  // What would happen at three in the morning.
  await at('nav-policies').click();
  await at('if-danger').selectOption('trapped');
  await at('if-ask').click();
  await at('rehearsal').getByText('Step 1: asks wang').first().waitFor();

  // A step in front, and what would happen is another thing.
  await at('edit-all').click();
  await at('add-step').click();
  await at('step-2').locator('select').selectOption('person:li');
  await at('step-2').getByRole('button', { name: 'Up' }).click();
  await at('step-1').getByRole('button', { name: 'Up' }).click();
  await at('policy-save').click();
  await at('policy-sheet').waitFor({ state: 'detached' });
  await at('if-ask').click();
  await at('rehearsal').getByText('Step 1: asks li').first().waitFor();

  // Channels, the audit log, figures, people.
  await at('nav-channels').click();
  await at('channel-hook').and(page.locator('[data-state=good]')).waitFor();
  await at('nav-audit').click();
  await page.locator('[data-act=out_of_service]').getByText('new ropes').first().waitFor();
  await page.locator('[data-act=alarm_unshelved]').first().waitFor();
  await at('nav-figures').click();
  await at('rates').getByText('wang').first().waitFor();
  await at('nav-people').click();
  await at('person-wang').waitFor();
  assert.equal(await at('edit-wang').count(), 0, 'only admins change people');

  // Every page, everywhere.
  const PAGES = [
    '',
    '/devices',
    '/devices/lift-9',
    '/incidents',
    '/incidents/1',
    '/figures',
    '/rosters',
    '/rosters/nights',
    '/policies',
    '/advice',
    '/people',
    '/channels',
    '/audit',
  ];
  const cookies = await desk.context.cookies();
  const VISITS = [
    { width: 360, language: 'zh-CN', dark: false },
    { width: 1024, language: 'en-GB', dark: true },
    { width: 1920, language: 'zh-CN', dark: true },
  ];
  for (const visit of VISITS) {
    const one = await phone(browser, base, visit);
    await one.context.addCookies(cookies);
    for (const path of PAGES) {
      await one.page.goto(`${base}/upkeep${path}`);
      await one.page.locator('main h1').first().waitFor();
      await settled(one.page);
      const where = `${path || '/'} at ${visit.width} in ${visit.language}`;
      assert.deepEqual(await findings(one.page), [], where);
      const width = await widthOf(one.page);
      assert.ok(width <= visit.width, `${where} is ${width} wide`);
      const name = `upkeep${path.replaceAll('/', '-')}-${visit.width}`;
      await one.page.screenshot({ path: join(pictures, `${name}.png`) });
    }
    assert.deepEqual(one.complaints, []);
    await one.context.close();
  }
  assert.deepEqual(desk.complaints, []);
  console.log(`${PAGES.length} pages, ${VISITS.length} ways of looking at each`);
});
