// Asking the gateway to set one alarm aside or to bring it back, once at a time, and what went wrong.

import { asTrouble, request, type RequestError } from '../api/request';
import type { AlarmView, Text } from '../api/types';
import { troubleWords } from '../incident/trouble';
import { shelf as words } from '../words/shelf';

export class Asking {
  sending = $state(false);
  trouble = $state.raw<RequestError | null>(null);

  shelve(alarm: string, until: Date): Promise<AlarmView | null | undefined> {
    return this.#ask(alarm, 'shelve', { until: until.toISOString() });
  }

  unshelve(alarm: string): Promise<AlarmView | null | undefined> {
    return this.#ask(alarm, 'unshelve');
  }

  /** The alarm as it stands then, null once it is wholly normal; undefined where it was not done. */
  async #ask(alarm: string, act: string, body?: unknown): Promise<AlarmView | null | undefined> {
    if (this.sending) return undefined;
    this.sending = true;
    this.trouble = null;
    try {
      const path = `/api/v1/alarms/${encodeURIComponent(alarm)}/${act}`;
      return await request<AlarmView | null>('POST', path, body);
    } catch (error) {
      this.trouble = asTrouble(error);
      return undefined;
    } finally {
      this.sending = false;
    }
  }
}

/** Why it was not done, in both languages. */
export function refusal(error: RequestError): Text {
  if (error.code === 'vital') return words.vital;
  if (error.trouble === 'missing') return words.gone;
  if (error.trouble === 'refused') return words.bad_end;
  return troubleWords(error);
}
