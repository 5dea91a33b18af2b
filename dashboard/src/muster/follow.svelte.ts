// One muster as its live page knows it: read anew whenever the gateway says that something changed.

import { RequestError, request, type Trouble } from '../api/request';
import type { MusterAnswer, MusterView } from '../api/types';
import { follow, onWake, type Following, type Touch } from '../live/follow';

/** Five hundred people answer in the same minute: the list is read at most this often. */
const AT_MOST_EVERY_MS = 1_000;

export class MusterWatch {
  muster = $state.raw<MusterView | null>(null);
  touch = $state<Touch>('connecting');
  closed = $state<Trouble | null>(null);
  trouble = $state.raw<RequestError | null>(null);
  pending = $state(false);

  readonly #path: string;
  #following: Following | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #readAt = 0;

  constructor(id: string) {
    this.#path = `/api/v1/musters/${encodeURIComponent(id)}`;
  }

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

  /** Notes what somebody answered at their door. */
  count(person: string, answer: MusterAnswer): Promise<boolean> {
    return this.#ask('answer', { person, answer });
  }

  end(): Promise<boolean> {
    return this.#ask('end', {});
  }

  async #ask(what: string, body: unknown): Promise<boolean> {
    if (this.pending) return false;
    this.pending = true;
    this.trouble = null;
    try {
      this.muster = await request<MusterView>('POST', `${this.#path}/${what}`, body);
      return true;
    } catch (error) {
      this.trouble = error instanceof RequestError ? error : new RequestError('broken', '');
      return false;
    } finally {
      this.pending = false;
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
    this.muster = await request<MusterView>('GET', this.#path);
    this.touch = 'in';
  }

  #failed(error: unknown): boolean {
    const final: readonly Trouble[] = ['unauthorised', 'missing', 'forbidden'];
    if (!(error instanceof RequestError) || !final.includes(error.trouble)) return false;
    this.closed = error.trouble;
    this.#following?.stop();
    return true;
  }
}
