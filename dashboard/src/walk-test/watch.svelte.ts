// One device's walk test, live: each touch shows within a second.

import { RequestError, asTrouble, request, type Trouble } from '../api/request';
import type { WalkTestView } from '../api/types';
import { follow, onWake, type Following, type Touch } from '../live/follow';
import { GatewayClock } from '../time/now.svelte';

const FINAL: readonly Trouble[] = ['unauthorised', 'forbidden', 'missing'];

export class WalkTestWatch {
  readonly clock = new GatewayClock();
  view = $state.raw<WalkTestView | null>(null);
  touch = $state<Touch>('connecting');
  closed = $state<Trouble | null>(null);
  trouble = $state.raw<RequestError | null>(null);
  sending = $state(false);

  readonly #path: string;
  #following: Following | null = null;

  constructor(id: string) {
    this.#path = `/api/v1/devices/${encodeURIComponent(id)}/walk-test`;
  }

  start(): () => void {
    const stopClock = this.clock.start();
    this.#following = follow({
      url: `${this.#path}/events`,
      event: 'walk-test',
      heard: (data) => this.#show(JSON.parse(data) as WalkTestView),
      poll: async () => this.#show(await request<WalkTestView>('GET', this.#path)),
      touch: (touch) => (this.touch = touch),
      isFinal: (error) => this.#isOver(error),
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

  begin(minutes: number): Promise<void> {
    return this.#change('POST', '', { minutes });
  }

  end(): Promise<void> {
    return this.#change('DELETE', '');
  }

  arrived(incident: number): Promise<void> {
    return this.#change('POST', '/arrived', { incident });
  }

  async #change(method: string, path: string, body?: unknown): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    this.trouble = null;
    try {
      this.#show(await request<WalkTestView>(method, this.#path + path, body));
    } catch (error) {
      this.trouble = asTrouble(error);
    } finally {
      this.sending = false;
    }
  }

  #show(view: WalkTestView): void {
    this.view = view;
    this.clock.set(view.now);
  }

  #isOver(error: unknown): boolean {
    if (!(error instanceof RequestError) || !FINAL.includes(error.trouble)) return false;
    this.closed = error.trouble;
    return true;
  }
}
