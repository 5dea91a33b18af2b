// Follows something that changes at the gateway: server-sent events, and polling where those fail.
//
// The browser's own reconnecting gives up after an error answer, says nothing while it waits, and
// takes a line that has gone quiet for a live one. So the page decides: it opens anew after a wait
// that doubles, asks by an ordinary request meanwhile, and asks too when the line has been quiet.
//
// A page that nobody looks at holds no line: over plain HTTP a browser has six connections to one host for
// all its tabs, and the tab that was opened for an alarm needs one of them.

/** Whether the page can believe what it shows. */
export type Touch = 'connecting' | 'in' | 'out';

export interface Following {
  /** Look again at once: the phone woke up, or is online again. */
  retry(): void;
  stop(): void;
}

/** The part of an EventSource that is used. */
export interface Source {
  onopen: ((event: Event) => void) | null;
  onerror: ((event: Event) => void) | null;
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
  /** It is taken for dead, and nobody else who shares it is to wait on it. */
  drop?(): void;
}

export interface Options {
  url: string;
  /** The name of the event that is listened to. */
  event: string;
  /** An event came. */
  heard: (data: string) => void;
  /** Asks once by an ordinary request, and shows what came. */
  poll: () => Promise<void>;
  touch: (touch: Touch) => void;
  /** The gateway's answer means that there is nothing to follow any more. */
  isFinal: (error: unknown) => boolean;
  open?: (url: string) => Source;
  random?: () => number;
}

/** While events don't come, it is asked this often. */
export const POLL_MS = 5_000;
/** A quiet line is doubted after this long; the gateway's keep-alive is invisible to a page. */
export const QUIET_MS = 25_000;
/** A line that is not open by then waits behind others: it is asked by requests meanwhile. */
export const OPEN_MS = 6_000;
/** A page that is hidden for this long lets go of its line, and asks nothing. */
export const HIDDEN_MS = 5_000;
export const BACK_OFF_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

export function follow(options: Options): Following {
  const open = options.open ?? ((url) => new EventSource(url) as Source);
  const random = options.random ?? Math.random;
  let source: Source | null = null;
  let failures = 0;
  let stopped = false;
  let asking = false;
  let asleep = false;
  let reopenTimer: ReturnType<typeof setTimeout> | undefined;
  let pollTimer: ReturnType<typeof setTimeout> | undefined;
  let openTimer: ReturnType<typeof setTimeout> | undefined;
  let hiddenTimer: ReturnType<typeof setTimeout> | undefined;

  function listen(): void {
    clearTimeout(reopenTimer);
    clearTimeout(openTimer);
    source?.close();
    const mine = open(options.url);
    source = mine;
    mine.addEventListener(options.event, (event) => {
      if (source !== mine) return;
      clearTimeout(openTimer);
      failures = 0;
      options.touch('in');
      askAfter(QUIET_MS);
      options.heard(event.data);
    });
    mine.onopen = () => {
      if (source !== mine) return;
      clearTimeout(openTimer);
      askAfter(QUIET_MS);
    };
    mine.onerror = () => {
      if (source === mine) lost();
    };
    openTimer = setTimeout(() => {
      if (source === mine) lost();
    }, OPEN_MS);
  }

  function lost(): void {
    clearTimeout(openTimer);
    source?.close();
    source = null;
    const wait = BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length - 1)] ?? 15_000;
    failures += 1;
    clearTimeout(reopenTimer);
    reopenTimer = setTimeout(listen, wait * (0.8 + 0.4 * random()));
    void ask();
  }

  function askAfter(wait: number): void {
    clearTimeout(pollTimer);
    if (!stopped && !asleep) pollTimer = setTimeout(() => void ask(), wait);
  }

  async function ask(): Promise<void> {
    if (asking || stopped || asleep) return;
    asking = true;
    clearTimeout(pollTimer);
    try {
      await options.poll();
      if (!stopped) options.touch('in');
    } catch (error) {
      if (stopped) return;
      if (options.isFinal(error)) {
        stop();
        return;
      }
      options.touch('out');
      // A line that seems open while the gateway does not answer is a dead one.
      if (source !== null) {
        asking = false;
        const dead = source;
        source = null;
        if (dead.drop) dead.drop();
        else dead.close();
        clearTimeout(openTimer);
        clearTimeout(reopenTimer);
        reopenTimer = setTimeout(listen, BACK_OFF_MS[0]);
      }
    } finally {
      asking = false;
    }
    askAfter(source === null ? POLL_MS : QUIET_MS);
  }

  function letGo(): void {
    clearTimeout(reopenTimer);
    clearTimeout(openTimer);
    clearTimeout(pollTimer);
    source?.close();
    source = null;
  }

  function seen(): void {
    clearTimeout(hiddenTimer);
    if (document.visibilityState === 'hidden') {
      hiddenTimer = setTimeout(() => {
        asleep = true;
        letGo();
      }, HIDDEN_MS);
    } else if (asleep) {
      asleep = false;
      failures = 0;
      listen();
      void ask();
    }
  }

  function stop(): void {
    stopped = true;
    clearTimeout(hiddenTimer);
    document.removeEventListener('visibilitychange', seen);
    letGo();
  }

  options.touch('connecting');
  document.addEventListener('visibilitychange', seen);
  listen();
  seen();
  // Events may be held back by whatever stands between, without an error.
  askAfter(POLL_MS);

  return {
    retry() {
      if (stopped || asleep) return;
      failures = 0;
      if (source === null) listen();
      void ask();
    },
    stop,
  };
}

/** Calls `wake` when the phone comes back: the page is looked at again, or is online again. */
export function onWake(wake: () => void): () => void {
  const visible = (): void => {
    if (document.visibilityState === 'visible') wake();
  };
  document.addEventListener('visibilitychange', visible);
  window.addEventListener('online', wake);
  window.addEventListener('pageshow', wake);
  return () => {
    document.removeEventListener('visibilitychange', visible);
    window.removeEventListener('online', wake);
    window.removeEventListener('pageshow', wake);
  };
}
