// What the first page shows, read anew whenever the gateway says that something changed.

import { RequestError, request, type Trouble } from '../api/request';
import type {
  ChannelView,
  DeviceView,
  HealthView,
  IncidentLine,
  MusterRow,
  OnCallView,
  RosterView,
  SwapView,
} from '../api/types';
import { follow, onWake, type Following, type Touch } from '../live/follow';
import { openShared } from '../live/shared';
import { GatewayClock } from '../time/now.svelte';
import { keepHome, recallHome } from './last-home';

/** A part of the page: what was read last, and why nothing newer was. */
export interface Part<T> {
  data: T | null;
  trouble: Trouble | null;
}

export interface Duty {
  roster: RosterView;
  now: OnCallView;
}

const NOTHING = { data: null, trouble: null };
/** Readings change all the time: the lists are read at most this often. */
const AT_MOST_EVERY_MS = 1_500;

export class Overview {
  readonly clock = new GatewayClock();
  incidents = $state.raw<Part<IncidentLine[]>>(NOTHING);
  musters = $state.raw<Part<MusterRow[]>>(NOTHING);
  duties = $state.raw<Part<Duty[]>>(NOTHING);
  swaps = $state.raw<Part<SwapView[]>>(NOTHING);
  devices = $state.raw<Part<DeviceView[]>>(NOTHING);
  channels = $state.raw<Part<ChannelView[]>>(NOTHING);
  health = $state.raw<Part<HealthView>>(NOTHING);
  touch = $state<Touch>('connecting');
  heardAt = $state<string | null>(null);

  readonly #signedOut: () => void;
  readonly #person: string;
  #following: Following | null = null;
  #reading: Promise<void> | null = null;
  #again = false;
  #readAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(signedOut: () => void, person: string) {
    this.#signedOut = signedOut;
    this.#person = person;
    const last = recallHome(person);
    if (!last) return;
    this.duties = { data: last.duties, trouble: null };
    this.swaps = { data: last.swaps, trouble: null };
    this.heardAt = last.at;
  }

  start(): () => void {
    const stopClock = this.clock.start();
    this.#following = follow({
      url: '/api/v1/events',
      event: 'change',
      heard: () => this.#soon(),
      poll: () => this.#read(),
      touch: (touch) => (this.touch = touch),
      isFinal: (error) => this.#isSignedOut(error),
      open: openShared,
    });
    this.#soon();
    const stopWaking = onWake(() => this.#following?.retry());
    return () => {
      stopClock();
      stopWaking();
      clearTimeout(this.#timer);
      this.#following?.stop();
    };
  }

  retry(): void {
    this.#following?.retry();
  }

  /** Gathers changes that follow each other closely. */
  #soon(): void {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    const wait = Math.max(0, this.#readAt + AT_MOST_EVERY_MS - Date.now());
    this.#timer = setTimeout(() => {
      this.#read().catch((error: unknown) => {
        if (this.#isSignedOut(error)) this.#following?.stop();
        else this.#following?.retry();
      });
    }, wait);
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = null;
      this.#readAt = Date.now();
      if (this.#again) {
        this.#again = false;
        this.#soon();
      }
    });
    return this.#reading;
  }

  /** Each part by itself: one that fails, or is not for this reader, leaves the others alone. */
  async #readAll(): Promise<void> {
    const get = <T>(path: string): Promise<T> => request<T>('GET', `/api/v1/${path}`);
    const parts = await Promise.all([
      read(get<IncidentLine[]>('incidents?open=true'), this.incidents).then((part) => {
        const now = part.trouble === null ? part.data?.[0]?.now : undefined;
        if (now) this.clock.set(now);
        return (this.incidents = part);
      }),
      read(get<MusterRow[]>('musters'), this.musters).then((part) => (this.musters = part)),
      read(duties(get), this.duties).then((part) => (this.duties = part)),
      read(get<SwapView[]>('me/swaps'), this.swaps).then((part) => (this.swaps = part)),
      read(get<DeviceView[]>('devices'), this.devices).then((part) => (this.devices = part)),
      read(get<ChannelView[]>('channels'), this.channels).then((part) => (this.channels = part)),
      read(get<HealthView>('health'), this.health).then((part) => {
        if (part.trouble === null && part.data) this.clock.set(part.data.now);
        return (this.health = part);
      }),
    ]);
    const troubles = parts.map((part) => part.trouble);
    if (troubles.includes('unauthorised')) throw new RequestError('unauthorised', '');
    if (troubles.every((trouble) => trouble === 'unreachable' || trouble === 'broken')) {
      throw new RequestError('unreachable', '');
    }
    this.touch = 'in';
    this.heardAt = new Date(this.clock.now).toISOString();
    keepHome(this.#person, { duties: this.duties.data, swaps: this.swaps.data, at: this.heardAt });
  }

  #isSignedOut(error: unknown): boolean {
    if (!(error instanceof RequestError) || error.trouble !== 'unauthorised') return false;
    this.#signedOut();
    return true;
  }
}

async function read<T>(asked: Promise<T>, before: Part<T>): Promise<Part<T>> {
  try {
    return { data: await asked, trouble: null };
  } catch (error) {
    return { data: before.data, trouble: error instanceof RequestError ? error.trouble : 'broken' };
  }
}

async function duties(get: <T>(path: string) => Promise<T>): Promise<Duty[]> {
  const rosters = await get<RosterView[]>('rosters');
  return Promise.all(
    rosters.map(async (roster) => ({
      roster,
      now: await get<OnCallView>(`rosters/${encodeURIComponent(roster.id)}/on-call`),
    })),
  );
}
