// The whole site, live: names are read once, and then only what changes comes, by server-sent events.

import { RequestError, request, type Trouble } from '../api/request';
import type { DeviceView, LiveIncident, LiveView, PlaceView, PointView } from '../api/types';
import { follow, onWake, type Following, type Touch } from '../live/follow';
import { GatewayClock } from '../time/now.svelte';
import type { DeviceNow, PointNow } from './now.svelte';
import { planOf, type Building } from './plan';

export class LiveSite {
  readonly clock = new GatewayClock();
  plan = $state.raw<Building[] | null>(null);
  incidents = $state.raw<LiveIncident[]>([]);
  touch = $state<Touch>('connecting');
  trouble = $state<Trouble | null>(null);
  heardAt = $state<string | null>(null);

  readonly #signedOut: () => void;
  #devices = new Map<string, DeviceNow>();
  #points = new Map<string, PointNow>();
  #following: Following | null = null;
  /** Pictures are shown one after another: one that waits for the names holds back those behind it. */
  #shown: Promise<void> = Promise.resolve();
  /** How many pictures the stream has brought. */
  #brought = 0;

  constructor(signedOut: () => void) {
    this.#signedOut = signedOut;
  }

  start(): () => void {
    const stopClock = this.clock.start();
    this.#following = follow({
      url: '/api/v1/live/events',
      event: 'live',
      heard: (data) => this.#heard(JSON.parse(data) as LiveView),
      poll: () => this.#poll(),
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

  async #poll(): Promise<void> {
    const before = this.#brought;
    const view = await request<LiveView>('GET', '/api/v1/live');
    // What the stream brought meanwhile may be newer. The times of two pictures are compared in this case
    // alone: a gateway whose clock was put back must be believed.
    const isOvertaken = (): boolean =>
      this.#brought > before && this.heardAt !== null && view.now < this.heardAt;
    await this.#show(view, isOvertaken);
    this.trouble = null;
  }

  #heard(view: LiveView): void {
    this.#brought += 1;
    this.#show(view).catch((error: unknown) => {
      if (!this.#isOver(error)) this.#following?.retry();
    });
  }

  #show(view: LiveView, isOvertaken = (): boolean => false): Promise<void> {
    const shown = this.#shown.then(async () => {
      if (!isOvertaken()) await this.#apply(view);
    });
    this.#shown = shown.catch(() => undefined);
    return shown;
  }

  async #apply(view: LiveView): Promise<void> {
    if (this.plan === null || (view.whole && this.#isAnotherSite(view))) await this.#readNames();
    for (const device of view.devices) {
      const cell = this.#devices.get(device.id);
      if (cell) cell.now = device;
    }
    for (const point of view.points) {
      const cell = this.#points.get(point.id);
      if (cell) cell.now = point;
    }
    if (view.incidents) this.incidents = view.incidents;
    this.clock.set(view.now);
    this.heardAt = view.now;
    this.trouble = null;
  }

  #isAnotherSite(view: LiveView): boolean {
    return (
      view.devices.length !== this.#devices.size ||
      view.points.length !== this.#points.size ||
      view.devices.some((device) => !this.#devices.has(device.id)) ||
      view.points.some((point) => !this.#points.has(point.id))
    );
  }

  async #readNames(): Promise<void> {
    const get = <T>(path: string): Promise<T> => request<T>('GET', `/api/v1/${path}`);
    const [places, devices, points] = await Promise.all([
      get<PlaceView[]>('places'),
      get<DeviceView[]>('devices'),
      get<PointView[]>('points'),
    ]);
    const plan = planOf(places, devices, points);
    const nodes = plan.flatMap((building) => building.rooms.flatMap((room) => room.devices));
    this.#devices = new Map(nodes.map((node) => [node.device.id, node.now]));
    const cells = nodes.flatMap((node) => node.points);
    this.#points = new Map(cells.map((cell) => [cell.point.id, cell]));
    this.plan = plan;
  }

  #isOver(error: unknown): boolean {
    if (!(error instanceof RequestError)) return false;
    this.trouble = error.trouble;
    if (error.trouble === 'unauthorised') this.#signedOut();
    return error.trouble === 'unauthorised' || error.trouble === 'forbidden';
  }
}
