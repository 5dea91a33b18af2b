// An installer takes in a device that announces itself, against the real gateway: argument 1 is their
// invitation. Screenshots go to $GENGFU_SCREENSHOTS.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { moveIn, phone, story, widthOf } from './browser.mjs';

const [invitation] = process.argv.slice(2);
const base = new URL(invitation).origin;

await story('found', async ({ browser, pictures }) => {
  const installer = await phone(browser, base, { language: 'zh-CN' });
  const { page } = installer;
  const at = (id) => page.getByTestId(id);
  const picture = (of, name) => of.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });

  await moveIn(page, invitation);
  await at('to-found').tap();
  await at('found').waitFor();
  const card = page.locator('li.card', { hasText: 'Kitchen smoke' });
  await card.getByText('报警：火警').waitFor();
  await page.getByText('看不懂').first().waitFor();
  await picture(page, 'found');

  await card.getByRole('button', { name: '添加这台设备' }).tap();
  const save = card.getByTestId('save');
  assert.equal(await save.isDisabled(), true, 'a device hangs somewhere');
  await card.getByTestId('place').selectOption('yard');
  await picture(page, 'found-form');
  await save.tap();
  await card.getByText('已添加：kitchen-smoke').waitFor();
  const width = await widthOf(page);
  assert.ok(width <= 360, `the page is ${width} wide`);
  await picture(page, 'found-adopted');

  // In English, dark, on a desk.
  const desk = await phone(browser, base, { language: 'en-GB', dark: true, width: 1200 });
  await desk.context.addCookies(await installer.context.cookies());
  await desk.page.goto(`${base}/found`);
  await desk.page.getByText('taken in as kitchen-smoke').waitFor();
  await picture(desk.page, 'found-desk');
  assert.deepEqual([...installer.complaints, ...desk.complaints], []);
});
