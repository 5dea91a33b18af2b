import { afterEach, describe, expect, it, vi } from 'vitest';
import { edit, unchanged } from '../src/api/edit';

afterEach(() => vi.unstubAllGlobals());

interface Asked {
  method: string | undefined;
  tag: string | null;
  body: unknown;
}

/** A gateway where `there` is, in version 7, unless somebody else is quicker; what it is asked for. */
function gatewayWith(there: unknown, isQuicker = false): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
    const tag = new Headers(init.headers).get('if-match');
    const body: unknown = init.body ? JSON.parse(init.body as string) : null;
    asked.push({ method: init.method, tag, body });
    if (init.method === 'GET') {
      return Promise.resolve(new Response(JSON.stringify(there), { headers: { etag: '"7"' } }));
    }
    const refused = { error: 'changed', message: 'somebody else' };
    return Promise.resolve(
      isQuicker
        ? new Response(JSON.stringify(refused), { status: 412 })
        : new Response(null, { status: 204 }),
    );
  });
  return asked;
}

describe('what is saved as a whole', () => {
  const before = { name: 'Wang', roles: ['volunteer'] };

  it('is saved as a change of the version that was read', async () => {
    const asked = gatewayWith(before);
    await edit('PUT', '/x', unchanged({ ...before }, { name: 'Wang Min' }));
    expect(asked).toEqual([
      { method: 'GET', tag: null, body: null },
      { method: 'PUT', tag: '"7"', body: { name: 'Wang Min' } },
    ]);
  });

  it('is not saved where it is not as the form began with it', async () => {
    const asked = gatewayWith({ ...before, name: 'Wang Min' });
    const saved = edit('DELETE', '/x', unchanged(before));
    await expect(saved).rejects.toMatchObject({ trouble: 'conflict', code: 'changed' });
    expect(asked.length).toBe(1);
  });

  it('is not saved where somebody else is quicker after all', async () => {
    gatewayWith(before, true);
    const saved = edit('PUT', '/x', (now: typeof before) => ({ ...now, roles: [] }));
    await expect(saved).rejects.toMatchObject({ trouble: 'refused', code: 'changed' });
  });
});
