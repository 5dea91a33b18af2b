// Makes something new at the gateway, and never in place of what is there: `If-None-Match: *`.

import { RequestError } from './request';
import { sessionEnded } from './session-end';

const LIMIT_MS = 10_000;
/** Names that are tried where somebody else took one meanwhile. */
const TRIES = 10;

/**
 * Puts what `made` makes of an id at the first of `ids` that is free; answers which that is.
 *
 * @throws RequestError as `request` does.
 */
export async function create(
  folder: string,
  ids: Iterable<string>,
  made: (id: string) => unknown,
): Promise<string> {
  let tries = 0;
  for (const id of ids) {
    const trouble = await put(`${folder}/${encodeURIComponent(id)}`, made(id));
    if (trouble === null) return id;
    tries += 1;
    if (trouble.code !== 'taken' || tries >= TRIES) throw trouble;
  }
  throw new RequestError('conflict', '');
}

async function put(path: string, body: unknown): Promise<RequestError | null> {
  const abort = new AbortController();
  const limit = setTimeout(() => abort.abort(), LIMIT_MS);
  try {
    const response = await fetch(path, {
      method: 'PUT',
      signal: abort.signal,
      cache: 'no-store',
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        'if-none-match': '*',
      },
      body: JSON.stringify(body),
    });
    if (response.status === 401) void sessionEnded(path);
    return response.ok ? null : await refusalOf(response);
  } catch {
    return new RequestError('unreachable', '');
  } finally {
    clearTimeout(limit);
  }
}

/** What the gateway said against it. */
export async function refusalOf(response: Response): Promise<RequestError> {
  const problem = (await response.json().catch(() => null)) as {
    error?: string;
    message?: string;
  } | null;
  const { status } = response;
  const trouble =
    status === 401
      ? 'unauthorised'
      : status === 403
        ? 'forbidden'
        : status >= 500
          ? 'broken'
          : 'refused';
  return new RequestError(trouble, problem?.message ?? '', problem?.error ?? '');
}
