// A month of a roster as days, each with its shifts by the roster's own clock. Pure.

import type { ShiftSpan } from '../api/types';
import { midnight, offset } from '../time/midnight';

export interface Piece {
  /** Times of that day, as "08:00"; the end of the day is "24:00". */
  from: string;
  to: string;
  people: string[];
  /** Nobody is on call. */
  gap: boolean;
}

export interface Day {
  /** `2026-12-03`. */
  date: string;
  /** Within the month that is shown. */
  inside: boolean;
  pieces: Piece[];
}

/** `2026-12` and so many months later. */
export function monthLater(month: string, by: number): string {
  const [year = 1970, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
}

/** The days of whole weeks, from Monday, around a month. */
export function daysOf(month: string): { date: string; inside: boolean }[] {
  const [year = 1970, number = 1] = month.split('-').map(Number);
  const first = new Date(Date.UTC(year, number - 1, 1));
  const last = new Date(Date.UTC(year, number, 0));
  const DAY_MS = 86_400_000;
  const from = first.getTime() - ((first.getUTCDay() + 6) % 7) * DAY_MS;
  const to = last.getTime() + ((7 - last.getUTCDay()) % 7) * DAY_MS;
  const days = [];
  for (let at = from; at <= to; at += DAY_MS) {
    const date = new Date(at).toISOString().slice(0, 10);
    days.push({ date, inside: date.startsWith(month) });
  }
  return days;
}

/** When the days that are shown begin and end. */
export function stretchOf(month: string, zone: string): { from: number; to: number } {
  const days = daysOf(month);
  const from = midnight(days[0]?.date ?? '', zone) ?? 0;
  const to = midnight(days[days.length - 1]?.date ?? '', zone, 1) ?? 0;
  return { from, to };
}

export function monthOf(month: string, zone: string, spans: readonly ShiftSpan[]): Day[] {
  const parsed = spans.map((span) => ({
    start: Date.parse(span.start),
    end: Date.parse(span.end),
    people: span.people,
  }));
  return daysOf(month).map(({ date, inside }) => {
    const from = midnight(date, zone) ?? 0;
    const to = midnight(date, zone, 1) ?? 0;
    const pieces = parsed
      .filter((span) => span.start < to && span.end > from)
      .map((span) => ({
        from: span.start <= from ? '00:00' : clock(span.start, zone),
        to: span.end >= to ? '24:00' : clock(span.end, zone),
        people: span.people,
        gap: span.people.length === 0,
      }));
    return { date, inside, pieces };
  });
}

/** The time of day by a zone's clock. */
export function clock(at: number, zone: string): string {
  return new Date(at + offset(at, zone)).toISOString().slice(11, 16);
}

/** The day by a zone's clock, as `2026-12-03`. */
export function dayAt(at: number, zone: string): string {
  return new Date(at + offset(at, zone)).toISOString().slice(0, 10);
}

/** Spans in which nobody is on call, soonest first. */
export function gapsOf(spans: readonly ShiftSpan[]): ShiftSpan[] {
  return spans.filter((span) => span.people.length === 0);
}
