import { describe, expect, it } from 'vitest';
import type { DeviceView, PointView } from '../src/api/types';
import { deviceState, pointWords } from '../src/home/device-state';
import { inLanguage } from '../src/language.svelte';

function board(over: Partial<DeviceView> = {}): DeviceView {
  return {
    id: 'board-1',
    name: { zh: '按钮板', en: 'Call board' },
    place: 'lift-1',
    profile: 'board',
    added: true,
    place_name: { zh: '电梯', en: 'Lift' },
    presence: { state: 'present' },
    heard_at: '2026-11-23T03:00:00Z',
    supervision: '90s',
    out_of_service: null,
    alarms: [],
    ...over,
  };
}

describe('a device', () => {
  it('is normal only if it is supervised, heard and without an alarm', () => {
    expect(deviceState(board())).toBe('normal');
    expect(deviceState(board({ heard_at: null }))).toBe('unknown');
    expect(deviceState(board({ supervision: null }))).toBe('unsupervised');
    expect(deviceState(board({ alarms: ['rule:x'] }))).toBe('alarm');
    const since = '2026-11-23T02:00:00Z';
    const lost = { state: 'lost', since, reason: 'silent' } as const;
    expect(deviceState(board({ presence: lost, alarms: ['quiet:board-1'] }))).toBe('lost');
    const out = { since, until: since, reason: 'repair', by_name: null };
    expect(deviceState(board({ presence: lost, out_of_service: out }))).toBe('out');
  });
});

describe('a point', () => {
  const words = (over: Partial<PointView>): string => {
    const point: PointView = {
      id: 'board-1/call',
      name: { zh: '呼叫', en: 'Call' },
      unit: '',
      value: null,
      word: null,
      no_data: null,
      received_at: null,
      source_at: null,
      watched: true,
      device: 'board-1',
      device_name: { zh: '按钮板', en: 'Call board' },
      place: 'lift-1',
      ...over,
    };
    return pointWords(point, (text) => inLanguage(text, 'en'));
  };

  it('shows its value with its unit', () => {
    expect(words({ value: 1.7500001, unit: 'm/s' })).toBe('1.75 m/s');
    expect(words({ value: 0 })).toBe('0');
    expect(words({ value: false })).toBe('no');
    expect(words({ value: 'automatic' })).toBe('automatic');
    const word = { zh: '自动', en: 'in automatic mode' };
    expect(words({ value: 'automatic', word })).toBe('in automatic mode');
  });

  it('says why where it has none, whatever it said before', () => {
    expect(words({ no_data: 'silent' })).toBe('no data: silent for too long');
    expect(words({ value: true, no_data: 'offline' })).toBe('no data: offline');
    expect(words({})).toBe('no data yet');
  });
});
