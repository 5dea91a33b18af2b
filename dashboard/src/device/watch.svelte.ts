// One device with its points and alarms, read anew whenever the gateway says that something changed.

import { asTrouble, request, type RequestError, type Trouble } from '../api/request';
import type { AlarmView, DeviceDetail } from '../api/types';
import type { Following, Touch } from '../live/follow';
import { reread } from '../live/reread';
import { put } from '../shelf/list';
import { GatewayClock } from '../time/now.svelte';

const AT_MOST_EVERY_MS = 1_000;
const TELEMETRY_MS = 3_000;
const FINAL: readonly Trouble[] = ['unauthorised', 'forbidden', 'missing'];

export class DeviceWatch {
  readonly clock = new GatewayClock();
  detail = $state.raw<DeviceDetail | null>(null);
  alarms = $state.raw<AlarmView[]>([]);
  touch = $state<Touch>('connecting');
  closed = $state<Trouble | null>(null);
  trouble = $state.raw<RequestError | null>(null);
  sending = $state(false);
  readAt = $state<string | null>(null);

  readonly #path: string;
  #following: Following | null = null;

  constructor(readonly id: string) {
    this.#path = `/api/v1/devices/${encodeURIComponent(id)}`;
  }

  start(): () => void {
    const stopClock = this.clock.start();
    const following = reread({
      read: () => this.#read(),
      touch: (touch) => (this.touch = touch),
      closed: (trouble) => (this.closed = trouble),
      final: FINAL,
      atMostEveryMs: AT_MOST_EVERY_MS,
    });
    this.#following = following;
    // What is only telemetry changes nothing that the gateway would tell of.
    const again = setInterval(() => {
      if (!document.hidden && this.touch === 'in') this.#read().catch(() => following.retry());
    }, TELEMETRY_MS);
    return () => {
      stopClock();
      clearInterval(again);
      following.stop();
    };
  }

  retry(): void {
    this.#following?.retry();
  }

  takeOut(until: Date, reason: string): Promise<boolean> {
    return this.#change('POST', { until: until.toISOString(), reason });
  }

  putBack(): Promise<boolean> {
    return this.#change('DELETE');
  }

  /** An alarm as it stands after it was set aside or brought back. */
  changedAlarm(id: string, after: AlarmView | null): void {
    this.alarms = put(this.alarms, id, after);
  }

  async #change(method: string, body?: unknown): Promise<boolean> {
    if (this.sending) return false;
    this.sending = true;
    this.trouble = null;
    try {
      this.detail = await request<DeviceDetail>(method, `${this.#path}/out-of-service`, body);
      return true;
    } catch (error) {
      this.trouble = asTrouble(error);
      return false;
    } finally {
      this.sending = false;
    }
  }

  async #read(): Promise<void> {
    const [detail, alarms] = await Promise.all([
      request<DeviceDetail>('GET', this.#path),
      request<AlarmView[]>('GET', '/api/v1/alarms'),
    ]);
    this.detail = detail;
    this.alarms = alarms.filter((alarm) => alarm.device === this.id);
    this.touch = 'in';
    this.readAt = new Date(this.clock.now).toISOString();
  }
}
