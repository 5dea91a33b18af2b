// One line to the gateway for each address, however many parts of a page listen to it. Over plain HTTP a
// browser opens six connections to one host, for all tabs together: a line that is held twice takes one
// from the request that brings an alarm.
//
// Only for events that stand alone, as "something changed": who joins later hears the next one.

import type { Source } from './follow';

/** What an EventSource says of itself once it is open. */
const OPEN = 1;

interface Wire extends Source {
  readonly readyState: number;
}

class Line {
  readonly handles = new Set<Handle>();
  readonly wire: Wire;

  constructor(
    readonly url: string,
    open: (url: string) => Wire,
  ) {
    this.wire = open(url);
    this.wire.onopen = (event) => this.#each((handle) => handle.onopen?.(event));
    this.wire.onerror = (event) => this.breaks(event);
  }

  /** Nobody is left waiting on a line that is broken: who opens it next gets a new one. */
  breaks(event: Event): void {
    this.end();
    this.#each((handle) => handle.onerror?.(event));
  }

  end(): void {
    if (lines.get(this.url) === this) lines.delete(this.url);
    this.wire.close();
  }

  #each(tell: (handle: Handle) => void): void {
    [...this.handles].forEach(tell);
  }
}

const lines = new Map<string, Line>();

class Handle implements Source {
  onopen: ((event: Event) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;

  constructor(readonly line: Line) {
    line.handles.add(this);
    if (line.wire.readyState === OPEN) {
      queueMicrotask(() => {
        if (line.handles.has(this)) this.onopen?.(new Event('open'));
      });
    }
  }

  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.line.wire.addEventListener(type, (event) => {
      if (this.line.handles.has(this)) listener(event);
    });
  }

  close(): void {
    this.line.handles.delete(this);
    if (this.line.handles.size === 0) this.line.end();
  }

  drop(): void {
    this.line.handles.delete(this);
    this.line.breaks(new Event('error'));
  }
}

/** Joins the line to `url`, or opens it; closing it leaves it to those who still listen. */
export function openShared(
  url: string,
  open: (url: string) => Wire = (url) => new EventSource(url) as Wire,
): Source {
  const line = lines.get(url) ?? new Line(url, open);
  lines.set(url, line);
  return new Handle(line);
}
