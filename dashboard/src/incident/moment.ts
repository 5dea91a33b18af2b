// What a line of the timeline says.

import type { IncidentView, Moment, Text } from '../api/types';
import { incident as words } from '../words/incident';
import { outputs as outputWords } from '../words/outputs';
import { causeName } from './cause';

/** Says `text` in the page's language. */
type Say = (text: Text, values?: Record<string, string | number>) => string;

export function momentWords(
  moment: Moment,
  incident: IncidentView,
  names: ReadonlyMap<string, string>,
  say: Say,
): string {
  const name = moment.by_name ?? say(words.somebody);
  const nameOf = (id: string): string => names.get(id) ?? id;
  const happened = moment.happened;
  switch (happened.what) {
    case 'opened':
      return say(words.did_open);
    case 'alarm_raised':
      return say(words.did_raise, { name: alarmName(happened.alarm, incident, say) });
    case 'alarm_cleared':
      return say(words.did_clear, { name: alarmName(happened.alarm, incident, say) });
    case 'step_started':
      return happened.people.length === 0
        ? say(words.did_ask_none)
        : say(words.did_ask, { names: happened.people.map(nameOf).join(say(words.list_and)) });
    case 'rested':
      return say(words.did_rest);
    case 'acknowledged':
      return say(words.did_acknowledge, { name });
    case 'arrived':
      return say(words.did_arrive, { name });
    case 'handed_over':
      return happened.to == null // no person was named
        ? say(words.did_hand_over, { name })
        : say(words.did_hand_over_to, { name, to: nameOf(happened.to) });
    case 'lapsed':
      return say(words.did_lapse, { name: nameOf(happened.person) });
    case 'prompted':
      return say(words.did_prompt);
    case 'mustered':
      return say(words.did_muster, { count: happened.people });
    case 'switched':
      return say(happened.on ? outputWords.did_switch_on : outputWords.did_switch_off, {
        name: moment.by_name ?? say(outputWords.the_gateway),
        output: say(happened.name),
      });
    case 'reminded':
      return say(words.did_remind, { minutes: happened.minutes });
    case 'ended': {
      const cause = say(causeName(happened.cause, incident.danger));
      return moment.by_name === null
        ? say(words.did_end_alone, { cause })
        : say(words.did_end, { name, cause });
    }
  }
}

function alarmName(id: string, incident: IncidentView, say: Say): string {
  const alarm = incident.alarms.find((a) => a.id === id);
  if (alarm) return say(alarm.name);
  // Alarms that are wholly normal again are not listed any more; the first one named the incident.
  const first = incident.timeline.find((moment) => moment.happened.what === 'alarm_raised');
  const isFirst = first?.happened.what === 'alarm_raised' && first.happened.alarm === id;
  return say(isFirst ? incident.what : words.an_alarm);
}
