// A swap of a shift against the real gateway: arguments are the invitations of who asks and of who accepts.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { moveIn, phone, story } from './browser.mjs';

const [mine, other] = process.argv.slice(2);
const base = new URL(mine).origin;

await story('swap', async ({ browser, pictures }) => {
  const wang = await phone(browser, base, { language: 'zh-CN' });
  const li = await phone(browser, base, { language: 'en-GB' });
  await moveIn(wang.page, mine);
  await moveIn(li.page, other);
  const at = (who, id) => who.page.getByTestId(id);
  const picture = (who, name) =>
    who.page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });

  assert.match(await at(wang, 'my-duty').innerText(), /您在值班，到 /);
  assert.match(await at(wang, 'relief').innerText(), /起：li/);
  assert.equal(await at(li, 'my-duty').count(), 0, 'it is not their turn');
  await picture(wang, 'duty');

  await at(wang, 'swap').tap();
  const sheet = at(wang, 'swap-sheet');
  await sheet.getByText('li', { exact: true }).tap();
  await picture(wang, 'swap-sheet');
  await at(wang, 'swap-ask').tap();
  await sheet.waitFor({ state: 'detached' });
  await at(wang, 'swap-withdraw').waitFor();
  await at(wang, 'swap').waitFor({ state: 'detached' });

  await at(li, 'swap-accept').tap();
  await at(li, 'swap-accept').waitFor({ state: 'detached' });
  await at(wang, 'swap-withdraw').waitFor({ state: 'detached' });
  assert.deepEqual([...wang.complaints, ...li.complaints], []);
  console.log('asked in three taps, accepted');
});
