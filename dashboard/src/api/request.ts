// One way to ask the gateway: JSON in, JSON out, a time limit, and errors with a kind.

import { sessionEnded } from './session-end';
import { heardDate } from '../time/gateway';

/** Why a request did not succeed, as far as a page needs to tell. */
export type Trouble =
  | 'unreachable' // no answer at all
  | 'unauthorised' // 401: not signed in, or a bad link
  | 'forbidden' // 403
  | 'missing' // 404
  | 'conflict' // 409: it changed meanwhile
  | 'expired' // 410
  | 'refused' // 400, 422
  | 'too_often' // 429
  | 'broken'; // 5xx, or an answer that can't be read

export class RequestError extends Error {
  constructor(
    readonly trouble: Trouble,
    /** The gateway's own words, where it gave some. */
    readonly words: string,
    readonly code = '',
  ) {
    super(words || trouble);
  }
}

/** What went wrong, where it may be a fault of the page's own. */
export function asTrouble(error: unknown): RequestError {
  return error instanceof RequestError ? error : new RequestError('broken', '');
}

const LIMIT_MS = 10_000;

function troubleOf(status: number): Trouble {
  switch (status) {
    case 401:
      return 'unauthorised';
    case 403:
      return 'forbidden';
    case 404:
      return 'missing';
    case 409:
      return 'conflict';
    case 410:
      return 'expired';
    case 429:
      return 'too_often';
    default:
      return status >= 500 ? 'broken' : 'refused';
  }
}

/** What waits until somebody has signed in again: a page that asks every few seconds waits once. */
const waitingFor = new Map<string, Promise<unknown>>();

/**
 * Which version of something was read, its `ETag`: a change holds for that one alone. 'none' is for what is
 * to be made new; null is whatever is there.
 */
export interface Version {
  tag: string | null;
}

/**
 * Asks once. Where the session behind a page has ended, whoever sits there is asked to sign in: what only
 * reads waits for that and is asked again; what changes something is refused, for them to press again.
 */
export async function request<T>(
  method: string,
  path: string,
  body?: unknown,
  version?: Version,
): Promise<T> {
  const waiting = method === 'GET' && !version ? waitingFor.get(path) : undefined;
  if (waiting) return waiting as Promise<T>;
  try {
    return await ask<T>(method, path, body, version);
  } catch (error) {
    if (!(error instanceof RequestError) || error.trouble !== 'unauthorised') throw error;
    const isBack = sessionEnded(path);
    if (method !== 'GET') throw error;
    const again = isBack.then((isBack) => {
      waitingFor.delete(path);
      if (!isBack) throw error;
      return ask<T>(method, path, undefined, version);
    });
    if (!version) waitingFor.set(path, again);
    return again;
  }
}

async function ask<T>(method: string, path: string, body?: unknown, version?: Version): Promise<T> {
  const abort = new AbortController();
  const limit = setTimeout(() => abort.abort(), LIMIT_MS);
  try {
    const headers: Record<string, string> = { accept: 'application/json' };
    const init: RequestInit = {
      method,
      signal: abort.signal,
      cache: 'no-store',
      credentials: 'same-origin',
      headers,
    };
    if (version?.tag === 'none') headers['if-none-match'] = '*';
    else if (version?.tag) headers['if-match'] = version.tag;
    if (body !== undefined) {
      headers['content-type'] = 'application/json';
      init.body = JSON.stringify(body);
    }
    const response = await fetch(path, init);
    heardDate(response.headers.get('date'));
    if (!response.ok) throw await errorOf(response);
    if (version) version.tag = response.headers.get('etag');
    // Done, or under way: there is nothing to read.
    if (response.status === 204 || response.status === 202) return undefined as T;
    return (await response.json()) as T;
  } catch (error) {
    if (error instanceof RequestError) throw error;
    if (error instanceof SyntaxError) throw new RequestError('broken', '');
    throw new RequestError('unreachable', '');
  } finally {
    clearTimeout(limit);
  }
}

/** What the gateway said against it. */
export async function errorOf(response: Response): Promise<RequestError> {
  let words = '';
  let code = '';
  try {
    const body: unknown = await response.json();
    if (typeof body === 'object' && body !== null) {
      if ('message' in body && typeof body.message === 'string') words = body.message;
      if ('error' in body && typeof body.error === 'string') code = body.error;
    }
  } catch {
    // Whatever stands between did not answer in JSON: the status says enough.
  }
  return new RequestError(troubleOf(response.status), words, code);
}

const RETRY_WAITS_MS = [800, 2_000];

/**
 * For what may be said twice without harm: tries again where the gateway did not answer, as in a
 * stairwell with poor reception.
 */
export async function insist<T>(ask: () => Promise<T>): Promise<T> {
  for (const wait of RETRY_WAITS_MS) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof RequestError) || error.trouble !== 'unreachable') throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
  return ask();
}
