// One roster, its shifts of a month and the gaps ahead; and what a maintainer changes about it.

import { edit } from '../api/edit';
import { asTrouble, request, RequestError, type Trouble } from '../api/request';
import type { CalendarLink, PersonRef, Roster, ShiftSpan } from '../api/types';
import type { Following, Touch } from '../live/follow';
import { reread } from '../live/reread';
import { GatewayClock } from '../time/now.svelte';
import { gapsOf, stretchOf } from './month';

const AHEAD_MS = 60 * 86_400_000;
const AT_MOST_EVERY_MS = 2_000;
const FINAL: readonly Trouble[] = ['unauthorised', 'forbidden', 'missing'];

export class RosterWatch {
  readonly clock = new GatewayClock();
  touch = $state<Touch>('connecting');
  readAt = $state<string | null>(null);
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
  #following: Following | null = null;
  /** The month that was asked for last. */
  month = '';

  constructor(readonly id: string) {}

  get #path(): string {
    return `/api/v1/rosters/${encodeURIComponent(this.id)}`;
  }

  /** Reads the month that is shown, and again whenever something changes; the answer ends it. */
  start(month: () => string): () => void {
    const stopClock = this.clock.start();
    this.month = month();
    const following = reread({
      read: () => this.#load(month()),
      touch: (touch) => (this.touch = touch),
      closed: (trouble) => (this.trouble = new RequestError(trouble, '')),
      final: FINAL,
      atMostEveryMs: AT_MOST_EVERY_MS,
    });
    this.#following = following;
    return () => {
      stopClock();
      following.stop();
    };
  }

  retry(): void {
    this.#following?.retry();
  }

  async read(month: string): Promise<void> {
    await this.#load(month).catch(() => undefined);
  }

  async #load(month: string): Promise<void> {
    const mine = ++this.#asked;
    this.month = month;
    try {
      const [roster, people, link] = await Promise.all([
        request<Roster>('GET', this.#path),
        request<PersonRef[]>('GET', `${this.#path}/people`),
        request<CalendarLink>('GET', `${this.#path}/calendar`),
      ]);
      const now = this.clock.now;
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
      this.touch = 'in';
      this.readAt = new Date(this.clock.now).toISOString();
    } catch (error) {
      if (mine === this.#asked) this.trouble = asTrouble(error);
      throw error;
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
      await edit('PUT', this.#path, change);
      await this.read(month);
      return true;
    } catch (error) {
      this.refused = asTrouble(error);
      return false;
    } finally {
      this.sending = false;
    }
  }

  name(person: string): string {
    return this.names.get(person) ?? person;
  }
}
