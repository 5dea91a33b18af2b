import { describe, expect, it } from 'vitest';
import type { DeviceView, PlaceView } from '../src/api/types';
import { addressOf, codeOf } from '../src/labels/code';
import { within } from '../src/labels/within';

describe('a label', () => {
  it('has the address of its page and nothing else', () => {
    expect(addressOf('https://gengfu.example/', 'lift/二')).toBe(
      'https://gengfu.example/upkeep/devices/lift%2F%E4%BA%8C',
    );
  });

  it('has a code with white around, and black modules that are inside', () => {
    const { size, path } = codeOf('https://gengfu.example/upkeep/devices/lift-1');
    expect((size - 8 - 17) % 4).toBe(0);
    // The finder patterns' upper edges: seven modules from the corner on, and to the other corner.
    expect(path.startsWith(`M4 4h7v1h-7z`)).toBe(true);
    const runs = [...path.matchAll(/M(\d+) (\d+)h(\d+)v1/g)].map(([, ...n]) => n.map(Number));
    for (const [x = 0, y = 0, length = 0] of runs) {
      expect(x).toBeGreaterThanOrEqual(4);
      expect(x + length).toBeLessThanOrEqual(size - 4);
      expect(y).toBeGreaterThanOrEqual(4);
      expect(y).toBeLessThan(size - 4);
    }
  });
});

describe('devices of a place', () => {
  const place = (id: string, inside?: string): PlaceView => ({ id, inside }) as PlaceView;
  const device = (id: string, at: string): DeviceView => ({ id, place: at }) as DeviceView;
  it('are those there and inside, whatever the places say of one another', () => {
    const places = [place('b1'), place('lift', 'b1'), place('a', 'z'), place('z', 'a')];
    const devices = [device('x', 'lift'), device('y', 'b1'), device('v', 'a'), device('w', 'gone')];
    const ids = (at: string): string[] => within(devices, places, at).map(({ id }) => id);
    expect(ids('b1')).toEqual(['x', 'y']);
    expect(ids('lift')).toEqual(['x']);
    expect(ids('z')).toEqual(['v']);
    expect(ids('')).toEqual(['x', 'y', 'v', 'w']);
  });
});
