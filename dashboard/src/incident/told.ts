// Who was told, through what, and what became of it: one entry a person, one line a channel.

import type { Text, Told, ToldStatus } from '../api/types';
import { incident as words } from '../words/incident';

export interface ToldPerson {
  person: string;
  name: string;
  ways: Told[];
}

/** Keeps the newest message of each channel: rounds repeat, and the last try is what counts. */
export function byPerson(told: readonly Told[]): ToldPerson[] {
  const people = new Map<string, ToldPerson>();
  for (const message of told) {
    let entry = people.get(message.person);
    if (!entry) {
      entry = { person: message.person, name: message.name, ways: [] };
      people.set(message.person, entry);
    }
    const known = entry.ways.findIndex((other) => other.channel === message.channel);
    if (known < 0) entry.ways.push(message);
    else if (!saysLess(message.status, entry.ways[known]?.status)) entry.ways[known] = message;
  }
  return [...people.values()];
}

/** A message that was dropped as not needed says less than an earlier one that went out. */
function saysLess(status: ToldStatus, known: ToldStatus | undefined): boolean {
  return status === 'cancelled' && known !== 'due';
}

const CHANNELS: Record<string, Text> = {
  push: words.channel_push,
  ntfy: words.channel_ntfy,
  mail: words.channel_mail,
  email: words.channel_mail,
  webhook: words.channel_webhook,
  hook: words.channel_webhook,
  sms: words.channel_sms,
  phone: words.channel_phone,
  telegram: words.channel_telegram,
  wecom: words.channel_wecom,
  dingtalk: words.channel_dingtalk,
  feishu: words.channel_feishu,
};

/**
 * A channel's name for people: `sms-2` is the second for text messages. The operator's own where it is
 * none of the usual ones, and not of a kind that is known.
 */
export function channelName(id: string, kind = ''): Text {
  const exact = CHANNELS[id];
  if (exact) return exact;
  const [, usual = '', more = ''] = /^([a-z]+)[-_. ]?(.*)$/.exec(id) ?? [];
  const known = CHANNELS[usual];
  const [name, rest] = known ? [known, more] : [CHANNELS[kind], id];
  return name ? { zh: `${name.zh}（${rest}）`, en: `${name.en} (${rest})` } : { zh: id, en: id };
}

const STATUSES: Record<ToldStatus, Text> = {
  due: words.status_due,
  accepted: words.status_accepted,
  delivered: words.status_delivered,
  answered: words.status_answered,
  failed: words.status_failed,
  cancelled: words.status_cancelled,
};

export function statusName(status: ToldStatus): Text {
  return STATUSES[status];
}
