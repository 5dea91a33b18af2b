// A form that saves the whole of something must not undo, unseen, what somebody else has changed of it
// since the form was opened.

import { say } from '../language.svelte';
import { upkeep as words } from '../words/upkeep';
import { RequestError } from './request';

/** Reads it again just before it is saved, and refuses where it is not what it was. */
export async function unchanged<T>(before: T, read: () => Promise<T | undefined>): Promise<void> {
  const now = await read();
  if (JSON.stringify(now) === JSON.stringify(before)) return;
  throw new RequestError('conflict', say(words.changed_meanwhile), 'changed_meanwhile');
}
