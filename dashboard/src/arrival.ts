// Coming to another page without fetching the whole document: what a browser does by itself then, the focus
// and the scroll position, is done here.

/** What is read first takes its time. Later the reader is in the middle of something, and isn't moved. */
const PATIENCE_MS = 3_000;

/** The first page is the browser's own: who opens it anew begins before its navigation. */
let isFirst = true;
let stop = (): void => {};

/**
 * Another page has been asked for, to be shown from `y` px on. Until it is high enough for that, it is kept as
 * near as it can be, but not past the first touch of the reader: see {@link stay}.
 */
export function arrive(y: number): void {
  stay();
  isFirst = false;
  scrollTo(0, y);
  if (y === 0) return;
  const grown = new ResizeObserver(() => {
    scrollTo(0, y);
    if (document.documentElement.scrollHeight - innerHeight >= y) stay();
  });
  const late = setTimeout(stay, PATIENCE_MS);
  stop = () => {
    clearTimeout(late);
    grown.disconnect();
  };
  grown.observe(document.body);
}

/** The reader scrolls: nothing else does. */
export function stay(): void {
  stop();
  stop = () => {};
}

/**
 * For every `main`. The one that had the focus, or the link in it, is gone with its page: the keyboard and the
 * screen reader go on in this one.
 */
export function landing(main: HTMLElement): void {
  if (isFirst || document.activeElement !== document.body) return;
  main.tabIndex = -1;
  main.focus({ preventScroll: true });
}
