// What people may do.

import type { Role, Text } from '../api/types';
import { people as words } from '../words/people';

export const ROLES: Record<Role, Text> = {
  admin: words.admin,
  maintainer: words.maintainer,
  installer: words.installer,
  volunteer: words.volunteer,
  resident: words.resident,
};

export const ALL_ROLES = Object.keys(ROLES) as Role[];
