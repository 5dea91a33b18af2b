import { afterEach, describe, expect, it, vi } from 'vitest';
import { RequestError, request } from '../src/api/request';
import { whenSessionEnds } from '../src/api/session-end';

let stop = (): void => undefined;
afterEach(() => {
  stop();
  vi.unstubAllGlobals();
});

/** A gateway that knows the session once `signedIn` is true. */
function gateway(): { signedIn: boolean; asked: string[] } {
  const one = { signedIn: false, asked: [] as string[] };
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    one.asked.push(`${init.method} ${path}`);
    const problem = { error: 'not_signed_in', message: 'sign in first' };
    return Promise.resolve(
      one.signedIn
        ? new Response(JSON.stringify({ ok: true }))
        : new Response(JSON.stringify(problem), { status: 401 }),
    );
  });
  return one;
}

describe("a session's end under a page", () => {
  it('lets what only reads wait until the same person has signed in again', async () => {
    const one = gateway();
    let back: (isBack: boolean) => void = () => undefined;
    stop = whenSessionEnds(() => new Promise((resolve) => (back = resolve)));
    const reading = request('GET', '/api/v1/outputs');
    const again = (): Promise<unknown> => request('GET', '/api/v1/outputs');
    await vi.waitFor(() => expect(one.asked.length).toBe(1));
    await new Promise((done) => setTimeout(done, 0));
    const more = [again(), again()];
    one.signedIn = true;
    back(true);
    expect(await Promise.all([reading, ...more])).toEqual(Array(3).fill({ ok: true }));
    expect(one.asked).toEqual(['GET /api/v1/outputs', 'GET /api/v1/outputs']);
  });

  it('does nothing behind their back: what changes something is to be pressed again', async () => {
    const one = gateway();
    let told = 0;
    stop = whenSessionEnds(() => {
      told += 1;
      return new Promise(() => undefined);
    });
    const error: unknown = await request('POST', '/api/v1/outputs/gate/switch', {}).catch(
      (why: unknown) => why,
    );
    expect((error as RequestError).code).toBe('not_signed_in');
    expect([told, one.asked.length]).toEqual([1, 1]);
  });

  it('is not what a bad link or a wrong password means', async () => {
    gateway();
    let told = 0;
    stop = whenSessionEnds(() => {
      told += 1;
      return Promise.resolve(true);
    });
    for (const [method, path] of [
      ['GET', '/api/v1/answer/x'],
      ['GET', '/api/v1/roll-call/x'],
      ['POST', '/api/v1/session'],
    ] as const) {
      await expect(request(method, path)).rejects.toMatchObject({ trouble: 'unauthorised' });
    }
    expect(told).toBe(0);
  });
});
