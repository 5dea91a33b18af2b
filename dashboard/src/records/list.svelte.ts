// Incidents looked back on: sifted, and a page at a time. What is sifted by stands in the address.

import { asTrouble, request, type RequestError } from '../api/request';
import type { Danger, IncidentPage, IncidentRow } from '../api/types';

export interface Sift {
  open: '' | 'true' | 'false';
  danger: Danger | '';
  place: string;
  /** Days by the site's clock. */
  from: string;
  to: string;
}

export const EVERYTHING: Sift = { open: '', danger: '', place: '', from: '', to: '' };

const LIMIT = 50;

export class RecordList {
  rows = $state.raw<IncidentRow[] | null>(null);
  count = $state(0);
  next = $state<number | null>(null);
  trouble = $state.raw<RequestError | null>(null);
  reading = $state(false);
  #asked = 0;

  /** Reads the first page. */
  async read(query: string): Promise<void> {
    const mine = ++this.#asked;
    this.reading = true;
    try {
      const page = await request<IncidentPage>('GET', `/api/v1/records?${query}&limit=${LIMIT}`);
      if (mine !== this.#asked) return;
      this.rows = page.rows;
      this.count = page.count;
      this.next = page.next;
      this.trouble = null;
    } catch (error) {
      if (mine === this.#asked) this.trouble = troubleOf(error);
    } finally {
      if (mine === this.#asked) this.reading = false;
    }
  }

  /** Reads the next page behind those that are there. */
  async more(query: string): Promise<void> {
    if (this.next === null || this.reading) return;
    const mine = ++this.#asked;
    this.reading = true;
    try {
      const path = `/api/v1/records?${query}&limit=${LIMIT}&before=${this.next}`;
      const page = await request<IncidentPage>('GET', path);
      if (mine !== this.#asked) return;
      this.rows = [...(this.rows ?? []), ...page.rows];
      this.next = page.next;
      this.trouble = null;
    } catch (error) {
      if (mine === this.#asked) this.trouble = troubleOf(error);
    } finally {
      if (mine === this.#asked) this.reading = false;
    }
  }
}

function troubleOf(error: unknown): RequestError {
  return asTrouble(error);
}
