// What to say when a page of upkeep could not read something.

import type { RequestError } from '../api/request';
import type { Text } from '../api/types';
import { common } from '../words/common';
import { incident } from '../words/incident';
import { upkeep as words } from '../words/upkeep';

/** What to say when something could not be read: nothing was to be sent. */
export function readTrouble(error: RequestError): Text {
  switch (error.trouble) {
    case 'unreachable':
      return words.not_read;
    case 'forbidden':
      return words.not_for_you;
    case 'too_often':
      return common.too_often;
    case 'expired':
    case 'unauthorised':
      return incident.link_expired_what;
    default:
      return words.not_read_why;
  }
}
