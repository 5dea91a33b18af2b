// The pictures on the volunteer's page, against the real gateway: argument 1 is the link of a message.
// Screenshots go to $GENGFU_SCREENSHOTS, or else to a folder that is gone afterwards.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { phone, story } from './browser.mjs';

const link = process.argv[2];

await story('pictures', async ({ browser, pictures: shots }) => {
  for (const language of ['en-GB', 'zh-CN']) {
    const { page, complaints } = await phone(browser, new URL(link).origin, { language });
    const shot = (name) => page.screenshot({ path: join(shots, `${name}-${language}.png`) });
    await page.goto(link);
    const image = page.getByTestId('picture-after').getByRole('img');
    await image.waitFor();
    const size = await image.evaluate((img) => img.decode().then(() => img.naturalWidth));
    assert.equal(size, 640, 'the picture that the camera gave');
    await page.getByTestId('pictures').scrollIntoViewIfNeeded();
    await shot('pictures');
    await page.getByTestId('picture-after').tap();
    await page.getByTestId('picture').waitFor();
    await shot('picture');
    await page.getByTestId('picture-close').tap();
    assert.deepEqual(complaints, []);
  }
  console.log('the pictures are shown and enlarged, in both languages');
});
