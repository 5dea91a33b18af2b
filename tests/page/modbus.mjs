// An installer looks at a Modbus bus, against the real gateway and a foreign server: argument 1 is their
// invitation. Screenshots go to $GENGFU_SCREENSHOTS.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { findings } from './axe.mjs';
import { moveIn, phone, story, widthOf } from './browser.mjs';

const [invitation] = process.argv.slice(2);
const base = new URL(invitation).origin;

await story('modbus', async ({ browser, pictures }) => {
  const installer = await phone(browser, base, { language: 'en-GB', width: 1280 });
  const { page, context } = installer;
  const at = (id) => page.getByTestId(id);
  await moveIn(page, invitation);
  await at('to-overview').waitFor();
  await page.goto(`${base}/upkeep/modbus`);

  // Which units answer: stopped in the middle, then asked again.
  await at('scan-to').fill('247');
  await at('scan-begin').click();
  await at('scan').and(page.locator('[data-state=going]')).waitFor();
  await at('scan-stop').click();
  await at('scan').and(page.locator('[data-state=stopped]')).waitFor();
  await at('scan-from').fill('1');
  await at('scan-to').fill('4');
  await at('scan-wait').fill('50');
  await at('scan-begin').click();
  await at('scan').and(page.locator('[data-state=done]')).waitFor();
  await at('found-1').getByText('Lift controller').waitFor();
  await at('found-3').getByText('holding register 0 is 0x002a').waitFor();
  assert.equal(await at('found-2').count(), 0);

  // What the lift's registers hold, beside what they mean; live.
  await at('found-1').getByRole('button').click();
  await at('read-live').click();
  const named = page.getByText('Mode', { exact: true });
  const mode = at('registers').locator('tr', { hasText: '0x101d' }).filter({ has: named });
  await mode.getByText('0x0470 (1136)').waitFor();
  await mode.getByText('automatic').waitFor();
  const first = await at('read-at').innerText();
  await page.waitForFunction(
    (known) => document.querySelector('[data-testid=read-at]')?.innerText !== known,
    first,
  );
  await page.screenshot({ path: join(pictures, 'modbus-1280.png'), fullPage: true });
  assert.deepEqual(await findings(page), []);
  await at('read-live').click();

  // A range without meaning, of a unit that nobody configured.
  await at('read-unit').fill('3');
  await at('read-as').selectOption('range');
  await at('read-count').fill('2');
  await at('read-once').click();
  await at('registers').getByText('0x002a (42)').waitFor();
  // A unit that is not there.
  await at('read-unit').fill('2');
  await at('read-once').click();
  await at('reader').locator('.notice').first().waitFor();

  await context.setOffline(true);
  await at('out-of-touch').waitFor();
  await context.setOffline(false);
  await at('out-of-touch').waitFor({ state: 'detached' });

  const cookies = await context.cookies();
  for (const visit of [
    { width: 360, language: 'zh-CN' },
    { width: 1280, language: 'zh-CN', dark: true },
    { width: 1920, language: 'en-GB' },
  ]) {
    const one = await phone(browser, base, visit);
    await one.context.addCookies(cookies);
    await one.page.goto(`${base}/upkeep/modbus`);
    await one.page.getByTestId('found-1').getByRole('button').click();
    await one.page.getByTestId('read-once').click();
    await one.page.getByTestId('registers').waitFor();
    const where = `modbus at ${visit.width} in ${visit.language}`;
    assert.deepEqual(await findings(one.page), [], where);
    const width = await widthOf(one.page);
    assert.ok(width <= visit.width, `${where} is ${width} wide`);
    await one.page.screenshot({
      path: join(pictures, `modbus-${visit.width}-${visit.language}.png`),
      fullPage: true,
    });
    assert.deepEqual(one.complaints, []);
    await one.context.close();
  }
  assert.deepEqual(installer.complaints, []);
});
