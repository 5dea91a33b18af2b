// Makes something new at the gateway, and never in place of what is there.

import { RequestError, request } from './request';

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
    try {
      await request('PUT', `${folder}/${encodeURIComponent(id)}`, made(id), { tag: 'none' });
      return id;
    } catch (error) {
      tries += 1;
      const isTaken = error instanceof RequestError && error.code === 'taken';
      if (!isTaken || tries >= TRIES) throw error;
    }
  }
  throw new RequestError('conflict', '');
}
