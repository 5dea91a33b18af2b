// What can be switched, read anew whenever the gateway says that something changed.

import { RequestError, request, type Trouble } from '../api/request';
import type { BuildingOutputs, OutputView } from '../api/types';
import { follow, onWake, type Following, type Touch } from '../live/follow';

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
  #timer: ReturnType<typeof setTimeout> | undefined;
  #readAt = 0;

  start(): () => void {
    this.#following = follow({
      url: '/api/v1/events',
      event: 'change',
      heard: () => this.#soon(),
      poll: () => this.#read(),
      touch: (touch) => (this.touch = touch),
      isFinal: (error) => this.#failed(error),
    });
    this.#soon();
    const stopWaking = onWake(() => this.#following?.retry());
    return () => {
      stopWaking();
      clearTimeout(this.#timer);
      this.#following?.stop();
    };
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
      this.trouble = error instanceof RequestError ? error : new RequestError('broken', '');
      return false;
    } finally {
      this.sending = false;
    }
  }

  #soon(): void {
    clearTimeout(this.#timer);
    const wait = Math.max(0, this.#readAt + AT_MOST_EVERY_MS - Date.now());
    this.#timer = setTimeout(() => {
      this.#readAt = Date.now();
      this.#read().catch((error: unknown) => {
        if (!this.#failed(error)) this.#following?.retry();
      });
    }, wait);
  }

  async #read(): Promise<void> {
    this.all = await request<BuildingOutputs>('GET', '/api/v1/outputs');
    this.touch = 'in';
  }

  #failed(error: unknown): boolean {
    if (!(error instanceof RequestError) || !FINAL.includes(error.trouble)) return false;
    this.closed = error.trouble;
    this.#following?.stop();
    return true;
  }
}
