import { describe, expect, it } from 'vitest';
import type { Happened, IncidentView, Me, Moment, Told } from '../src/api/types';
import { causesFor } from '../src/incident/cause';
import { momentWords } from '../src/incident/moment';
import { namesIn } from '../src/incident/names';
import { offersFor } from '../src/incident/offers';
import { nextPerson, standingOf } from '../src/incident/standing';
import { byPerson, channelName } from '../src/incident/told';
import { partName } from '../src/home/parts';
import { throughName } from '../src/records/through';
import { fill, inLanguage } from '../src/language.svelte';

const WANG: Me = { id: 'wang', name: '王秀英', language: 'zh' };

function trapped(over: Partial<IncidentView> = {}): IncidentView {
  return {
    id: 7,
    danger: 'trapped',
    danger_name: { zh: '电梯困人', en: 'Person trapped in the lift' },
    priority: 'critical',
    phase: 'calling',
    place: 'lift-1',
    place_name: { zh: '3 号楼 › 1 号电梯', en: 'Building 3 › Lift 1' },
    what: { zh: '报警按钮', en: 'Alarm button' },
    opened_at: '2026-11-23T03:00:00Z',
    now: '2026-11-23T03:04:00Z',
    flood: false,
    test: false,
    alarms: [],
    going: [],
    ended: null,
    muster: null,
    timeline: [],
    told: [],
    next_step_at: null,
    next_prompt_at: null,
    prompts: 0,
    arrive_within: '15m',
    answerable: true,
    can_switch: false,
    card: [],
    things: [],
    flats: [],
    public_url_set: true,
    people: [{ id: 'li', name: '李建国' }],
    names: { chen: '陈师傅' },
    ...over,
  };
}

const going = (person: string, name: string, arrived_at: string | null = null) => ({
  person,
  name,
  since: '2026-11-23T03:02:00Z',
  arrive_by: '2026-11-23T03:17:00Z',
  arrived_at,
});

describe('when the next person is asked', () => {
  const now = Date.parse('2026-11-23T03:04:00Z');
  const words = (over: Partial<IncidentView>) => {
    const next = nextPerson(trapped(over), 'en', now);
    return next && fill(inLanguage(next.text, 'en'), next.values);
  };

  it('is counted in seconds, and has a time of day where everybody sleeps', () => {
    expect(words({ next_step_at: '2026-11-23T03:04:45Z' })).toMatch(/ in 45 s$/);
    expect(words({ next_step_at: '2026-11-23T10:00:00Z' })).toMatch(/ at (.* )?\d\d:00$/);
    expect(words({ next_step_at: '2026-11-23T03:04:00Z' })).toBe('Asking the next person now');
  });

  it('is said only while somebody is looked for', () => {
    expect(words({})).toBeNull();
    expect(words({ phase: 'going', next_step_at: '2026-11-23T03:04:45Z' })).toBeNull();
  });
});

describe('the buttons', () => {
  it('follow a volunteer from the call to the end', () => {
    expect(offersFor(trapped(), 'wang')).toEqual({ main: 'going', others: ['cannot', 'end'] });
    const onTheWay = trapped({ phase: 'going', going: [going('wang', '王秀英')] });
    expect(offersFor(onTheWay, 'wang')).toEqual({ main: 'there', others: ['hand_over', 'end'] });
    const there = trapped({
      phase: 'there',
      going: [going('wang', '王秀英', '2026-11-23T03:12:00Z')],
    });
    expect(offersFor(there, 'wang')).toEqual({ main: 'end', others: ['hand_over'] });
    expect(offersFor(trapped({ phase: 'ended' }), 'wang')).toEqual({ main: null, others: [] });
  });

  it('let a second person come along', () => {
    const onTheWay = trapped({ phase: 'going', going: [going('li', '李建国')] });
    expect(offersFor(onTheWay, 'wang').main).toBe('also_going');
  });
});

describe('where it stands', () => {
  it('speaks of the reader as "you", and of others by name', () => {
    const both = trapped({
      phase: 'there',
      going: [going('li', '李建国', '2026-11-23T03:12:00Z'), going('wang', '王秀英')],
    });
    const toWang = standingOf(both, 'wang');
    expect([inLanguage(toWang.text, 'zh'), toWang.names]).toEqual(['{names} 已到现场', ['李建国']]);
    expect(inLanguage(standingOf(both, 'li').text, 'zh')).toBe('您已到现场');
  });
});

describe('who was told', () => {
  const told = (
    message: number,
    person: string,
    channel: string,
    status: Told['status'],
  ): Told => ({
    message,
    person,
    name: person,
    channel,
    answerable: true,
    purpose: 'alert',
    status,
    at: '2026-11-23T03:00:00Z',
    reason: null,
    cost: null,
  });

  it('shows each person once, with the newest result of each channel', () => {
    const people = byPerson([
      told(1, 'wang', 'push', 'failed'),
      told(2, 'wang', 'mail', 'accepted'),
      told(3, 'li', 'push', 'due'),
      told(4, 'wang', 'push', 'delivered'),
    ]);
    expect(people.map((one) => one.person)).toEqual(['wang', 'li']);
    expect(people[0]?.ways.map((way) => [way.channel, way.status])).toEqual([
      ['push', 'delivered'],
      ['mail', 'accepted'],
    ]);
  });

  it('does not let a dropped message hide one that arrived', () => {
    const [wang] = byPerson([
      told(1, 'wang', 'push', 'delivered'),
      told(2, 'wang', 'push', 'cancelled'),
    ]);
    expect(wang?.ways.map((way) => way.status)).toEqual(['delivered']);
  });
});

describe('the timeline', () => {
  const line = (happened: Happened, by_name: string | null, incident = trapped()): string => {
    const moment: Moment = { at: incident.now, happened, by_name, through: 'link' };
    return momentWords(moment, incident, namesIn(incident, WANG), (text, values) =>
      fill(inLanguage(text, 'zh'), values ?? {}),
    );
  };

  it('says who did what, by name', () => {
    expect(line({ what: 'acknowledged' }, '王秀英')).toBe('王秀英 说「我去」');
    expect(line({ what: 'handed_over', to: 'li' }, '王秀英')).toBe('王秀英 转交给 李建国');
    expect(line({ what: 'step_started', step: 0, round: 0, people: ['wang', 'chen'] }, null)).toBe(
      '叫了 王秀英、陈师傅',
    );
    expect(line({ what: 'lapsed', person: 'chen' }, null)).toBe('没有陈师傅的回音');
    expect(line({ what: 'ended', cause: 'rescued' }, '王秀英')).toBe(
      '王秀英 结束：人已救出，都平安',
    );
  });

  it('never shows the name for programs of an alarm that has gone', () => {
    const raised: Happened = { what: 'alarm_raised', alarm: 'rule:lift-1/trapped' };
    const gone = trapped({
      timeline: [
        { at: '2026-11-23T03:00:00Z', happened: raised, by_name: null, through: 'gateway' },
      ],
    });
    expect(line(raised, null, gone)).toBe('报警：报警按钮');
    expect(line({ what: 'alarm_cleared', alarm: 'rule:other' }, null, gone)).toBe(
      '报警消失：其中一个',
    );
  });

  it('offers "rescued" first for a person, and not at all for a lift that stands', () => {
    expect(causesFor('trapped')[0]).toBe('rescued');
    expect(causesFor('lift')).not.toContain('rescued');
  });
});

describe('ways of telling people', () => {
  const english = (text: { en?: string }): string | undefined => text.en;

  it('are called what people call them, several of a kind and those of an own name too', () => {
    expect(english(channelName('sms'))).toBe('Text message');
    expect(english(channelName('sms-2'))).toBe('Text message (2)');
    expect(english(channelName('hook'))).toBe('Receiving system');
    expect(english(channelName('guards', 'phone'))).toBe('Phone call (guards)');
    expect(english(channelName('guards'))).toBe('guards');
  });

  it('and of answering', () => {
    expect(english(throughName('page'))).toBe('on a page');
    expect(english(throughName('sms'))).toBe('Text message');
  });
});

describe('the parts of the gateway', () => {
  it('are named in both languages, further brokers by their own names', () => {
    expect(partName('journal').zh).toBe('记录');
    expect(partName('broker:zigbee').en).toBe('Reception of devices (MQTT) “zigbee”');
  });
});
