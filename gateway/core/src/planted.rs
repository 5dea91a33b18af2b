//! Bugs that can be planted, one at a time, to prove that the simulation finds them: a simulator that
//! can't is worth nothing. Without the feature `planted` none of this is compiled in.

#[cfg(feature = "planted")]
use std::sync::atomic::{AtomicU32, Ordering};

/// The bug that is planted now, counted from 1; 0 for none.
#[cfg(feature = "planted")]
static PLANTED: AtomicU32 = AtomicU32::new(0);

/// Plants a bug in the whole process, or pulls it out again.
#[cfg(feature = "planted")]
pub fn plant(bug: Option<Bug>) {
    PLANTED.store(bug.map_or(0, |bug| bug as u32 + 1), Ordering::Relaxed);
}

/// True while this bug is planted; never without the feature.
#[cfg(feature = "planted")]
pub fn is(bug: Bug) -> bool {
    PLANTED.load(Ordering::Relaxed) == bug as u32 + 1
}

/// True while this bug is planted; never without the feature.
#[cfg(not(feature = "planted"))]
#[inline(always)]
pub const fn is(_: Bug) -> bool {
    false
}

/// The events that a planted bug keeps out of the journal.
pub(crate) fn forgets(what: &crate::event::What) -> bool {
    use crate::event::What;
    match what {
        What::Acknowledged { .. } => is(Bug::AcknowledgeUnkept),
        What::MessageRetried { .. } => is(Bug::RetryUnkept),
        _ => false,
    }
}

macro_rules! bugs {
    ($($name:ident $words:literal)+) => {
        /// A mistake that somebody could make.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "`words` says what each does")]
        pub enum Bug { $($name),+ }
        impl Bug {
            /// All of them.
            pub const ALL: &[Bug] = &[$(Bug::$name),+];
            /// What it does.
            pub const fn words(self) -> &'static str {
                match self { $(Bug::$name => $words),+ }
            }
        }
    };
}

bugs! {
    EscalatesAfterAcknowledge "the next step comes though somebody is going"
    HandOverOffByOne "at the instant of a hand-over the one before is still on duty"
    ShiftOffByOne "a shift begins one millisecond late"
    ToldBeforeKept "senders are told before their events are on the disk"
    ToldKeptFromMemory "with a disk that refuses, boards get receipts all the same"
    ForgetsSecondChannel "a vital alarm goes through one channel only"
    RecoveryEndsVital "a fire or trapped incident ends when its contact opens"
    DedupeWithoutBoot "a board's events are told apart by number alone, whatever its start"
    NoDedupe "a second copy of an event is a second event"
    FieldForgetsBoot "the field side takes every event for one of the first start"
    ReceiptForTheNext "the field side sends the receipt for the next event"
    StepTooEarly "people have a second less than the policy says"
    StepTooLate "people have five seconds more than the policy says"
    EmptyStepWaits "a step with nobody on it is waited for"
    AsksTheUnreachable "a step whose people can't be reached counts as asked"
    PromptOnce "the loud prompt does not repeat"
    PromptLate "the loud prompt comes a minute late"
    PromptOneWay "the loud prompt uses one channel of each person"
    ShelvesVital "fire and trapped can be shelved"
    ThrottlesVital "fire and trapped wait their turn"
    VitalChatters "a bouncing vital contact is set aside"
    FloodTakesVital "a flood gathers fire and trapped too"
    VitalWaits "the on-delay holds for fire and trapped"
    DeafToSilence "a board that goes quiet is not missed"
    SilenceTwiceAsLong "a quiet board is missed after twice its time"
    HeartbeatUnheard "a heartbeat is no sign of life"
    AsksTheSameAgain "after a failure the same way is tried as if it were another"
    GivenAndForgotten "a message that was handed over counts as due still"
    NotCalledOff "an answer does not call off what is still to be sent"
    ForgottenHidesCalls "a call in an incident that somebody reached long ago asks nobody"
    LapseForgotten "who said they go and never came is not asked again"
    HandOverIgnored "who hands over still counts as going"
    AcknowledgeIgnored "once all were asked, an acknowledgement is not noted"
    ClockBackIgnored "a clock that is put back puts off everything"
    DeadlineWithoutLapse "nobody looks when somebody is late"
    DeadlineWithoutPrompt "nobody looks when the loud prompt is due"
    SnapshotForgets "a snapshot loses which events are known"
    AcknowledgeUnkept "acknowledgements are not journalled"
    RetryUnkept "retries are not journalled"
    WrongPolicy "the policy that fits least is followed"
    NormalKept "alarms that are over stay in memory"
    JournalsTelemetry "every reading is journalled"
    NeverRests "a path test that was held counts as missing at once"
}
