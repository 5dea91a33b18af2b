import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const src = join(import.meta.dirname, '../src');

describe('the main part of a page', () => {
  it('takes the focus, whichever page it is of', () => {
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' });
    const mains = files
      .filter((name) => name.endsWith('.svelte'))
      .flatMap((name) => {
        const text = readFileSync(join(src, name), 'utf8');
        return [...text.matchAll(/<main\b[^>]*>/g)].map(([main]) => `${name}: ${main}`);
      });
    expect(mains.length).toBeGreaterThan(5);
    expect(mains.filter((main) => !main.includes('{@attach landing}'))).toEqual([]);
  });
});
