// The two doors through which a page reaches one incident: the signed link of a message, and a
// signed-in session. The incident's page is the same behind both.

import { useZone } from '../time/where.svelte';
import { insist, request } from './request';
import type { Answer, GivenCause, IncidentView, Me } from './types';

export type Action =
  | { act: 'acknowledge' }
  | { act: 'arrive' }
  | { act: 'hand-over'; to: string | null }
  | { act: 'end'; cause: GivenCause; note: string };

export interface Door {
  /** What the browser keeps the last view under. */
  readonly key: string;
  readonly events: string;
  read(): Promise<{ me: Me; incident: IncidentView }>;
  act(action: Action): Promise<IncidentView>;
}

function actions(base: string): (action: Action) => Promise<IncidentView> {
  return (action) => {
    const path = `${base}/${action.act}`;
    return insist(() => request<IncidentView>('POST', path, bodyOf(action)));
  };
}

function bodyOf(action: Action): unknown {
  switch (action.act) {
    case 'hand-over':
      return action.to === null ? {} : { to: action.to };
    case 'end':
      return { cause: action.cause, note: action.note };
    default:
      return {};
  }
}

/** By the link of a message. */
export function linkDoor(token: string): Door {
  const base = `/api/v1/answer/${encodeURIComponent(token)}`;
  return {
    key: base,
    events: `${base}/events`,
    read: async () => {
      const answer = await request<Answer>('GET', base);
      useZone(answer.time_zone);
      return answer;
    },
    act: actions(base),
  };
}

/** By a session. */
export function sessionDoor(id: string, me: Me): Door {
  const base = `/api/v1/incidents/${encodeURIComponent(id)}`;
  return {
    key: base,
    events: `${base}/events`,
    read: async () => ({ me, incident: await request<IncidentView>('GET', base) }),
    act: actions(base),
  };
}
