// One muster as its live page knows it: read anew whenever the gateway says that something changed.

import { asTrouble, request, type RequestError, type Trouble } from '../api/request';
import type { MusterAnswer, MusterView } from '../api/types';
import type { Following, Touch } from '../live/follow';
import { reread } from '../live/reread';

/** Five hundred people answer in the same minute: the list is read at most this often. */
const AT_MOST_EVERY_MS = 1_000;
const FINAL: readonly Trouble[] = ['unauthorised', 'missing', 'forbidden'];

export class MusterWatch {
  muster = $state.raw<MusterView | null>(null);
  touch = $state<Touch>('connecting');
  closed = $state<Trouble | null>(null);
  trouble = $state.raw<RequestError | null>(null);
  pending = $state(false);

  readonly #path: string;
  #following: Following | null = null;

  constructor(id: string) {
    this.#path = `/api/v1/musters/${encodeURIComponent(id)}`;
  }

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
      this.trouble = asTrouble(error);
      return false;
    } finally {
      this.pending = false;
    }
  }

  async #read(): Promise<void> {
    this.muster = await request<MusterView>('GET', this.#path);
    this.touch = 'in';
  }
}
