// The page of what can be switched, against the real gateway and a barrier on a Modbus line: argument 1 is
// an invitation. Screenshots go to $GENGFU_SCREENSHOTS, or else to a folder that is gone afterwards unless
// the story fails.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { moveIn, phone, story } from './browser.mjs';

const invitation = process.argv[2];
const base = new URL(invitation).origin;

await story('outputs', async ({ browser, pictures }) => {
  const mine = await phone(browser, base, { language: 'zh-CN' });
  const { page } = mine;
  const at = (id) => page.getByTestId(id);
  const gate = (standing) => page.locator(`[data-testid="output-barrier/open"][data-standing=${standing}]`).waitFor();
  const picture = (name) => page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });

  await moveIn(page, invitation);
  await at('to-outputs').tap();
  await gate('off');
  await picture('outputs');

  await at('on-barrier/open').tap();
  await at('switch-now').tap();
  assert.match(await at('switch-sure').innerText(), /请写明原因/);
  await picture('outputs-why');
  await at('reason').fill('消防车到了');
  await at('switch-now').tap();
  await gate('on');
  await picture('outputs-open');

  await at('off-barrier/open').tap();
  await gate('off');
  await page.locator('[data-testid="output-barrier/open"] summary').tap();
  assert.match(await at('output-barrier/open').innerText(), /消防车到了/);
  await picture('outputs-closed');

  assert.deepEqual(mine.complaints, []);
  console.log('opened for a reason, and closed');
});
