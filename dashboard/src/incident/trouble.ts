// What to say when something that was asked for did not work.

import type { RequestError } from '../api/request';
import type { Text } from '../api/types';
import { common } from '../words/common';
import { incident as words } from '../words/incident';

export function troubleWords(error: RequestError): Text {
  switch (error.trouble) {
    case 'unreachable':
      return common.not_sent;
    case 'conflict':
      return words.changed;
    case 'too_often':
      return common.too_often;
    case 'unauthorised':
      return error.code === 'not_signed_in' ? common.signed_out : words.link_expired_what;
    case 'expired':
      return words.link_expired_what;
    case 'forbidden':
      return common.forbidden;
    default:
      return common.not_done;
  }
}
