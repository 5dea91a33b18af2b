import { afterEach, describe, expect, it, vi } from 'vitest';
import { create } from '../src/api/create';
import { freeIds } from '../src/found/suggest';

afterEach(() => vi.unstubAllGlobals());

/** A gateway that has these already; what was put is noted. */
function gatewayWith(...there: string[]): string[] {
  const put: string[] = [];
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    expect(new Headers(init.headers).get('if-none-match')).toBe('*');
    put.push(path);
    const taken = { error: 'taken', message: 'there is one' };
    return Promise.resolve(
      there.includes(path)
        ? new Response(JSON.stringify(taken), { status: 412 })
        : new Response(init.body as string),
    );
  });
  return put;
}

describe('something new', () => {
  it('gets an id that nothing else has, whatever it is called', () => {
    const first = (name: string, ...taken: string[]): string | undefined =>
      freeIds(name, 'roster', taken).next().value as string | undefined;
    expect(first('Night Watch')).toBe('night-watch');
    expect(first('Night Watch', 'night-watch', 'night-watch-2')).toBe('night-watch-3');
    expect(first('夜班', '夜班')).toBe('夜班-2');
    expect(first('!!!')).toBe('roster');
    expect(first('!!!', 'roster')).toBe('roster-2');
  });

  it('never replaces what somebody else made meanwhile', async () => {
    const put = gatewayWith('/api/v1/rosters/nights');
    const made = await create('/api/v1/rosters', freeIds('nights', 'roster', []), (id) => ({ id }));
    expect(made).toBe('nights-2');
    expect(put).toEqual(['/api/v1/rosters/nights', '/api/v1/rosters/nights-2']);
  });

  it('says what the gateway says where that is something else', async () => {
    const invalid = { error: 'invalid', message: 'a policy has steps' };
    vi.stubGlobal('fetch', () =>
      Promise.resolve(new Response(JSON.stringify(invalid), { status: 422 })),
    );
    const asked = create('/api/v1/policies', freeIds('a', 'policy', []), () => ({}));
    await expect(asked).rejects.toMatchObject({ trouble: 'refused', words: 'a policy has steps' });
  });
});
