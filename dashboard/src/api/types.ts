// The parts of the gateway's API that these pages use. The shapes come from its OpenAPI document by
// way of schema.d.ts, which `npm run api` writes anew and `npm run check` compares.

import type { components } from './schema';

type Schemas = components['schemas'];

/** Words in both languages; where one is missing the other is shown. */
export type Text = Schemas['Text'];

export type IncidentView = Schemas['IncidentView'];
/** One of a list. */
export type IncidentLine = Schemas['IncidentLine'];
export type Danger = Schemas['Danger'];
export type Phase = Schemas['Phase'];
export type Cause = Schemas['Cause'];
/** What a person may give as the cause; `cleared` is the gateway's own. */
export type GivenCause = Schemas['EndCause'];
export type Happened = Schemas['Happened'];
export type Moment = Schemas['MomentView'];
export type Told = Schemas['ToldView'];
export type ToldStatus = Schemas['ToldStatus'];
export type Me = Schemas['Me'];
export type Answer = Schemas['AnswerView'];

/** The pictures of cameras beside an incident. */
export type Pictures = Schemas['Pictures'];
export type Picture = Schemas['Picture'];

export type SessionView = Schemas['SessionView'];
export type InvitationView = Schemas['InvitationView'];
export type Method = Schemas['Method'];
export type RosterView = Schemas['Roster'];
export type SwapView = Schemas['SwapView'];
export type Turn = Schemas['Turn'];
export type OnCallView = Schemas['OnCallView'];
export type ChannelView = Schemas['ChannelView'];
export type HealthView = Schemas['HealthView'];
export type DeviceView = Schemas['DeviceView'];
/** Devices that announce themselves. */
export type FoundView = Schemas['Found'];
export type FoundDevice = Schemas['FoundDevice'];
export type DeviceDetail = Schemas['DeviceDetail'];
export type PointView = Schemas['PointView'];
/** A device, its inputs, and what its last walk test saw of them. */
export type WalkTestView = Schemas['WalkTestView'];
export type WalkTestRow = Schemas['WalkTestRow'];
export type TestedInput = Schemas['TestedInput'];
export type WayView = Schemas['WayView'];
export type PlaceView = Schemas['PlaceView'];
/** A muster as those see it who call and help. */
export type MusterView = Schemas['MusterView'];
/** The same in the list, without its roll. */
export type MusterRow = Schemas['MusterRow'];
/** One person on its roll. */
export type CalledView = Schemas['Called'];
/** A muster as whoever was called sees it. */
export type CallView = Schemas['CallView'];
export type MusterAnswer = Schemas['Answer'];
export type BuildingOutputs = Schemas['BuildingOutputs'];
export type OutputView = Schemas['OutputView'];
export type OrderView = Schemas['OrderView'];
export type NoData = Schemas['NoData'];

export type Role = Schemas['Role'];
export type Priority = Schemas['Priority'];
/** The whole site as it stands, or what changed of it. */
export type LiveView = Schemas['LiveView'];
export type LiveDevice = Schemas['LiveDevice'];
export type LivePoint = Schemas['LivePoint'];
export type LiveIncident = Schemas['LiveIncident'];
export type AlarmView = Schemas['AlarmView'];
export type AlarmState = Schemas['AlarmState'];
export type Rule = Schemas['Rule'];
export type Condition = Schemas['Condition'];
/** A point over time, in steps of equal length. */
export type ChartView = Schemas['ChartView'];

/** Boards, and what makes a new one ready. */
export type BoardView = Schemas['BoardView'];
export type BoardKinds = Schemas['BoardKinds'];
export type NewDevice = Schemas['NewDevice'];
export type AddedDevice = Schemas['AddedDevice'];

/** Modbus buses, looked at by hand. */
export type BusesView = Schemas['BusesView'];
export type BusView = Schemas['BusView'];
export type FoundUnit = Schemas['FoundUnit'];
export type UnitProfile = Schemas['UnitProfile'];
export type UnitRead = Schemas['UnitRead'];
export type RegisterRow = Schemas['RegisterRow'];

/** Incidents looked back on. */
export type IncidentRow = Schemas['IncidentRow'];
export type IncidentPage = Schemas['IncidentPage'];
export type RecordView = Schemas['RecordView'];
export type RecordLine = Schemas['RecordLine'];
export type ToldPurpose = Schemas['ToldPurpose'];

/** Rosters as they are written, and as shifts. */
export type Roster = Schemas['Roster'];
export type Layer = Schemas['Layer'];
export type Exception = Schemas['Exception'];
export type Weekday = Schemas['Weekday'];
export type ShiftSpan = Schemas['ShiftSpan'];
export type CalendarLink = Schemas['CalendarLink'];
export type PersonRef = Schemas['PersonRef'];
export type PersonRow = Schemas['PersonRow'];
export type Person = Schemas['Person'];
export type PersonWish = Schemas['PersonWish'];
export type Invitation = Schemas['Invitation'];

/** Policies, and what they would do. */
export type Policy = Schemas['Policy'];
export type Target = Schemas['Target'];
export type RehearsalView = Schemas['RehearsalView'];
export type RehearsedLine = Schemas['RehearsedLine'];

/** Advice for whoever goes. */
export type CardView = Schemas['CardView'];
export type PlaceNote = Schemas['PlaceNote'];

export type AuditPage = Schemas['AuditPage'];
export type AuditLine = Schemas['AuditLine'];
export type Act = Schemas['Act'];

/** A month of alarms, counted. */
export type FiguresView = Schemas['FiguresView'];
export type Spread = Schemas['Spread'];
