// What somebody did, in words.

import type { Act, Text } from '../api/types';
import { audit as words } from '../words/audit';

export const ACTS: Record<Act, Text> = {
  configured: words.configured,
  clock_put_back: words.clock_put_back,
  device_put: words.device_put,
  device_removed: words.device_removed,
  out_of_service: words.out_of_service,
  back_in_service: words.back_in_service,
  alarm_acknowledged: words.alarm_acknowledged,
  alarm_shelved: words.alarm_shelved,
  alarm_unshelved: words.alarm_unshelved,
  acknowledged: words.acknowledged,
  arrived: words.arrived,
  handed_over: words.handed_over,
  ended: words.ended,
  muster_called: words.muster_called,
  muster_ended: words.muster_ended,
  switched_on: words.switched_on,
  switched_off: words.switched_off,
  walk_test_begun: words.walk_test_begun,
  walk_test_ended: words.walk_test_ended,
  person_put: words.person_put,
  person_removed: words.person_removed,
  login_set: words.login_set,
  signed_in: words.signed_in,
  roster_put: words.roster_put,
  roster_removed: words.roster_removed,
  swap_asked: words.swap_asked,
  policy_put: words.policy_put,
  policy_removed: words.policy_removed,
  card_put: words.card_put,
  card_removed: words.card_removed,
  note_put: words.note_put,
};
