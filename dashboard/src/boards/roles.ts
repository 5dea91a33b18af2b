// What can be at an input, as docs/installer.md has it.

import type { Text } from '../api/types';
import { boards as words } from '../words/boards';

export const ROLES: readonly (readonly [string, Text])[] = [
  ['call', words.role_call],
  ['fire', words.role_fire],
  ['gas', words.role_gas],
  ['water', words.role_water],
  ['gate', words.role_gate],
  ['lift_fault', words.role_lift_fault],
  ['mains', words.role_mains],
  ['tamper', words.role_tamper],
  ['contact', words.role_contact],
];

export function roleWords(role: string): Text {
  return ROLES.find(([id]) => id === role)?.[1] ?? { zh: role, en: role };
}
