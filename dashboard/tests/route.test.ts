import { describe, expect, it } from 'vitest';
import drawn from '../src/drawn.json';
import { routeOf } from '../src/route';

describe('a path', () => {
  it('means a page', () => {
    expect(routeOf('/')).toEqual({ page: 'home' });
    expect(routeOf('/sign-in')).toEqual({ page: 'home' });
    expect(routeOf('/a/ab_C-1')).toEqual({ page: 'answer', token: 'ab_C-1' });
    expect(routeOf('/a/ab/')).toEqual({ page: 'answer', token: 'ab' });
    expect(routeOf('/incidents/12')).toEqual({ page: 'incident', id: '12' });
    expect(routeOf('/m/ab_C-1')).toEqual({ page: 'roll-call', token: 'ab_C-1' });
    expect(routeOf('/musters/3')).toEqual({ page: 'muster', id: '3' });
    expect(routeOf('/musters/new')).toEqual({ page: 'call' });
    expect(routeOf('/outputs')).toEqual({ page: 'outputs' });
    expect(routeOf('/ways')).toEqual({ page: 'ways' });
    expect(routeOf('/found')).toEqual({ page: 'found' });
    expect(routeOf('/upkeep')).toEqual({ page: 'upkeep', path: '/upkeep' });
    expect(routeOf('/upkeep/devices/a%2Fb')).toEqual({
      page: 'upkeep',
      path: '/upkeep/devices/a%2Fb',
    });
    expect(routeOf('/invitation/x%2Fy')).toEqual({ page: 'invitation', token: 'x/y' });
  });

  it("is left to the gateway where it is none of these pages'", () => {
    for (const path of [
      '/ca',
      '/ca.crt',
      '/openapi.json',
      '/a',
      '/a/b/c',
      '/incidents/x',
      '/musters/x',
      '/m',
      '/a/%E0%A4%A',
    ]) {
      expect(routeOf(path), path).toBeNull();
    }
  });

  it('is drawn here for each beginning that the gateway and the service worker leave to these pages', () => {
    const isOurs = (first: string): boolean =>
      ['', '/1', '/new'].some((rest) => routeOf(`/${first}${rest}`) !== null);
    expect(drawn.filter((first) => !isOurs(first))).toEqual([]);
    const named = ['a', 'm', 'musters', 'incidents', 'invitation', 'upkeep', 'ways', 'outputs'];
    expect([...named, 'found', 'sign-in'].filter((first) => !drawn.includes(first))).toEqual([]);
  });
});
