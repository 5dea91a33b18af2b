// One roster, its shifts of a month and the gaps ahead; and what a maintainer changes about it.

import { asTrouble, request, type RequestError } from '../api/request';
import type { CalendarLink, PersonRef, Roster, ShiftSpan } from '../api/types';
import { gapsOf, stretchOf } from './month';

const AHEAD_MS = 60 * 86_400_000;

export class RosterWatch {
  roster = $state.raw<Roster | null>(null);
  names = $state.raw<ReadonlyMap<string, string>>(new Map());
  spans = $state.raw<ShiftSpan[] | null>(null);
  gaps = $state.raw<ShiftSpan[] | null>(null);
  link = $state.raw<CalendarLink | null>(null);
  trouble = $state.raw<RequestError | null>(null);
  /** Why the last change was not made. */
  refused = $state.raw<RequestError | null>(null);
  sending = $state(false);
  #asked = 0;

  constructor(readonly id: string) {}

  get #path(): string {
    return `/api/v1/rosters/${encodeURIComponent(this.id)}`;
  }

  async read(month: string): Promise<void> {
    const mine = ++this.#asked;
    try {
      const [roster, people, link] = await Promise.all([
        request<Roster>('GET', this.#path),
        request<PersonRef[]>('GET', `${this.#path}/people`),
        request<CalendarLink>('GET', `${this.#path}/calendar`),
      ]);
      const now = Date.now();
      const [spans, ahead] = await Promise.all([
        this.#shifts(stretchOf(month, roster.time_zone)),
        this.#shifts({ from: now, to: now + AHEAD_MS }),
      ]);
      if (mine !== this.#asked) return;
      this.roster = roster;
      this.names = new Map(people.map((person) => [person.id, person.name]));
      this.link = link;
      this.spans = spans;
      this.gaps = gapsOf(ahead);
      this.trouble = null;
    } catch (error) {
      if (mine === this.#asked) this.trouble = troubleOf(error);
    }
  }

  #shifts(stretch: { from: number; to: number }): Promise<ShiftSpan[]> {
    const time = (at: number): string => encodeURIComponent(new Date(at).toISOString());
    const query = `from=${time(stretch.from)}&to=${time(stretch.to)}`;
    return request<ShiftSpan[]>('GET', `${this.#path}/shifts?${query}`);
  }

  /** Puts the roster as it becomes by `change`, of what stands at the gateway now. */
  async change(change: (roster: Roster) => Roster, month: string): Promise<boolean> {
    if (this.sending) return false;
    this.sending = true;
    this.refused = null;
    try {
      const now = await request<Roster>('GET', this.#path);
      await request('PUT', this.#path, change(now));
      await this.read(month);
      return true;
    } catch (error) {
      this.refused = troubleOf(error);
      return false;
    } finally {
      this.sending = false;
    }
  }

  name(person: string): string {
    return this.names.get(person) ?? person;
  }
}

function troubleOf(error: unknown): RequestError {
  return asTrouble(error);
}
