// Everybody is called, against the real gateway: argument 1 is a volunteer's invitation, 2 the number of an
// open incident, 3 the address where the link of a resident's message will be.
// The volunteer calls the building; the resident needs help; the volunteer sees it live, counts somebody at
// a door, tries a way of their own, and ends it. Screenshots go to $GENGFU_SCREENSHOTS.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { moveIn, phone, story } from './browser.mjs';

const [invitation, incident, linkAt] = process.argv.slice(2);
const base = new URL(invitation).origin;

async function link() {
  for (let tries = 0; tries < 600; tries++) {
    const answer = await fetch(linkAt);
    if (answer.ok) return (await answer.text()).trim();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the resident got no message with a link');
}

await story('muster', async ({ browser, pictures }) => {
  const volunteer = await phone(browser, base, { language: 'en-GB' });
  const { page } = volunteer;
  const at = (id) => page.getByTestId(id);
  const picture = (who, name) => who.page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });

  await moveIn(page, invitation);

  await page.goto(`${base}/incidents/${incident}`);
  await at('to-call').tap();
  await page.getByText('Lift 1', { exact: false }).first().waitFor();
  await page.getByLabel(/Whoever lives in/).first().check({ force: true });
  await picture(volunteer, 'muster-call');
  await at('call').tap();
  await at('call-yes').tap();
  await at('muster').waitFor();
  assert.equal(await at('count-silent').innerText(), '3');

  const resident = await phone(browser, base, { language: 'zh-CN' });
  await resident.page.goto(await link());
  await resident.page.getByTestId('roll-call').waitFor();
  await picture(resident, 'muster-roll-call');
  await resident.page.getByTestId('say-need_help').tap();
  await resident.page.getByTestId('said').waitFor();
  await picture(resident, 'muster-needs-help');

  await page.locator('[data-testid=count-need-help]', { hasText: '1' }).waitFor();
  assert.match(await at('muster').innerText(), /knock at the door/);
  await picture(volunteer, 'muster-live');
  await page.getByTestId('called-deaf-wu').getByRole('button', { name: /^Safe/ }).tap();
  await page.locator('[data-testid=count-safe]', { hasText: '1' }).waitFor();
  await page.goto(`${base}/incidents/${incident}`);
  await at('needs-help').waitFor();
  await picture(volunteer, 'muster-incident');

  await page.goto(`${base}/ways`);
  await at('test-1').tap();
  await at('arrived-1').tap();
  await page.getByText('works: something arrived').waitFor();
  await picture(volunteer, 'ways');

  await page.goto(`${base}/musters/1`);
  await at('end-muster').tap();
  await at('end-muster-yes').tap();
  await page.getByText('It is over').first().waitFor();
  await resident.page.reload();
  await resident.page.getByTestId('over').waitFor();

  // Dark, and as wide as a desk's screen.
  const desk = await phone(browser, base, { language: 'zh-CN', dark: true, width: 1280 });
  await desk.context.addCookies(await volunteer.context.cookies());
  await desk.page.goto(`${base}/musters/1`);
  await desk.page.getByTestId('muster').waitFor();
  await picture(desk, 'muster-dark');

  assert.deepEqual([...volunteer.complaints, ...resident.complaints, ...desk.complaints], []);
  console.log('called, answered, counted and ended');
});
