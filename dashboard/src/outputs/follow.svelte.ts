// What can be switched, read anew whenever the gateway says that something changed.

import { asTrouble, request, type RequestError, type Trouble } from '../api/request';
import type { BuildingOutputs, OutputView } from '../api/types';
import type { Following, Touch } from '../live/follow';
import { reread } from '../live/reread';

/** Readings change all the time: it is read at most this often. */
const AT_MOST_EVERY_MS = 700;
const FINAL: readonly Trouble[] = ['unauthorised', 'forbidden'];

export interface Wish {
  on: boolean;
  hold?: string;
  reason: string;
  incident?: number;
}

export class OutputsWatch {
  all = $state.raw<BuildingOutputs | null>(null);
  touch = $state<Touch>('connecting');
  closed = $state<Trouble | null>(null);
  trouble = $state.raw<RequestError | null>(null);
  sending = $state(false);

  #following: Following | null = null;

  start(): () => void {
    const following = reread({
      read: () => this.#read(),
      touch: (touch) => (this.touch = touch),
      closed: (trouble) => (this.closed = trouble),
      final: FINAL,
      atMostEveryMs: AT_MOST_EVERY_MS,
    });
    this.#following = following;
    return () => following.stop();
  }

  retry(): void {
    this.#following?.retry();
  }

  async switch(output: OutputView, wish: Wish): Promise<boolean> {
    if (this.sending) return false;
    this.sending = true;
    this.trouble = null;
    try {
      await request('POST', `/api/v1/outputs/${encodeURIComponent(output.id)}/switch`, wish);
      await this.#read();
      return true;
    } catch (error) {
      this.trouble = asTrouble(error);
      return false;
    } finally {
      this.sending = false;
    }
  }

  async #read(): Promise<void> {
    this.all = await request<BuildingOutputs>('GET', '/api/v1/outputs');
    this.touch = 'in';
  }
}
