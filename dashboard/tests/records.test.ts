import { describe, expect, it } from 'vitest';
import type { RecordLine, RecordView, Text } from '../src/api/types';
import { fill, inLanguage } from '../src/language.svelte';
import { lineWords } from '../src/records/lines';
import { EVERYTHING } from '../src/records/list.svelte';
import { queryOf, searchOf, siftOf } from '../src/records/sift';
import { took } from '../src/records/took';
import { midnight } from '../src/time/midnight';

const say = (text: Text, values: Record<string, string | number> = {}): string =>
  fill(inLanguage(text, 'en'), values);

describe('what is sifted by', () => {
  it("asks the gateway for whole days by the site's clock", () => {
    const sift = { ...EVERYTHING, danger: 'fire' as const, from: '2026-12-01', to: '2026-12-01' };
    const query = new URLSearchParams(queryOf(sift, 'Asia/Shanghai'));
    expect(query.get('from')).toBe('2026-11-30T16:00:00.000Z');
    expect(query.get('to')).toBe('2026-12-01T16:00:00.000Z');
    expect(query.get('danger')).toBe('fire');
    expect(query.has('place')).toBe(false);
  });

  it('is kept in the address', () => {
    const sift = { ...EVERYTHING, open: 'true' as const, place: 'b1/lift' };
    expect(siftOf(searchOf(sift))).toEqual(sift);
    expect(searchOf(EVERYTHING)).toBe('');
    expect(siftOf('?stranger=1')).toEqual(EVERYTHING);
  });
});

describe('midnight', () => {
  it('is where the day begins, also when the clock is changed that night', () => {
    const at = (day: string, zone: string, later = 0): string =>
      new Date(midnight(day, zone, later) ?? 0).toISOString();
    expect(at('2026-12-31', 'Asia/Shanghai', 1)).toBe('2026-12-31T16:00:00.000Z');
    expect(at('2026-03-29', 'Europe/Berlin')).toBe('2026-03-28T23:00:00.000Z');
    expect(at('2026-03-30', 'Europe/Berlin')).toBe('2026-03-29T22:00:00.000Z');
    expect(midnight('soon', 'UTC')).toBeNull();
  });
});

describe('a record', () => {
  const record = {
    incident: { danger: 'trapped' },
    names: { li: '李叔' },
  } as unknown as RecordView;
  const words = (line: unknown): string => lineWords(line as RecordLine, record, say);

  it('says each of its lines', () => {
    const name = { zh: '呼救', en: 'Lift 1 › Call' };
    expect(words({ kind: 'signal', name, value: true, no_data: null })).toBe('Lift 1 › Call: yes');
    expect(words({ kind: 'signal', name, value: null, no_data: 'silent' })).toMatch(/no data/);
    expect(words({ kind: 'alarm', name, change: 'cleared' })).toBe('Gone: Lift 1 › Call');
    const message = { kind: 'message', name: '李叔', channel: 'ntfy', purpose: 'alert' };
    expect(words({ ...message, status: 'failed', reason: 'no such topic' })).toMatch(
      /^“Can you go\?” to 李叔 \(ntfy\): .*\(no such topic\)$/,
    );
    const moment = { kind: 'moment', by_name: '李叔', through: 'page' };
    expect(words({ ...moment, happened: { what: 'acknowledged' } })).toContain('李叔');
    const step = { what: 'step_started', step: 1, round: 0, people: ['li'] };
    expect(words({ ...moment, by_name: null, happened: step })).toBe('Step 2: asked 李叔');
  });

  it('says how long it took', () => {
    const after = (seconds: number): string =>
      say(
        ...took(
          '2026-11-28T00:00:00Z',
          new Date(Date.UTC(2026, 10, 28) + seconds * 1000).toISOString(),
        ),
      );
    expect([after(-3), after(45), after(600), after(9_000)]).toEqual([
      '0 s',
      '45 s',
      '10 min',
      '2.5 h',
    ]);
  });
});
