import { describe, expect, it } from 'vitest';
import type { RegisterRow } from '../src/api/types';
import { rawOf, wishOf } from '../src/modbus/words-of';

const row = (table: RegisterRow['table'], raw: number[]): RegisterRow => ({
  table,
  address: 0,
  raw,
  name: null,
  unit: '',
  value: null,
  word: null,
  no_data: null,
});

describe('registers', () => {
  it('are shown as they came, registers in both ways of writing, bits as bits', () => {
    expect(rawOf(row('holding', [0x0470, 7]))).toBe('0x0470 (1136) 0x0007 (7)');
    expect(rawOf(row('coil', [1]))).toBe('1');
    expect(rawOf(row('input', []))).toBe('');
  });

  it('are asked for as a device, by a profile, or as a range', () => {
    const range = { table: 'holding', address: 3, count: 2 };
    expect(wishOf(1, 'device:lift:1/a', range)).toEqual({ unit: 1, device: 'lift:1/a' });
    expect(wishOf(2, 'profile:nice3000', range)).toEqual({ unit: 2, profile: 'nice3000' });
    expect(wishOf(3, 'range', range)).toEqual({ unit: 3, range });
  });
});
