import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LiveIncident, LiveView } from '../src/api/types';
import { LiveSite } from '../src/overview/live-site.svelte';

afterEach(() => vi.unstubAllGlobals());

const incident = { id: 7, danger: 'trapped' } as unknown as LiveIncident;
const device = (alarms: number): LiveView['devices'][number] =>
  ({ id: 'lift-1', heard_at: null, out_of_service: false, alarms, priority: null }) as never;
const at = (second: number): string => `2026-11-29T00:00:0${second}Z`;

/** A page that follows; what it asks is answered by hand. */
function page(): {
  site: LiveSite;
  tell: (view: LiveView) => void;
  answer: (path: string, body: unknown) => Promise<void>;
} {
  let heard: (event: { data: string }) => void = () => undefined;
  class Stream {
    addEventListener(_: string, listener: typeof heard): void {
      heard = listener;
    }
    close(): void {
      // Nothing is kept.
    }
  }
  const asked = new Map<string, (response: Response) => void>();
  vi.stubGlobal('EventSource', Stream);
  vi.stubGlobal('document', { addEventListener: vi.fn(), removeEventListener: vi.fn() });
  vi.stubGlobal('window', { addEventListener: vi.fn(), removeEventListener: vi.fn() });
  vi.stubGlobal('fetch', (path: string) => new Promise((done) => asked.set(path, done)));
  const site = new LiveSite(() => undefined);
  site.start();
  return {
    site,
    tell: (view) => heard({ data: JSON.stringify(view) }),
    answer: async (path, body) => {
      await vi.waitFor(() => expect(asked.has(path)).toBe(true));
      asked.get(path)?.(new Response(JSON.stringify(body)));
      asked.delete(path);
    },
  };
}

async function names(answer: (path: string, body: unknown) => Promise<void>): Promise<void> {
  const named = { id: 'lift-1', place: 'hall', alarms: [], out_of_service: null, heard_at: null };
  await answer('/api/v1/places', []);
  await answer('/api/v1/points', []);
  await answer('/api/v1/devices', [{ ...named, place_name: { zh: '', en: '' } }]);
}

const whole: LiveView = {
  now: at(1),
  whole: true,
  devices: [device(0)],
  points: [],
  incidents: [],
};
const opened: LiveView = {
  now: at(2),
  whole: false,
  devices: [device(1)],
  points: [],
  incidents: [incident],
};
const alarms = (site: LiveSite): number | undefined =>
  site.plan?.[0]?.rooms[0]?.devices[0]?.now.now.alarms;

describe('the live site', () => {
  it('loses no difference that comes while the names are read', async () => {
    const { site, tell, answer } = page();
    tell(whole);
    tell(opened);
    await names(answer);
    await vi.waitFor(() => expect(site.incidents).toEqual([incident]));
    expect(alarms(site)).toBe(1);
    expect(site.heardAt).toBe(at(2));
  });

  it('does not go back to a picture that the stream has overtaken', async () => {
    const { site, tell, answer } = page();
    tell(whole);
    await names(answer);
    await vi.waitFor(() => expect(site.heardAt).toBe(at(1)));
    site.retry();
    tell(opened);
    await vi.waitFor(() => expect(site.heardAt).toBe(at(2)));
    await answer('/api/v1/live', whole);
    await new Promise((done) => setTimeout(done, 0));
    expect(alarms(site)).toBe(1);
    expect(site.incidents).toEqual([incident]);
  });
});
