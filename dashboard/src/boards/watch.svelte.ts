// Every board, read again all the time: what a board says of its health changes nothing that the gateway
// would tell of.

import { asTrouble, request, type RequestError } from '../api/request';
import type { BoardKinds, BoardView, PlaceView } from '../api/types';
import { onWake } from '../live/follow';
import { GatewayClock } from '../time/now.svelte';

const READ_EVERY_MS = 3_000;

export class BoardsWatch {
  readonly clock = new GatewayClock();
  boards = $state.raw<BoardView[] | null>(null);
  places = $state.raw<PlaceView[]>([]);
  kinds = $state.raw<BoardKinds | null>(null);
  trouble = $state.raw<RequestError | null>(null);
  readAt = $state<string | null>(null);

  start(): () => void {
    const stopClock = this.clock.start();
    void this.read();
    const again = setInterval(() => {
      if (!document.hidden) void this.read();
    }, READ_EVERY_MS);
    const stopWaking = onWake(() => void this.read());
    return () => {
      stopClock();
      clearInterval(again);
      stopWaking();
    };
  }

  async read(): Promise<void> {
    try {
      if (this.kinds === null) {
        [this.places, this.kinds] = await Promise.all([
          request<PlaceView[]>('GET', '/api/v1/places'),
          request<BoardKinds>('GET', '/api/v1/boards/kinds'),
        ]);
      }
      this.boards = await request<BoardView[]>('GET', '/api/v1/boards');
      this.trouble = null;
      this.readAt = new Date(this.clock.now).toISOString();
    } catch (error) {
      this.trouble = asTrouble(error);
    }
  }

  /** Reads again what there is for making boards ready: somebody may just have put it there. */
  async readKinds(): Promise<void> {
    this.kinds = null;
    await this.read();
  }

  pathOf(place: string): PlaceView['path'] {
    return this.places.find((one) => one.id === place)?.path ?? { zh: place, en: place };
  }
}
