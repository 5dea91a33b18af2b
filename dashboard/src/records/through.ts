// By which way somebody did something.

import type { Text } from '../api/types';
import { channelName } from '../incident/told';
import { records as words } from '../words/records';

const WAYS: Record<string, Text> = {
  page: words.through_page,
  link: words.through_link,
  gateway: words.through_gateway,
};

/** By which way somebody did something: a page, the link of a message, or a channel. */
export function throughName(through: string): Text {
  return WAYS[through] ?? channelName(through);
}
