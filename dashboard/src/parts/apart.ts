// What a question that takes the whole attention does to the rest of the page.

/** What the Tab key stops at. */
const STOPS = 'a[href], button, input, select, textarea, summary';

/**
 * Takes everything around an element out of reach, of fingers, keys and screen readers; what is called
 * afterwards lets it in again. Browsers from before 2022 don't know `inert`: there `aria-modal` and the keys
 * must do.
 */
export function apart(element: HTMLElement): () => void {
  const out: HTMLElement[] = [];
  for (let at = element; at.parentElement && at !== document.body; at = at.parentElement) {
    for (const beside of at.parentElement.children) {
      if (beside === at || !(beside instanceof HTMLElement)) continue;
      if (beside.inert || beside.hasAttribute('data-veil')) continue;
      beside.inert = true;
      out.push(beside);
    }
  }
  return () => out.forEach((beside) => (beside.inert = false));
}

/** Where the Tab key stops within an element, in order; of radio buttons it is the chosen one alone. */
export function stopsIn(element: HTMLElement): HTMLElement[] {
  return [...element.querySelectorAll<HTMLElement>(STOPS)].filter(
    (stop) => !stop.matches(':disabled') && stop.getClientRects().length > 0,
  );
}
