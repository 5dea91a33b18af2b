// The parts of the gateway's API that these pages use.

/** Words in both languages; where one is missing the other is shown. */
export interface Text {
  zh?: string;
  en?: string;
}

export type Danger = 'fire' | 'trapped' | 'gas' | 'water' | 'lift' | 'gate' | 'fault';
export type Priority = 'low' | 'normal' | 'high' | 'critical';
export type Phase = 'calling' | 'going' | 'there' | 'ended';
export type Cause = 'rescued' | 'fixed' | 'false_alarm' | 'drill' | 'other' | 'cleared';
/** What a person may give as the cause; `cleared` is the gateway's own. */
export type GivenCause = Exclude<Cause, 'cleared'>;

export interface IncidentView {
  id: number;
  danger: Danger;
  danger_name: Text;
  priority: Priority;
  phase: Phase;
  place: string;
  place_name: Text;
  what: Text;
  opened_at: string;
  /** The gateway's clock when it wrote this. */
  now: string;
  flood: boolean;
  alarms: AlarmView[];
  going: Going[];
  ended: Ended | null;
  timeline: Moment[];
  told: Told[];
  next_step_at: string | null;
  next_prompt_at: string | null;
  prompts: number;
  arrive_within: string;
  answerable: boolean;
  public_url_set: boolean;
  /** Whom one can hand over to. */
  people: PersonName[];
  /** The names of everybody whose id occurs here. */
  names: Record<string, string>;
}

export interface PersonName {
  id: string;
  name: string;
}

export interface AlarmView {
  id: string;
  name: Text;
  active: boolean;
}

export interface Going {
  person: string;
  name: string;
  since: string;
  /** Not there by then: they are asked again, and others too. */
  arrive_by: string;
  arrived_at: string | null;
}

export interface Ended {
  at: string;
  cause: Cause;
  note: string;
  by_name: string | null;
}

export type Happened =
  | { what: 'opened' }
  | { what: 'alarm_raised'; alarm: string }
  | { what: 'alarm_cleared'; alarm: string }
  | { what: 'step_started'; step: number; round: number; people: string[] }
  | { what: 'acknowledged' }
  | { what: 'arrived' }
  | { what: 'handed_over'; to: string | null }
  | { what: 'lapsed'; person: string }
  | { what: 'prompted'; count: number }
  | { what: 'reminded'; minutes: number }
  | { what: 'ended'; cause: Cause };

export interface Moment {
  at: string;
  happened: Happened;
  by_name: string | null;
  through: string;
}

export type ToldStatus = 'due' | 'accepted' | 'delivered' | 'answered' | 'failed' | 'cancelled';

export interface Told {
  message: number;
  person: string;
  name: string;
  channel: string;
  /** The person can answer through it; otherwise it is one-way. */
  answerable: boolean;
  purpose: string;
  status: ToldStatus;
  at: string;
  /** Why it failed. */
  reason: string | null;
}

export interface Me {
  id: string;
  name: string;
  language: 'zh' | 'en';
}

export interface Answer {
  me: Me;
  expires_at: string;
  incident: IncidentView;
}

export type NoData =
  | 'not_yet'
  | 'silent'
  | 'offline'
  | 'timeout'
  | 'refused'
  | 'garbled'
  | 'faulty';

export interface DeviceView {
  id: string;
  name: Text;
  place: string;
  place_name: Text;
  presence: { state: 'present' } | { state: 'lost'; since: string; reason: NoData };
  heard_at: string | null;
  /** Longest silence that is believed to be health; none for a device nobody supervises. */
  supervision: string | null;
  out_of_service: { since: string; until: string; reason: string; by_name: string | null } | null;
  alarms: string[];
}

export interface PointView {
  id: string;
  name: Text;
  unit: string;
  /** Exactly one of `value` and `no_data` is set. */
  value: boolean | number | string | null;
  no_data: NoData | null;
  received_at: string | null;
}

export interface DeviceDetail extends DeviceView {
  points: PointView[];
}

export type Role = 'admin' | 'maintainer' | 'installer' | 'volunteer';

export interface SessionView {
  person: string;
  name: string;
  roles: Role[];
  language: 'zh' | 'en';
}

/** One way of reaching me. */
export interface Method {
  channel: string;
  /** For push: the subscription as JSON. */
  address: string;
}

export interface InvitationView {
  me: Me;
  until: string;
  /** Characters that the password must have. */
  min_length: number;
}

/** The part of a roster that these pages show. */
export interface RosterView {
  id: string;
  name: string;
}

export interface OnCallView {
  at: string;
  people: PersonName[];
  why: string[];
  until: string | null;
}

export interface ChannelView {
  id: string;
  kind: string;
  answerable: boolean;
  note: Text | null;
  /** No alarm stands about it. */
  ok: boolean;
  tested_at: string | null;
  /** When a carrier last accepted anything on it. */
  proven_at: string | null;
  test_due_by: string | null;
  /** How many people it reaches. */
  people: number;
}

export interface HealthView {
  version: string;
  name: Text;
  now: string;
  started_at: string;
  parts: { name: string; fault: Text | null }[];
  messages_due: number;
}
