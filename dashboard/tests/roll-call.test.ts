import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CallView, MusterAnswer } from '../src/api/types';
import { CallWatch } from '../src/muster/call.svelte';

const call = (answer: MusterAnswer | null): CallView =>
  ({ now: '2026-11-29T12:00:00Z', answer, counts: {}, ended_at: null }) as unknown as CallView;

interface Asked {
  method: string;
  answer: (body: unknown, status?: number) => void;
  fail: () => void;
}
let asked: Asked[];
let kept: Map<string, string>;

beforeEach(() => {
  asked = [];
  kept = new Map();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  });
  vi.stubGlobal(
    'fetch',
    (_path: string, init: RequestInit) =>
      new Promise<Response>((done, broken) =>
        asked.push({
          method: init.method ?? '',
          answer: (body, status = 200) => done(new Response(JSON.stringify(body), { status })),
          fail: () => broken(new TypeError('Failed to fetch')),
        }),
      ),
  );
});

afterEach(() => vi.unstubAllGlobals());

describe('a roll call', () => {
  it('is not taken back by a reading that was begun before the answer', async () => {
    const watch = new CallWatch('t');
    const reading = watch.read();
    const answering = watch.answer('need_help');
    asked[1]?.answer(call('need_help'));
    await answering;
    asked[0]?.answer(call(null));
    await reading;
    expect(watch.call?.answer).toBe('need_help');
  });

  it('says of an answer that it was not sent only where it was not', async () => {
    const watch = new CallWatch('t');
    const answering = watch.answer('safe');
    asked[0]?.answer(call('safe'));
    await answering;
    const reading = watch.read();
    asked[1]?.fail();
    await reading;
    expect(watch.trouble).toBeNull();
    expect(watch.touch).toBe('out');
    expect(watch.call?.answer).toBe('safe');
    const again = watch.answer('coming');
    asked[2]?.answer({ error: 'conflict', message: '' }, 409);
    await again;
    expect(watch.trouble?.trouble).toBe('conflict');
  });

  it('opens with what this phone was shown last, and says that it is old', async () => {
    const before = new CallWatch('t');
    const reading = before.read();
    asked[0]?.answer(call('safe'));
    await reading;
    const watch = new CallWatch('t');
    expect(watch.call?.answer).toBe('safe');
    expect(watch.heardAt).toBe('2026-11-29T12:00:00Z');
    expect(new CallWatch('another').call).toBeNull();
    const again = watch.read();
    asked[1]?.answer({ error: 'expired', message: '' }, 410);
    await again;
    expect(watch.closed).toBe('expired');
    expect(kept.size).toBe(0);
  });
});
