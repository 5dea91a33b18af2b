// What to do first, who has the keys, who needs help, against the real gateway: arguments are a
// maintainer's invitation, the link of a fire alarm, and that of a lift's alarm in the same building.
// Screenshots go to $GENGFU_SCREENSHOTS.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { findings } from './axe.mjs';
import { moveIn, phone, story, widthOf } from './browser.mjs';

const [invitation, fire, lift] = process.argv.slice(2);
const base = new URL(invitation).origin;

await story('advice', async ({ browser, pictures }) => {
  /** A screen reader gets along, and nothing is wider than the screen. */
  async function looked({ page }, name, width) {
    assert.deepEqual(await findings(page), [], name);
    const wide = await widthOf(page);
    assert.ok(wide <= width, `${name} is ${wide} wide`);
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  }

  const desk = await phone(browser, base, { language: 'en-GB', width: 1280 });
  const volunteer = await phone(browser, base, { language: 'zh-CN' });
  const { page, context } = desk;
  const at = (id) => page.getByTestId(id);
  await moveIn(page, invitation);
  await at('to-overview').waitFor();

  // Whoever goes reads the usual card before anybody has written anything.
  await volunteer.page.goto(fire);
  const first = volunteer.page.getByTestId('first');
  await first.getByText('先打 119', { exact: false }).waitFor();
  assert.equal(await volunteer.page.getByTestId('flats').count(), 0);
  assert.equal(await volunteer.page.getByTestId('things').count(), 0);

  // A step in front of the usual ones' last, and the phone that is open shows it.
  await page.goto(`${base}/upkeep/advice`);
  await at('edit-fire').click();
  await at('step-5-zh').fill('到北门接消防车，钥匙在值班室。');
  await at('step-5-en').fill('Meet the fire engine at the north gate.');
  await at('card-save').click();
  await at('card-sheet').waitFor({ state: 'detached' });
  await at('card-fire').getByText('north gate').waitFor();
  await at('card-fire').getByText('edited', { exact: true }).waitFor();
  await first.getByText('到北门接消防车').waitFor();

  // The building's keys and who holds them, and a flat.
  await at('note-place').selectOption({ label: 'Building 9' });
  await at('add-thing').click();
  await at('what-0-zh').fill('机房钥匙');
  await at('what-0-en').fill('Machine room key');
  await at('kept-0-zh').fill('一楼值班室');
  await at('kept-0-en').fill("Porter's lodge, ground floor");
  await at('holder-0').selectOption('wang');
  await at('add-flat').click();
  await at('help-0-zh').fill('坐轮椅');
  await at('help-0-en').fill('Wheelchair');
  await at('note-save').click();
  await at('note').getByText('flats[0].flat is empty').waitFor();
  await at('flat-name-0').fill('1101');
  await at('note-save').click();
  await at('note-saved').getByText('Saved').waitFor();
  await looked(desk, 'advice-upkeep-1280', 1280);

  // The fire's page shows it live; so it does without the gateway, as it was seen last.
  const flats = volunteer.page.getByTestId('flats');
  await flats.getByText('1101').waitFor();
  await flats.getByText('坐轮椅').waitFor();
  await volunteer.page.getByTestId('things').getByText('保管人：wang').waitFor();
  await looked(volunteer, 'advice-fire-zh-360', 360);
  await volunteer.page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  await volunteer.context.setOffline(true);
  await volunteer.page.reload();
  await flats.getByText('1101').waitFor();
  await first.getByText('到北门接消防车').waitFor();
  await volunteer.context.setOffline(false);

  // A lift's alarm in the same building: its own card and the keys, and nobody's flat.
  for (const visit of [{ language: 'en-GB' }, { language: 'zh-CN', dark: true }]) {
    const one = await phone(browser, base, visit);
    await one.page.goto(lift);
    await one.page.getByTestId('first').locator('li').nth(5).waitFor();
    await one.page.getByTestId('things').getByText('wang').waitFor();
    assert.equal(await one.page.getByTestId('flats').count(), 0);
    assert.ok(!(await one.page.content()).includes('1101'));
    await looked(one, `advice-lift-${visit.language.slice(0, 2)}-360`, 360);
    await one.page.goto(fire);
    await one.page.getByTestId('flats').getByText('1101').waitFor();
    await looked(one, `advice-fire-${visit.language.slice(0, 2)}${visit.dark ? '-dark' : ''}-360`, 360);
    assert.deepEqual(one.complaints, []);
    await one.context.close();
  }

  // Back to the usual card.
  await at('edit-fire').click();
  await at('card-usual').click();
  await at('card-usual').click();
  await at('card-sheet').waitFor({ state: 'detached' });
  await first.getByText('派一个人到大门口').waitFor();

  // Without the gateway it says so; and on a phone, with a place and a card opened.
  await context.route('**/api/v1/cards', (route) => route.abort());
  await page.reload();
  await page.locator('main [role=alert]').waitFor();
  await context.unroute('**/api/v1/cards');
  await page.locator('main [role=alert] button').click();
  await at('card-fire').waitFor();
  for (const visit of [
    { width: 360, language: 'zh-CN' },
    { width: 360, language: 'en-GB', dark: true },
  ]) {
    const one = await phone(browser, base, visit);
    await one.context.addCookies(await context.cookies());
    await one.page.goto(`${base}/upkeep/advice`);
    await one.page.getByTestId('note-place').selectOption('b9');
    await one.page.getByTestId('flat-0').waitFor();
    await looked(one, `advice-upkeep-${visit.language.slice(0, 2)}-360`, 360);
    await one.page.getByTestId('edit-trapped').click();
    await one.page.getByTestId('card-sheet').waitFor();
    await looked(one, `advice-card-${visit.language.slice(0, 2)}-360`, 360);
    assert.deepEqual(one.complaints, []);
    await one.context.close();
  }
  assert.deepEqual([...desk.complaints, ...volunteer.complaints], []);
  console.log('written by a maintainer, read by whoever goes');
});
