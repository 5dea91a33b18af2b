// The maintainer's pages: what there is, who may see it, and which of them a path means.

import type { Role, Text } from '../api/types';
import { upkeep as words } from '../words/upkeep';

export interface Section {
  id: SectionId;
  path: string;
  name: Text;
  /** Who may see it; admins may see all. The gateway checks it again. */
  roles: readonly Role[];
  /** A sign of 20 by 20, drawn with a line. */
  sign: string;
  /** It is reached from another page alone. */
  apart?: true;
}

export type SectionId =
  | 'overview'
  | 'devices'
  | 'walk-test'
  | 'commissioning'
  | 'incidents'
  | 'boards'
  | 'labels'
  | 'modbus'
  | 'figures'
  | 'rosters'
  | 'policies'
  | 'advice'
  | 'people'
  | 'channels'
  | 'audit';

const TECHNICAL: readonly Role[] = ['maintainer', 'installer'];
const INSTALLING: readonly Role[] = ['installer'];
const UPKEEP: readonly Role[] = ['maintainer'];
const EVERYBODY: readonly Role[] = ['maintainer', 'installer', 'volunteer'];

export const SECTIONS: readonly Section[] = [
  {
    id: 'overview',
    path: '/upkeep',
    name: words.overview,
    roles: TECHNICAL,
    sign: 'M3 17V7l5-4v14M8 17h9V8H8M11 11h3M11 14h3',
  },
  {
    id: 'devices',
    path: '/upkeep/devices',
    name: words.devices,
    roles: TECHNICAL,
    sign: 'M4 4h12v12H4zM7 8h6M7 12h3',
  },
  {
    id: 'incidents',
    path: '/upkeep/incidents',
    name: words.incidents,
    roles: EVERYBODY,
    sign: 'M10 3l8 14H2zM10 8v4M10 14.500v.2',
  },
  {
    id: 'walk-test',
    path: '/upkeep/walk-test',
    name: words.walk_test,
    roles: TECHNICAL,
    sign: 'M4 5h2M4 10h2M4 15h2M9 5h7M9 10h7M9 15h7',
  },
  {
    id: 'commissioning',
    path: '/upkeep/commissioning',
    name: words.commissioning,
    roles: TECHNICAL,
    sign: 'M5 2h10v16H5z',
    apart: true,
  },
  {
    id: 'boards',
    path: '/upkeep/boards',
    name: words.boards,
    roles: INSTALLING,
    sign: 'M5 3h10v14H5zM8 7h4v4H8zM2 6h3M2 10h3M2 14h3M15 6h3M15 10h3M15 14h3',
  },
  {
    id: 'labels',
    path: '/upkeep/labels',
    name: words.labels,
    roles: TECHNICAL,
    sign: 'M3 3h5v5H3zM12 3h5v5h-5zM3 12h5v5H3zM12 12h2v2h-2zM15.500 15.500h1.500v1.500h-1.500z',
  },
  {
    id: 'modbus',
    path: '/upkeep/modbus',
    name: words.modbus,
    roles: INSTALLING,
    sign: 'M2 10h16M5 10V5M10 10v5M15 10V5M3 2h4v3H3zM8 15h4v3H8zM13 2h4v3h-4z',
  },
  {
    id: 'figures',
    path: '/upkeep/figures',
    name: words.figures,
    roles: UPKEEP,
    sign: 'M3 17h14M5 17V10h2.500v7M9 17V4h2.500v13M13 17v-5h2.500v5',
  },
  {
    id: 'rosters',
    path: '/upkeep/rosters',
    name: words.rosters,
    roles: EVERYBODY,
    sign: 'M3 5h14v12H3zM3 9h14M7 3v4M13 3v4',
  },
  {
    id: 'policies',
    path: '/upkeep/policies',
    name: words.policies,
    roles: UPKEEP,
    sign: 'M6 2v16M14 2v16M6 6h8M6 10h8M6 14h8',
  },
  {
    id: 'advice',
    path: '/upkeep/advice',
    name: words.advice,
    roles: UPKEEP,
    sign: 'M7 10.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM9.500 9.500l7 7M13 13l2-2M15.500 15.500l2-2',
  },
  {
    id: 'people',
    path: '/upkeep/people',
    name: words.people,
    roles: UPKEEP,
    sign: 'M10 10a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3.500 18c0-4 3-6 6.500-6s6.500 2 6.500 6',
  },
  {
    id: 'channels',
    path: '/upkeep/channels',
    name: words.channels,
    roles: UPKEEP,
    sign: 'M10 11v7M7 18h6M6.500 12.500a5 5 0 0 1 0-7M13.500 12.500a5 5 0 0 0 0-7M4 15a8.500 8.500 0 0 1 0-12M16 15a8.500 8.500 0 0 0 0-12',
  },
  {
    id: 'audit',
    path: '/upkeep/audit',
    name: words.audit,
    roles: UPKEEP,
    sign: 'M5 2h10v16H5zM8 6h4M8 9.500h4M8 13h2.500',
  },
];

export function mayBy(roles: readonly Role[], section: Section): boolean {
  return roles.includes('admin') || section.roles.some((role) => roles.includes(role));
}

export function sectionsFor(roles: readonly Role[]): Section[] {
  return SECTIONS.filter((section) => !section.apart && mayBy(roles, section));
}

export interface Where {
  section: SectionId;
  /** What of it, where the path names something. */
  id: string | null;
}

/** Which page a path means, if it is one of these. */
export function whereOf(path: string): Where | null {
  const [top, first, second, ...more] = path.replace(/\/+$/, '').split('/').slice(1).map(decoded);
  if (top !== 'upkeep' || more.length > 0) return null;
  const wanted = first === undefined ? '/upkeep' : `/upkeep/${first}`;
  const section = SECTIONS.find((one) => one.path === wanted);
  return section ? { section: section.id, id: second ?? null } : null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
