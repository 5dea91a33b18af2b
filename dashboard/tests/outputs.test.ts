import { expect, test } from 'vitest';
import { choices, holdWords, seconds } from '../src/outputs/hold';

test('spans are read as the gateway writes them', () => {
  expect(seconds('45s')).toBe(45);
  expect(seconds('1h 30m')).toBe(5_400);
  expect(seconds('1500ms')).toBe(1.5);
});

test('the usual time comes first, the longest last, and none is above it', () => {
  expect(choices('30s', '10m')).toEqual([30, 60, 120, 600]);
  expect(choices('5s', '5s')).toEqual([5]);
  expect(choices('2m', '5m')).toEqual([120, 300]);
});

test('times are said in the unit that people use', () => {
  const say = (text: { en?: string }, values: Record<string, string | number>): string =>
    (text.en ?? '').replace('{count}', String(values['count']));
  expect([30, 90, 600, 7_200].map((s) => holdWords(s, say))).toEqual([
    '30 s',
    '90 s',
    '10 min',
    '2 h',
  ]);
});
