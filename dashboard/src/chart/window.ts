// The stretch of time that a chart shows, in milliseconds, and how it moves: pure, so that it can be tested.

export interface Window {
  from: number;
  to: number;
}

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** What is offered: hours to a year. */
export const LENGTHS = [HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY] as const;
const SHORTEST = 60_000;
const LONGEST = 5 * 366 * DAY;

export function ending(at: number, length: number): Window {
  return { from: at - length, to: at };
}

/** Moved by a share of its length; not into the future. */
export function moved(window: Window, by: number, now: number): Window {
  const length = window.to - window.from;
  return ending(Math.min(now, window.to + by * length), length);
}

/** Longer or shorter by a factor around its middle; not into the future. */
export function scaled(window: Window, factor: number, now: number): Window {
  const length = clamp((window.to - window.from) * factor);
  const middle = (window.from + window.to) / 2;
  return ending(Math.min(now, middle + length / 2), length);
}

/** What was chosen with the mouse or a finger. */
export function chosen(from: number, to: number, now: number): Window {
  const end = Math.min(now, Math.max(from, to));
  return ending(end, clamp(end - Math.min(from, to)));
}

function clamp(length: number): number {
  return Math.min(LONGEST, Math.max(SHORTEST, length));
}
