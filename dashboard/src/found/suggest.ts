// What something could be called by programs: its own name, with what an id can't hold made a dash.

export function suggestedId(name: string, fallback: string): string {
  return plain(name) || `device-${fallback}`;
}

/** Ids for something new of this name that none of `taken` has: the name, then with -2, -3 and so on. */
export function* freeIds(name: string, kind: string, taken: Iterable<string>): Generator<string> {
  const used = new Set(taken);
  const id = plain(name) || kind;
  if (!used.has(id)) yield id;
  for (let count = 2; ; count += 1) {
    if (!used.has(`${id}-${count}`)) yield `${id}-${count}`;
  }
}

function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 40);
}
