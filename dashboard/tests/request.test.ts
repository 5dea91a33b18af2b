import { afterEach, describe, expect, it, vi } from 'vitest';
import { RequestError, insist, request } from '../src/api/request';

const answerWith = (status: number, body: string): void => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(body, { status })));
};

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

async function troubleOf(asked: Promise<unknown>): Promise<RequestError> {
  const error: unknown = await asked.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RequestError);
  return error as RequestError;
}

describe('a request', () => {
  it('that is done, or under way, has nothing to read', async () => {
    answerWith(202, '');
    expect(await request('POST', '/x', {})).toBeUndefined();
  });

  it.each([
    [401, 'unauthorised'],
    [403, 'forbidden'],
    [404, 'missing'],
    [409, 'conflict'],
    [410, 'expired'],
    [422, 'refused'],
    [429, 'too_often'],
    [503, 'broken'],
  ])('answered with %i is %s, with the words of the gateway', async (status, trouble) => {
    answerWith(status, JSON.stringify({ error: 'code', message: 'what and what to do' }));
    const error = await troubleOf(request('GET', '/x'));
    expect([error.trouble, error.words, error.code]).toEqual([
      trouble,
      'what and what to do',
      'code',
    ]);
  });

  it('survives an answer that is not JSON, as of a proxy', async () => {
    answerWith(502, '<html>Bad gateway</html>');
    expect((await troubleOf(request('GET', '/x'))).trouble).toBe('broken');
    answerWith(200, '<html>Log in to the Wi-Fi</html>');
    expect((await troubleOf(request('GET', '/x'))).trouble).toBe('broken');
  });

  it('that gets no answer is unreachable', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    expect((await troubleOf(request('GET', '/x'))).trouble).toBe('unreachable');
  });

  it('is given up after ten seconds', async () => {
    vi.useFakeTimers();
    vi.stubGlobal(
      'fetch',
      (_path: string, init: RequestInit) =>
        new Promise((_resolve, reject) => {
          init.signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
        }),
    );
    const asked = troubleOf(request('GET', '/x'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await asked).trouble).toBe('unreachable');
  });
});

describe('insisting', () => {
  it('tries again where the gateway was not reached, and tells the last failure', async () => {
    vi.useFakeTimers();
    let tries = 0;
    const asked = troubleOf(
      insist(() => {
        tries += 1;
        return Promise.reject(new RequestError('unreachable', ''));
      }),
    );
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await asked).trouble).toBe('unreachable');
    expect(tries).toBe(3);
  });

  it('does not repeat what the gateway has refused', async () => {
    let tries = 0;
    const asked = insist(() => {
      tries += 1;
      return Promise.reject(new RequestError('conflict', ''));
    });
    expect((await troubleOf(asked)).trouble).toBe('conflict');
    expect(tries).toBe(1);
  });
});
