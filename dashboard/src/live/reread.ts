// Something that is read anew whenever the gateway says that anything changed, and no more often than it
// has to be: five hundred people answer in the same minute, and readings change all the time.

import { RequestError, type Trouble } from '../api/request';
import { follow, onWake, type Following, type Touch } from './follow';
import { openShared } from './shared';

export interface Rereading {
  /** Reads it once, and shows what came. */
  read: () => Promise<void>;
  touch: (touch: Touch) => void;
  /** There is nothing to read any more, and nothing is followed from now on. */
  closed: (trouble: Trouble) => void;
  /** Which troubles mean that. */
  final: readonly Trouble[];
  atMostEveryMs: number;
}

/** Reads it now and from then on; what it returns looks again at once, or ends it. */
export function reread(options: Rereading): Following {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let readAt = 0;

  const following = follow({
    url: '/api/v1/events',
    event: 'change',
    heard: soon,
    poll: options.read,
    touch: options.touch,
    isFinal: isOver,
    open: openShared,
  });

  function soon(): void {
    clearTimeout(timer);
    const wait = Math.max(0, readAt + options.atMostEveryMs - Date.now());
    timer = setTimeout(() => {
      readAt = Date.now();
      options.read().catch((error: unknown) => {
        if (!isOver(error)) following.retry();
      });
    }, wait);
  }

  function isOver(error: unknown): boolean {
    if (!(error instanceof RequestError) || !options.final.includes(error.trouble)) return false;
    options.closed(error.trouble);
    following.stop();
    return true;
  }

  soon();
  const stopWaking = onWake(() => following.retry());
  return {
    retry: () => following.retry(),
    stop() {
      stopWaking();
      clearTimeout(timer);
      following.stop();
    },
  };
}
