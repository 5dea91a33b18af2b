// What is said about a picture.

import type { Picture } from '../api/types';
import { language, say } from '../language.svelte';
import { wallTime } from '../time/clock';
import { pictures as words } from '../words/pictures';

/** "Before it began · 03:12". */
export function pictureWhen(picture: Picture, now: number): string {
  const time = wallTime(picture.taken_at, language(), now);
  return say(picture.when === 'before' ? words.before : words.after, { time });
}

/** For whoever can't see it. */
export function pictureAlt(picture: Picture, now: number): string {
  const time = wallTime(picture.taken_at, language(), now);
  const alt = picture.when === 'before' ? words.alt_before : words.alt_after;
  return say(alt, { camera: say(picture.name), time });
}
