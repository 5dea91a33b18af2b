// What a line of a record says.

import type { RecordLine, RecordView, Text, ToldPurpose } from '../api/types';
import { causeName } from '../incident/cause';
import { statusName, channelName } from '../incident/told';
import { pointWords } from '../home/device-state';
import { incident as incidentWords } from '../words/incident';
import { outputs as outputWords } from '../words/outputs';
import { records as words } from '../words/records';

type Say = (text: Text, values?: Record<string, string | number>) => string;

export const KINDS: Record<RecordLine['kind'], Text> = {
  signal: words.kind_signal,
  alarm: words.kind_alarm,
  message: words.kind_message,
  moment: words.kind_answer,
};

const CHANGES = {
  raised: words.alarm_raised,
  cleared: words.alarm_cleared,
  acknowledged: words.alarm_acknowledged,
  shelved: words.alarm_shelved,
} as const;

export const PURPOSES: Record<ToldPurpose, Text> = {
  alert: words.purpose_alert,
  handed_over: words.purpose_handed_over,
  ask_again: words.purpose_ask_again,
  taken: words.purpose_taken,
  nobody_answered: words.purpose_nobody,
  not_over: words.purpose_not_over,
  over: words.purpose_over,
  path_test: words.purpose_test,
  muster: words.purpose_muster,
  needs_help: words.purpose_needs_help,
  muster_over: words.purpose_muster_over,
};

export function lineWords(line: RecordLine, record: RecordView, say: Say): string {
  switch (line.kind) {
    case 'signal':
      return `${say(line.name)}: ${pointWords({ ...line, unit: '' }, say)}`;
    case 'alarm':
      return say(CHANGES[line.change], { name: say(line.name) });
    case 'message': {
      const status = say(statusName(line.status));
      return say(words.message, {
        name: line.name,
        channel: say(channelName(line.channel)),
        purpose: say(PURPOSES[line.purpose]),
        status: line.reason ? `${status} (${line.reason})` : status,
      });
    }
    case 'moment':
      return momentWords(line, record, say);
  }
}

function momentWords(
  line: Extract<RecordLine, { kind: 'moment' }>,
  record: RecordView,
  say: Say,
): string {
  const name = line.by_name ?? say(incidentWords.somebody);
  const nameOf = (id: string): string => record.names[id] ?? id;
  const happened = line.happened;
  switch (happened.what) {
    case 'opened':
      return say(incidentWords.did_open);
    case 'step_started':
      return happened.people.length === 0
        ? say(incidentWords.did_ask_none)
        : say(words.step, {
            step: happened.step + 1,
            names: happened.people.map(nameOf).join(say(incidentWords.list_and)),
          });
    case 'rested':
      return say(incidentWords.did_rest);
    case 'acknowledged':
      return say(incidentWords.did_acknowledge, { name });
    case 'arrived':
      return say(incidentWords.did_arrive, { name });
    case 'handed_over':
      return happened.to == null
        ? say(incidentWords.did_hand_over, { name })
        : say(incidentWords.did_hand_over_to, { name, to: nameOf(happened.to) });
    case 'lapsed':
      return say(incidentWords.did_lapse, { name: nameOf(happened.person) });
    case 'prompted':
      return say(incidentWords.did_prompt);
    case 'reminded':
      return say(incidentWords.did_remind, { minutes: happened.minutes });
    case 'mustered':
      return say(incidentWords.did_muster, { count: happened.people });
    case 'switched':
      return say(happened.on ? outputWords.did_switch_on : outputWords.did_switch_off, {
        name: line.by_name ?? say(outputWords.the_gateway),
        output: say(happened.name),
      });
    case 'ended': {
      const cause = say(causeName(happened.cause, record.incident.danger));
      return line.by_name === null
        ? say(incidentWords.did_end_alone, { cause })
        : say(incidentWords.did_end, { name, cause });
    }
    case 'alarm_raised':
    case 'alarm_cleared':
      return happened.alarm;
  }
}
