// What is saved as a whole must not undo, unseen, what somebody else has changed of it: it is read just before,
// and the gateway takes the change only while it is what was read then (`If-Match`).

import { request, RequestError, type Version } from './request';

/**
 * Reads what is at `path`, and puts what `change` makes of it there, or takes it away.
 *
 * @throws RequestError as `request` does; with the code `changed` where somebody else was quicker.
 */
export async function edit<T, Saved = unknown>(
  method: 'PUT' | 'DELETE',
  path: string,
  change: (now: T) => unknown,
): Promise<Saved> {
  const version: Version = { tag: null };
  const now = await request<T>('GET', path, undefined, version);
  return request<Saved>(method, path, change(now), version);
}

/** A change to `then` of what a form began with as `before`, refused where it is something else by now. */
export function unchanged<T>(before: T, then?: unknown): (now: T) => unknown {
  return (now) => {
    if (JSON.stringify(now) === JSON.stringify(before)) return then;
    throw new RequestError('conflict', '', 'changed');
  };
}
