// An installer adds a board, gets its file, sees it come and blink, and looks at its wiring, against the real
// gateway: argument 1 is their invitation, 2 where the gateway looks for firmware, 3 where to save the board's
// file. Screenshots go to $GENGFU_SCREENSHOTS.

import assert from 'node:assert/strict';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findings } from './axe.mjs';
import { moveIn, phone, settled, story, widthOf } from './browser.mjs';
import { plugIn } from './picoboot.mjs';

const [invitation, image, saved] = process.argv.slice(2);
const base = new URL(invitation).origin;

await story('boards', async ({ browser, pictures }) => {
  const installer = await phone(browser, base, { language: 'zh-CN' });
  const { page, context } = installer;
  const at = (id) => page.getByTestId(id);
  const picture = (of, name) => of.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  // A board's drive, as far as a browser lets a page see it; and one at the USB.
  await context.addInitScript(plugIn, 0x0003);
  await context.addInitScript(() => {
    window.onDrive = [];
    window.showSaveFilePicker = async ({ suggestedName }) => ({
      createWritable: async () => ({
        write: async (blob) => window.onDrive.push([suggestedName, blob.size]),
        close: async () => {
          if (window.unplugs) throw new DOMException('gone', 'NotFoundError');
        },
      }),
    });
  });

  await moveIn(page, invitation);
  await at('to-overview').waitFor();

  // What there is: a board of the configuration file, which has not come.
  await page.goto(`${base}/upkeep/boards`);
  await at('board-board-1').and(page.locator('[data-state=unknown]')).waitFor();
  assert.equal(await at('blink-board-1').isDisabled(), true, 'what is not heard does not blink');

  // A new one.
  await at('add-board').tap();
  assert.equal(await at('board-save').isDisabled(), true, 'a board has a name and a place');
  await at('board-zh').fill('二号电梯底坑板');
  await at('board-en').fill('Pit 2');
  await at('board-place').selectOption('yard');
  await at('input-1').locator('select').selectOption('call');
  const smoke = at('input-2');
  await smoke.locator('select').selectOption('fire');
  await smoke.getByLabel('叫什么（中文）').fill('井道烟感');
  await smoke.getByLabel('叫什么（英文）').fill('Smoke in the shaft');
  await smoke.getByLabel('常闭').check();
  // One with a loop has one input more.
  assert.equal(await at('input-9').count(), 0);
  await at('board-loop').check();
  await at('input-9').waitFor();
  await picture(page, 'boards-form');
  await at('board-loop').uncheck();
  await at('input-9').waitFor({ state: 'detached' });
  assert.deepEqual(await findings(page), []);
  await at('board-save').tap();

  // Its password is shown once; for its file the gateway wants firmware first.
  const password = await at('credential').innerText();
  assert.match(password, /^[0-9a-f]{32}$/);
  await at('no-image').getByText('w5500-evb-pico.elf').waitFor();
  await picture(page, 'boards-no-image');
  mkdirSync(dirname(image), { recursive: true });
  // Something that the chip would start: the checksum of its first 252 bytes stands behind them.
  const firmware = Buffer.alloc(50_000, 7);
  firmware.writeUInt32LE(0xa108f09d, 252);
  writeFileSync(image, firmware);
  await at('no-image').getByRole('button').tap();
  const downloading = page.waitForEvent('download');
  await at('file-download').tap();
  const file = await downloading;
  assert.equal(file.suggestedFilename(), 'pit-2.uf2');
  await file.saveAs(`${saved}.part`);
  renameSync(`${saved}.part`, saved);
  // The board is put on the wall meanwhile.
  await at('file-here').waitFor();
  await picture(page, 'boards-here');
  assert.deepEqual(await findings(page), []);
  await at('to-board').tap();

  // Its own page: well, with its wiring, and nothing of the password.
  await at('board-facts').and(page.locator('[data-state=normal]')).waitFor();
  const drawn = await at('wiring-picture').evaluate(async (img) => {
    await img.decode();
    return img.naturalWidth;
  });
  assert.equal(drawn, 1160);
  await at('wiring').getByText('井道烟感').waitFor();
  const svg = await (await context.request.get(new URL(await at('wiring-picture').getAttribute('src'), base).href)).text();
  assert.ok(svg.includes('井道烟感') && svg.includes('常闭'), 'the picture has its names');
  assert.ok(!(await page.content()).includes(password), 'the password is shown once');
  await at('wiring-kind').selectOption('w5500-evb-pico2');
  await page.locator('[data-testid=wiring-picture][src*="pico2"]').waitFor();
  await at('wiring-kind').selectOption('w5500-evb-pico');

  // It blinks for who looks for it.
  await page.goto(`${base}/upkeep/boards`);
  await at('blink-pit-2').tap();
  await at('blink-pit-2').getByText('正在闪灯').waitFor();

  // Out of touch, nothing is called well any more.
  await context.setOffline(true);
  await at('out-of-touch').waitFor();
  assert.equal(await page.locator('[data-state=normal]').count(), 0);
  await context.setOffline(false);
  await at('out-of-touch').waitFor({ state: 'detached' });

  // What it is not: a board of the file, and none at all.
  await page.goto(`${base}/upkeep/boards/board-1`);
  await page.getByText('--password-file').waitFor();
  await page.goto(`${base}/upkeep/boards/nobody`);
  await page.getByText('没有这块板子').waitFor();

  // Every page, everywhere.
  const cookies = await context.cookies();
  for (const visit of [
    { width: 360, language: 'zh-CN' },
    { width: 1280, language: 'en-GB', dark: true },
    { width: 1280, language: 'zh-CN' },
    { width: 1920, language: 'en-GB' },
  ]) {
    const one = await phone(browser, base, visit);
    await one.context.addCookies(cookies);
    for (const path of ['', '/pit-2']) {
      await one.page.goto(`${base}/upkeep/boards${path}`);
      await one.page.locator('main h1').first().waitFor();
      await settled(one.page);
      if (path) {
        await one.page.getByTestId('wiring-picture').evaluate((img) => img.decode());
      }
      const where = `boards${path} at ${visit.width} in ${visit.language}`;
      assert.deepEqual(await findings(one.page), [], where);
      const width = await widthOf(one.page);
      assert.ok(width <= visit.width, `${where} is ${width} wide`);
      await picture(one.page, `boards${path.replace('/', '-')}-${visit.width}-${visit.language}`);
    }
    assert.deepEqual(one.complaints, []);
    await one.context.close();
  }
  // Another file for it cuts it off, so that somebody must say that they know.
  await page.goto(`${base}/upkeep/boards/pit-2`);
  await at('file-write').waitFor();
  assert.equal(await at('file-write').isDisabled(), true);
  await at('renew-yes').check();
  await at('file-write').tap();
  await page.getByText('已写入').waitFor();
  await page.evaluate(() => (window.unplugs = true));
  await at('renew-yes').check();
  await at('file-write').tap();
  await page.getByText('盘不见了').waitFor();
  const onDrive = await page.evaluate(() => window.onDrive);
  assert.deepEqual(onDrive.map(([name]) => name), ['pit-2.uf2', 'pit-2.uf2']);
  assert.ok(onDrive.every(([, size]) => size > 50_000 && size % 512 === 0));

  // Over USB: it is erased, written, read back and started; what is left free of a sector is as if erased.
  const overUsb = async (how = {}) => {
    await page.evaluate((how) => Object.assign(window.atUsb, { how, writes: 0 }), how);
    await at('renew-yes').check();
    await at('file-usb').tap();
  };
  await overUsb();
  await page.getByText('正在写入').waitFor();
  await picture(page, 'boards-usb');
  await page.getByText('已写入').waitFor();
  const held = await page.evaluate(() => {
    const { flash, started, ejected } = window.atUsb;
    const text = (from, to) => String.fromCharCode(...flash.subarray(from, to));
    const sum = [0x9d, 0xf0, 0x08, 0xa1];
    const firmware = flash.subarray(0, 50_000).every((byte, n) => byte === (sum[n - 252] ?? 7));
    const rest = flash.subarray(50_000, 53_248).every((byte) => byte === 0xff);
    return { started, ejected, firmware, rest, who: text(0x10_0000, 0x10_0080) };
  });
  const { who, ...well } = held;
  assert.deepEqual(well, { started: true, ejected: true, firmware: true, rest: true });
  assert.ok(who.startsWith('GFID') && who.includes('pit-2') && !who.includes(password), who);
  assert.deepEqual(await findings(page), []);

  // What can go wrong is said, and the next try does it.
  for (const [how, said] of [
    [{ denied: true }, 'udev'],
    [{ refuses: 4 }, '代码 4'],
    [{ flips: 0x1234 }, '不一样'],
    [{ gone: 5 }, '写到一半板子不见了'],
  ]) {
    await overUsb(how);
    await page.getByRole('alert').getByText(said).waitFor();
  }
  await overUsb();
  await page.getByText('已写入').waitFor();
  assert.equal(await page.getByRole('alert').count(), 0);

  assert.deepEqual(installer.complaints, []);
});
