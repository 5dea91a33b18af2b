// The volunteer's page against the real gateway: argument 1 is the link of a message.
// Two phones: one answers, the other sees it live. Screenshots go to $GENGFU_SCREENSHOTS, or else to a
// folder that is gone afterwards unless the story fails.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { phone, story } from './browser.mjs';

const link = process.argv[2];
const base = new URL(link).origin;

await story('answer', async ({ browser, pictures }) => {
  const mine = await phone(browser, base, { language: 'en-GB' });
  const other = await phone(browser, base, { language: 'zh-CN' });
  const at = (who, id) => who.page.getByTestId(id);
  const phase = (who, name) => who.page.locator(`[data-testid=standing][data-phase=${name}]`).waitFor();
  const picture = (who, name) => who.page.screenshot({ path: join(pictures, `${name}.png`) });

  await mine.page.goto(link);
  await other.page.goto(link);
  await phase(mine, 'calling');
  await phase(other, 'calling');
  assert.match(await at(mine, 'headline').innerText(), /trapped/i);
  assert.match(await at(other, 'headline').innerText(), /困人/);
  await picture(mine, 'calling');

  await at(mine, 'do-acknowledge').tap();
  await phase(mine, 'going');
  await phase(other, 'going');
  await picture(other, 'going');

  await at(mine, 'do-arrive').tap();
  await phase(mine, 'there');
  await phase(other, 'there');

  await at(mine, 'do-end').tap();
  await at(mine, 'cause-rescued').tap();
  await at(mine, 'end-next').tap();
  await at(mine, 'end-yes').tap();
  await at(mine, 'ended').waitFor();
  await at(other, 'ended').waitFor();
  await picture(mine, 'ended');

  assert.deepEqual([...mine.complaints, ...other.complaints], []);
  console.log('answered, arrived and ended; the other phone saw it live');
});
