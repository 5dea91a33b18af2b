import { describe, expect, it } from 'vitest';
import type { DeviceView, LiveDevice, PlaceView, PointView } from '../src/api/types';
import { planOf } from '../src/overview/plan';
import { kindOf, standing } from '../src/overview/standing';
import { SECTIONS, mayBy, sectionsFor, whereOf } from '../src/upkeep/sections';

const text = (name: string): { zh: string; en: string } => ({ zh: name, en: name });
const place = (id: string, inside?: string): PlaceView =>
  ({
    id,
    name: text(id),
    path: text(id),
    open_incidents: 0,
    ...(inside && { inside }),
  }) as PlaceView;
const device = (id: string, at: string): DeviceView =>
  ({
    id,
    name: text(id),
    place: at,
    place_name: text(at),
    presence: { state: 'present' },
    heard_at: null,
    out_of_service: null,
    supervision: '30s',
    alarms: [],
  }) as unknown as DeviceView;
const point = (id: string): PointView =>
  ({
    id,
    device: id.split('/')[0],
    value: null,
    word: null,
    no_data: 'not_yet',
    received_at: null,
  }) as PointView;

describe('the plan', () => {
  it('has devices where they hang, inside their building, with their points', () => {
    const places = [
      place('b10'),
      place('b2'),
      place('lift', 'b2'),
      place('pit', 'lift'),
      place('empty'),
    ];
    const devices = [device('x', 'pit'), device('y', 'b10'), device('z', 'b2')];
    const plan = planOf(places, devices, [point('x/a'), point('x/b'), point('y/a')]);
    expect(plan.map((building) => building.id)).toEqual(['b2', 'b10']);
    expect(plan[0]?.rooms.map((room) => [room.id, room.name.en])).toEqual([
      ['b2', ''],
      ['pit', 'lift › pit'],
    ]);
    const x = plan[0]?.rooms[1]?.devices[0];
    expect(x?.points.map((cell) => cell.point.id)).toEqual(['x/a', 'x/b']);
    expect(x?.now.now.heard_at).toBeNull();
  });

  it('survives places that name one another, and devices at none', () => {
    const plan = planOf(
      [place('a', 'b'), place('b', 'a')],
      [device('x', 'a'), device('y', 'gone')],
      [],
    );
    expect(plan.flatMap((building) => building.rooms).length).toBe(2);
  });
});

describe('how a device stands', () => {
  const now = (over: Partial<LiveDevice>): LiveDevice => ({
    id: 'd',
    presence: { state: 'present' },
    heard_at: '2026-11-28T00:00:00Z',
    out_of_service: false,
    tested_until: null,
    alarms: 0,
    priority: null,
    ...over,
  });
  it('is normal only where it is supervised, heard and quiet', () => {
    expect(standing(now({}), true)).toBe('normal');
    expect(standing(now({}), false)).toBe('unsupervised');
    expect(standing(now({ heard_at: null }), true)).toBe('unknown');
    expect(standing(now({ alarms: 1 }), true)).toBe('alarm');
    const lost = { state: 'lost', since: '2026-11-28T00:00:00Z', reason: 'silent' } as const;
    expect(standing(now({ alarms: 1, presence: lost }), true)).toBe('lost');
    expect(standing(now({ presence: lost, out_of_service: true }), true)).toBe('out');
  });

  it('has a sign by its profile', () => {
    expect(kindOf('nice3000-codes')).toBe('lift');
    expect(kindOf('notifier-gw')).toBe('fire');
    expect(kindOf('zigbee-smoke')).toBe('fire');
    expect(kindOf('barrier-gate')).toBe('gate');
    expect(kindOf('chirpstack-leak')).toBe('water');
    expect(kindOf('zigbee-co')).toBe('gas');
    expect(kindOf('json')).toBe('other');
  });
});

describe('the pages', () => {
  it('are known by their paths', () => {
    for (const section of SECTIONS) {
      expect(whereOf(section.path)).toEqual({ section: section.id, id: null });
    }
    expect(whereOf('/upkeep/devices/lift-1%2Fa/')).toEqual({ section: 'devices', id: 'lift-1/a' });
    expect(whereOf('/upkeep/incidents/12')).toEqual({ section: 'incidents', id: '12' });
    expect(whereOf('/upkeep/nothing')).toBeNull();
    expect(whereOf('/upkeep/devices/a/b')).toBeNull();
  });

  it('are for those who may see them', () => {
    expect(sectionsFor(['admin'])).toEqual(SECTIONS.filter((section) => !section.apart));
    expect(sectionsFor(['resident'])).toEqual([]);
    const overview = SECTIONS.find((section) => section.id === 'overview');
    if (!overview) throw new Error('no overview');
    expect(mayBy(['installer'], overview)).toBe(true);
    expect(mayBy(['volunteer'], overview)).toBe(false);
    expect(sectionsFor(['volunteer']).map((section) => section.id)).toContain('incidents');
  });
});
