// Which page a path means. Paths that are none of ours (as /ca) are left to the gateway.

export type Route =
  | { page: 'answer'; token: string }
  | { page: 'roll-call'; token: string }
  | { page: 'muster'; id: string }
  | { page: 'call' }
  | { page: 'ways' }
  | { page: 'outputs' }
  | { page: 'found' }
  | { page: 'home' }
  | { page: 'incident'; id: string }
  | { page: 'invitation'; token: string }
  /** One of the maintainer's, which looks at the path itself. */
  | { page: 'upkeep'; path: string };

export function routeOf(path: string): Route | null {
  const parts = path.replace(/\/+$/, '').split('/').slice(1);
  const [first, second] = parts;
  if (first === undefined || (first === 'sign-in' && parts.length === 1)) return { page: 'home' };
  if (first === 'upkeep') return { page: 'upkeep', path };
  if (first === 'ways' && parts.length === 1) return { page: 'ways' };
  if (first === 'outputs' && parts.length === 1) return { page: 'outputs' };
  if (first === 'found' && parts.length === 1) return { page: 'found' };
  if (parts.length !== 2 || !second) return null;
  const name = decoded(second);
  if (name === null) return null;
  switch (first) {
    case 'a':
      return { page: 'answer', token: name };
    case 'm':
      return { page: 'roll-call', token: name };
    case 'musters':
      if (name === 'new') return { page: 'call' };
      return /^\d+$/.test(name) ? { page: 'muster', id: name } : null;
    case 'incidents':
      return /^\d+$/.test(name) ? { page: 'incident', id: name } : null;
    case 'invitation':
      return { page: 'invitation', token: name };
    default:
      return null;
  }
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
