// Writes a JPEG to the file in argument 1: what the cameras of the stories give.

import { writeFileSync } from 'node:fs';
import { launch, still } from './browser.mjs';

const browser = await launch();
try {
  writeFileSync(process.argv[2], await still(browser, process.argv[3] ?? ''));
} finally {
  await browser.close();
}
