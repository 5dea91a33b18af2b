// Labels for devices, printed, and read by a reader that shares no code with the page: argument 1 is an
// installer's invitation. Screenshots go to $GENGFU_SCREENSHOTS.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { findings } from './axe.mjs';
import { moveIn, phone, story, widthOf } from './browser.mjs';

const [invitation] = process.argv.slice(2);
const base = new URL(invitation).origin;
const reader = readFileSync(createRequire(import.meta.url).resolve('jsqr/dist/jsQR.js'), 'utf8');

/** What a camera would read off a picture. */
async function readCode(browser, png) {
  const page = await browser.newPage();
  await page.addScriptTag({ content: reader });
  const said = await page.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    const pen = canvas.getContext('2d');
    pen.drawImage(image, 0, 0);
    const { data: pixels } = pen.getImageData(0, 0, image.width, image.height);
    return window.jsQR(pixels, image.width, image.height)?.data ?? null;
  }, png.toString('base64'));
  await page.close();
  return said;
}

await story('labels', async ({ browser, pictures }) => {
  const installer = await phone(browser, base, { language: 'en-GB', width: 1280 });
  const { page, context } = installer;
  const at = (id) => page.getByTestId(id);
  await moveIn(page, invitation);
  await at('to-overview').waitFor();

  await page.goto(`${base}/upkeep/labels`);
  await at('labels').waitFor();
  // In both languages, and its code leads to its page.
  for (const words of ['花园小区 · Garden Court', '1号电梯', 'Lift 1', 'board-1']) {
    await at('label-board-1').getByText(words, { exact: true }).first().waitFor();
  }
  for (const size of ['small', 'medium', 'large']) {
    await at('labels-size').selectOption(size);
    const code = await at('label-board-1').locator('svg').screenshot();
    assert.equal(await readCode(browser, code), `${base}/upkeep/devices/board-1`, size);
  }
  await at('labels-size').selectOption('medium');

  // By place, and one by one.
  await at('labels-place').selectOption('lift-2');
  await at('labels-count').getByText('1 chosen').waitFor();
  await at('labels-place').selectOption('');
  await at('choose-board-2').uncheck();
  await at('label-board-2').waitFor({ state: 'detached' });
  await at('choose-board-2').check();

  // On paper: labels alone, ten of them on one sheet of A4.
  const devices = await (await context.request.get(`${base}/api/v1/devices`)).json();
  assert.equal(devices.length, 11);
  const sheets = (pdf) => pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length;
  const paper = await page.pdf({ format: 'A4', margin: { top: '8mm', bottom: '8mm', left: '8mm', right: '8mm' } });
  writeFileSync(join(pictures, 'labels.pdf'), paper);
  assert.equal(sheets(paper), 2, 'eleven labels of medium size');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await at('labels-print').isVisible(), false);
  assert.equal(await at('side').isVisible(), false);
  await page.screenshot({ path: join(pictures, 'labels-print.png'), fullPage: true });
  await page.emulateMedia({ media: 'screen' });

  // Without the gateway it says so.
  await context.route('**/api/v1/devices', (route) => route.abort());
  await page.goto(`${base}/upkeep/labels`);
  await page.locator('main [role=alert]').waitFor();
  await context.unroute('**/api/v1/devices');
  await page.locator('main [role=alert] button').click();
  await at('labels').waitFor();

  const cookies = await context.cookies();
  for (const visit of [
    { width: 360, language: 'zh-CN' },
    { width: 1280, language: 'en-GB', dark: true },
    { width: 1920, language: 'zh-CN' },
  ]) {
    const one = await phone(browser, base, visit);
    await one.context.addCookies(cookies);
    await one.page.goto(`${base}/upkeep/labels`);
    await one.page.getByTestId('labels').waitFor();
    const where = `labels at ${visit.width} in ${visit.language}`;
    assert.deepEqual(await findings(one.page), [], where);
    const width = await widthOf(one.page);
    assert.ok(width <= visit.width, `${where} is ${width} wide`);
    await one.page.screenshot({ path: join(pictures, `labels-${visit.width}.png`), fullPage: true });
    assert.deepEqual(one.complaints, []);
    await one.context.close();
  }
  assert.deepEqual(installer.complaints, []);
});
