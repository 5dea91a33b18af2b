// An installer tests a board, from a bare one to the report, against the real gateway: argument 1 is their
// invitation, argument 2 the board. Whoever runs this presses and lets go of its button meanwhile.
// Screenshots go to $GENGFU_SCREENSHOTS.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { findings } from './axe.mjs';
import { moveIn, phone, settled, story, widthOf } from './browser.mjs';

const [invitation, board] = process.argv.slice(2);
const base = new URL(invitation).origin;

await story('walk', async ({ browser, pictures }) => {
  const ladder = await phone(browser, base, { language: 'en-GB', width: 360 });
  const { page } = ladder;
  const at = (id) => page.getByTestId(id);
  const look = async (name) => {
    assert.deepEqual(await findings(page), [], name);
    const width = await widthOf(page);
    assert.ok(width <= 360, `${name} is ${width} wide`);
    await page.screenshot({ path: join(pictures, `walk-${name}-360.png`), fullPage: true });
  };
  await moveIn(page, invitation);

  // From the device to its test.
  await page.goto(`${base}/upkeep/devices/${board}`);
  await at('to-walk-test').click();
  await at('begin').waitFor();
  await look('before');
  await at('begin').click();
  await at('running').waitFor();
  await look('begun');

  // The button is pressed: seen within a second or two, and what is still to do is said.
  const call = page.locator('[data-testid^="input-"]').first();
  const arrived = page.locator('[data-testid^="arrived-"]').first();
  await call.getByText('ACTIVE', { exact: true }).waitFor();
  await call.getByText('Seen active').waitFor();
  await arrived.waitFor();
  await look('pressed');
  // "It arrived", on the page; the message could be answered as well.
  await arrived.click();
  await call.and(page.locator('[data-done=true]')).waitFor();
  await look('ticked');

  // Everybody who opens the first page or the overview reads it.
  await page.goto(`${base}/upkeep`);
  await at(`in-test-${board}`).getByText('is in test until').waitFor();
  await look('overview');
  await page.goto(base);
  await at(`in-test-${board}`).waitFor();
  await page.goto(`${base}/upkeep/walk-test`);
  await at(`test-${board}`).getByText('In test until').waitFor();
  await look('list');

  // The end, and the report.
  await page.goto(`${base}/upkeep/walk-test/${board}`);
  await at('end').click();
  await at('over').waitFor();
  await at('to-report').click();
  await at('report').getByText('✓ Done').first().waitFor();
  await at('signatures').waitFor();
  await look('report');
  const paper = await page.pdf({ format: 'A4', path: join(pictures, 'walk-report.pdf') });
  assert.ok(paper.length > 5_000 && paper.subarray(0, 4).toString() === '%PDF');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await at('print').isVisible(), false);
  await page.emulateMedia({ media: 'screen' });

  // On a desk, in Chinese, at night.
  const cookies = await ladder.context.cookies();
  const desk = await phone(browser, base, { language: 'zh-CN', width: 1280, dark: true });
  await desk.context.addCookies(cookies);
  for (const path of ['walk-test', `walk-test/${board}`, `commissioning/${board}`]) {
    await desk.page.goto(`${base}/upkeep/${path}`);
    await desk.page.locator('main h1').first().waitFor();
    await settled(desk.page);
    assert.deepEqual(await findings(desk.page), [], path);
    const name = `walk-${path.replaceAll('/', '-')}-1280.png`;
    await desk.page.screenshot({ path: join(pictures, name), fullPage: true });
  }
  assert.deepEqual(desk.complaints, []);
  assert.deepEqual(ladder.complaints, []);
  console.log('tested, ticked off, reported');
});
