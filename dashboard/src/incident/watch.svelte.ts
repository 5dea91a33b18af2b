// One incident as the page knows it: what was shown last, whether that can be believed, and what
// the reader has just asked for.

import type { Action, Door } from '../api/door';
import { asTrouble, RequestError, type Trouble } from '../api/request';
import type { IncidentView, Me } from '../api/types';
import { follow, onWake, type Following, type Touch } from '../live/follow';
import { GatewayClock } from '../time/now.svelte';
import { forget, keep, recall } from './last';

/** Answers after which there is nothing to wait for. */
const FINAL: readonly Trouble[] = ['unauthorised', 'expired', 'missing', 'forbidden'];

/** Answers overtake one another by no more than this; one that is older is of a clock that was put back. */
const OVERTAKEN_MS = 30_000;

export class Watch {
  readonly clock = new GatewayClock();
  incident = $state.raw<IncidentView | null>(null);
  me = $state.raw<Me | null>(null);
  touch = $state<Touch>('connecting');
  /** The last time that the gateway was heard, by its own clock. */
  heardAt = $state<string | null>(null);
  /** Why there is nothing to show. */
  closed = $state<Trouble | null>(null);
  /** What was asked for and is not confirmed. */
  pending = $state<Action['act'] | null>(null);
  /** What was confirmed last, until something else is pressed. */
  done = $state<Action['act'] | null>(null);
  trouble = $state.raw<RequestError | null>(null);

  readonly door: Door;
  #following: Following | null = null;
  /** The newest that the gateway said since this page was opened, by its clock: never what was kept. */
  #newest: number | null = null;

  constructor(door: Door) {
    this.door = door;
    const last = recall(door.key);
    if (last) {
      this.me = last.me;
      this.clock.set(new Date().toISOString());
      this.incident = last.incident;
      this.heardAt = last.incident.now;
    }
  }

  /** Begins; the answer ends it. */
  start(): () => void {
    const stopClock = this.clock.start();
    void this.#read().catch((error: unknown) => this.#failed(error));
    this.#following = follow({
      url: this.door.events,
      event: 'incident',
      heard: (data) => this.#show(JSON.parse(data) as IncidentView),
      poll: () => this.#read(),
      touch: (touch) => (this.touch = touch),
      isFinal: (error) => this.#failed(error),
    });
    const stopWaking = onWake(() => this.#following?.retry());
    return () => {
      stopClock();
      stopWaking();
      this.#following?.stop();
    };
  }

  retry(): void {
    this.#following?.retry();
  }

  /** Asks for something; true once the gateway has confirmed it. */
  async act(action: Action): Promise<boolean> {
    if (this.pending !== null) return false;
    this.pending = action.act;
    this.done = null;
    this.trouble = null;
    try {
      this.#show(await this.door.act(action));
      this.done = action.act;
      return true;
    } catch (error) {
      this.trouble = asTrouble(error);
      // It may have changed under the reader's finger: show how it stands now.
      this.#following?.retry();
      return false;
    } finally {
      this.pending = null;
    }
  }

  async #read(): Promise<void> {
    const { me, incident } = await this.door.read();
    this.me = me;
    this.#show(incident);
    // An event may have overtaken this answer: then what is shown was not kept for want of a name.
    if (this.incident) keep(this.door.key, { me, incident: this.incident });
  }

  #show(incident: IncidentView): void {
    const at = Date.parse(incident.now);
    if (this.#newest !== null && at < this.#newest && this.#newest - at < OVERTAKEN_MS) return;
    this.#newest = at;
    this.clock.set(incident.now);
    this.heardAt = incident.now;
    this.touch = 'in';
    this.incident = incident;
    if (this.me) keep(this.door.key, { me: this.me, incident });
    if (incident.phase === 'ended') this.#following?.stop();
  }

  /** True where it is no use to go on. */
  #failed(error: unknown): boolean {
    if (!(error instanceof RequestError) || !FINAL.includes(error.trouble)) return false;
    this.closed = error.trouble;
    this.#following?.stop();
    forget();
    return true;
  }
}
