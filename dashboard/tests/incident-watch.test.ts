import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Door } from '../src/api/door';
import type { IncidentView, Me } from '../src/api/types';
import { keep } from '../src/incident/last';
import { Watch } from '../src/incident/watch.svelte';

const WANG: Me = { id: 'wang', name: '王秀英', language: 'zh' };
const view = (now: string, phase: IncidentView['phase']): IncidentView =>
  ({ id: 7, now, phase }) as IncidentView;

let kept: Map<string, string>;
let heard: (event: { data: string }) => void;

beforeEach(() => {
  kept = new Map();
  heard = () => undefined;
  const nothing = { addEventListener: vi.fn(), removeEventListener: vi.fn() };
  vi.stubGlobal('document', nothing);
  vi.stubGlobal('window', nothing);
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  });
  class Stream {
    addEventListener(_: string, listener: typeof heard): void {
      heard = listener;
    }
    close(): void {
      // Nothing is kept.
    }
  }
  vi.stubGlobal('EventSource', Stream);
});

afterEach(() => vi.unstubAllGlobals());

/** A page whose first question is answered with `first`. */
function open(first: IncidentView): { watch: Watch; end: () => void } {
  const door: Door = {
    key: 'door',
    events: '/events',
    read: () => Promise.resolve({ me: WANG, incident: first }),
    act: () => Promise.reject(new Error('nobody asks')),
  };
  const watch = new Watch(door);
  return { watch, end: watch.start() };
}

describe('an incident that this phone was shown before', () => {
  it('is shown as the gateway says it is, whose clock may be behind by now', async () => {
    keep('door', { me: WANG, incident: view('2026-11-29T12:00:00Z', 'calling') });
    const { watch, end } = open(view('2026-11-29T11:59:50Z', 'there'));
    expect(watch.incident?.phase).toBe('calling');
    await vi.waitFor(() => expect(watch.incident?.phase).toBe('there'));
    expect(watch.heardAt).toBe('2026-11-29T11:59:50Z');
    end();
  });
});

describe('an incident that is followed', () => {
  it('does not go back to an answer that was overtaken', async () => {
    const { watch, end } = open(view('2026-11-29T12:00:00Z', 'going'));
    await vi.waitFor(() => expect(watch.incident?.phase).toBe('going'));
    heard({ data: JSON.stringify(view('2026-11-29T12:00:02Z', 'there')) });
    heard({ data: JSON.stringify(view('2026-11-29T12:00:01Z', 'going')) });
    expect(watch.incident?.phase).toBe('there');
    end();
  });

  it('follows a gateway whose clock was put back', async () => {
    const { watch, end } = open(view('2026-11-29T12:00:00Z', 'going'));
    await vi.waitFor(() => expect(watch.incident?.phase).toBe('going'));
    heard({ data: JSON.stringify(view('2026-11-29T11:00:00Z', 'there')) });
    expect(watch.incident?.phase).toBe('there');
    end();
  });
});
