// Who keeps the house: may change what holds for everybody.

import type { SessionView } from '../api/types';

export function keepsHouse({ roles }: SessionView): boolean {
  return roles.includes('admin') || roles.includes('maintainer');
}
