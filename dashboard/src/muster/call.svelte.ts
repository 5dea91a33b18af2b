// A muster's link as its page knows it: how the call stands, what was answered, and what of it arrived.

import { asTrouble, insist, request, type RequestError, type Trouble } from '../api/request';
import type { CallView, MusterAnswer } from '../api/types';
import { onWake, type Touch } from '../live/follow';
import { GatewayClock } from '../time/now.svelte';
import { forgetCall, keepCall, recallCall } from './last-call';

/** The counts are read anew this often. */
export const AGAIN_MS = 15_000;
/** Answers after which there is nothing to wait for. */
const FINAL: readonly Trouble[] = ['unauthorised', 'expired', 'missing', 'forbidden'];

export class CallWatch {
  readonly clock = new GatewayClock();
  call = $state.raw<CallView | null>(null);
  touch = $state<Touch>('connecting');
  /** The last time that the gateway was heard, by its own clock. */
  heardAt = $state<string | null>(null);
  /** Why there is nothing to show. */
  closed = $state<Trouble | null>(null);
  /** What is being sent. */
  sending = $state<MusterAnswer | null>(null);
  /** Why the last answer was not taken; what a reading ran into is no part of it. */
  trouble = $state.raw<RequestError | null>(null);

  readonly #path: string;
  /** How many answers were given: a reading that was begun before one of them says nothing of it. */
  #given = 0;

  constructor(token: string) {
    this.#path = `/api/v1/roll-call/${encodeURIComponent(token)}`;
    this.call = recallCall(this.#path);
    this.heardAt = this.call?.now ?? null;
  }

  start(): () => void {
    const stopClock = this.clock.start();
    void this.read();
    const again = setInterval(() => void this.read(), AGAIN_MS);
    const stopWaking = onWake(() => void this.read());
    return () => {
      stopClock();
      clearInterval(again);
      stopWaking();
    };
  }

  async read(): Promise<void> {
    if (this.sending !== null || this.closed !== null) return;
    const given = this.#given;
    try {
      const call = await request<CallView>('GET', this.#path);
      if (given === this.#given) this.#show(call);
    } catch (error) {
      if (given === this.#given) this.#lost(asTrouble(error));
    }
  }

  async answer(answer: MusterAnswer): Promise<void> {
    if (this.sending !== null) return;
    this.sending = answer;
    this.trouble = null;
    this.#given += 1;
    try {
      this.#show(await insist(() => request<CallView>('POST', this.#path, { answer })));
    } catch (error) {
      this.trouble = asTrouble(error);
    } finally {
      this.#given += 1;
      this.sending = null;
    }
  }

  #show(call: CallView): void {
    this.call = call;
    this.touch = 'in';
    this.clock.set(call.now);
    this.heardAt = call.now;
    keepCall(this.#path, call);
  }

  #lost(why: RequestError): void {
    this.touch = 'out';
    if (!FINAL.includes(why.trouble)) return;
    this.closed = why.trouble;
    forgetCall();
  }
}
