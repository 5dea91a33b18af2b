// What axe finds wrong with a page, in words; nothing where a screen reader and a keyboard get along.

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function findings(page) {
  // By the debugger, not by the page: its policy for content allows no script from elsewhere.
  await page.evaluate(source);
  await still(page);
  const { violations } = await page.evaluate(() => window.axe.run(document));
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`,
  );
}

/** Waits for what comes in by itself, as a sheet does: half faded in, its words have no contrast yet. */
function still(page) {
  return page.evaluate(() => {
    const ending = document.getAnimations().filter(({ effect }) => Number.isFinite(effect.getComputedTiming().endTime));
    return Promise.allSettled(ending.map(({ finished }) => finished));
  });
}
