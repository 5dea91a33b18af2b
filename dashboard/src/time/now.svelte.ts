// The gateway's clock, as far as this phone knows it: a phone's own may be wrong by minutes.

import { gatewayNow } from './gateway';

export class GatewayClock {
  /** Where a view said what time it is; by the dates of the answers otherwise. */
  #ahead: number | null = null;
  #now = $state(gatewayNow());
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Milliseconds since 1970 by the gateway's clock; moves on each second. */
  get now(): number {
    return this.#now;
  }

  /** The gateway said that it is `time` now. */
  set(time: string): void {
    const at = Date.parse(time);
    if (Number.isNaN(at)) return;
    this.#ahead = at - Date.now();
    this.#now = at;
  }

  start(): () => void {
    this.#timer = setInterval(() => {
      this.#now = this.#ahead === null ? gatewayNow() : Date.now() + this.#ahead;
    }, 1000);
    return () => clearInterval(this.#timer);
  }
}
