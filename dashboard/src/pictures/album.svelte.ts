// The pictures beside an incident. They come seconds after it opened, so that the page goes on asking for
// as long as more may come; nothing else waits for them.

import { request } from '../api/request';
import type { Picture, Pictures } from '../api/types';

/** While more may come, it is asked this often. */
const SOON_MS = 1_500;
/** After an answer that did not come. */
const LATER_MS = 5_000;
/** After so many of those it is left. */
const TRIES = 5;

export class Album {
  pictures = $state.raw<Pictures | null>(null);

  readonly #base: string;
  #failures = 0;

  constructor(base: string) {
    this.#base = `${base}/pictures`;
  }

  source(picture: Picture): string {
    return `${this.#base}/${picture.number}`;
  }

  /** Begins; the answer ends it. */
  start(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;
    const ask = async (): Promise<void> => {
      const wait = await this.#read();
      if (wait !== null && !ended) timer = setTimeout(() => void ask(), wait);
    };
    void ask();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }

  /** When to ask again; null for not any more. */
  async #read(): Promise<number | null> {
    try {
      this.pictures = await request<Pictures>('GET', this.#base);
      return this.pictures.pending ? SOON_MS : null;
    } catch {
      // No answer, or no right to one: the page itself says which.
      this.#failures += 1;
      return this.#failures < TRIES ? LATER_MS : null;
    }
  }
}
