import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const css = readFileSync(join(import.meta.dirname, '../src/style/base.css'), 'utf8');

/** The colours of a theme, dark ones over light ones. */
function colours(block: string): Map<string, string> {
  return new Map(
    [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((m) => [m[1] ?? '', m[2] ?? '']),
  );
}
const [lightBlock = '', darkBlock = ''] = [...css.matchAll(/:root \{([^}]*)\}/g)].map((m) => m[1]);
const light = colours(lightBlock);
const dark = new Map([...light, ...colours(darkBlock)]);

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

/** Letters, and what they stand on. */
const TEXT: [string, string][] = [
  ...['paper', 'card', 'sunk', 'good-soft', 'warn-soft', 'bad-soft', 'quiet-soft'].map(
    (on): [string, string] => ['ink', on],
  ),
  ...['paper', 'card', 'sunk', 'good-soft', 'warn-soft', 'bad-soft'].map((on): [string, string] => [
    'ink-soft',
    on,
  ]),
  ['good', 'card'],
  ['warn', 'card'],
  ['warn', 'sunk'],
  ['warn', 'warn-soft'],
  ['bad', 'card'],
  ['bad', 'bad-soft'],
  ['quiet', 'card'],
  ['on-go', 'go'],
  ['on-go', 'go-press'],
  ...['fire', 'trapped', 'hazard', 'other', 'calm', 'alarm'].map((on): [string, string] => [
    'on-tone',
    on,
  ]),
  ...['fire', 'trapped', 'hazard', 'other', 'calm'].map((on): [string, string] => [
    'on-tone-soft',
    on,
  ]),
];
/** Edges and signs: WCAG asks for 3. */
const SIGNS: [string, string][] = [
  ['line-strong', 'card'],
  ['line-strong', 'paper'],
  ['focus', 'paper'],
  ['focus', 'card'],
  ['go', 'card'],
];

describe.each([
  ['light', light],
  ['dark', dark],
])('the %s theme', (_name, theme) => {
  const colour = (name: string): string => {
    const found = theme.get(name);
    if (!found) throw new Error(`base.css has no colour --${name}`);
    return found;
  };
  it.each(TEXT)('%s can be read on %s (4.5)', (letters, on) => {
    expect(contrast(colour(letters), colour(on))).toBeGreaterThanOrEqual(4.5);
  });
  it.each(SIGNS)('%s can be seen on %s (3)', (sign, on) => {
    expect(contrast(colour(sign), colour(on))).toBeGreaterThanOrEqual(3);
  });
});
