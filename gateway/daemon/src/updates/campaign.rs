//! An update of many boards, as a state machine: one board first, then a tenth of them, then all; and
//! none any more as soon as one fails. It has no clock and says nothing itself.

use std::{collections::BTreeMap, ops::Range, time::Duration};

use gengfu_core::id::DeviceId;
use gengfu_field::adapter::roll::UpdateWords;
use gengfu_wire::up::UpdateState;
use tokio::time::Instant;

/// So many boards fetch at a time.
const AT_ONCE: usize = 4;
/// A board that asks for nothing this long has failed. One that is kept from it is not counted.
const FETCH_LIMIT: Duration = Duration::from_secs(10 * 60);
/// A board that has all of it and is not back and well after this long has failed. It has 10 minutes to
/// prove itself before it puts back what ran before, and the swap takes some seconds.
const PROOF_LIMIT: Duration = Duration::from_secs(15 * 60);
/// An offer that nobody answers is made again after this long.
const OFFER_AGAIN: Duration = Duration::from_secs(60);

/// Where a board is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Not its turn yet.
    Waiting,
    /// It fetches, and has so many bytes.
    Fetching(u32),
    /// It has all of it, and starts anew.
    Starting,
    /// It runs the new firmware, and proves itself.
    Trial,
    /// It runs it, and stays with it.
    Done,
    /// It does not: why.
    Failed(String),
}

/// A board of the campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Where it is.
    pub step: Step,
    /// Nothing is said to it while it raises an alarm or is in an open incident.
    pub held: bool,
    /// Since its last sign of going on.
    since: Instant,
    offered: Instant,
}

/// How a board stands, as the rest of the gateway sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// It is heard.
    pub is_heard: bool,
    /// It raises an alarm, or is in an open incident.
    pub is_in_alarm: bool,
}

/// An update of many boards.
#[derive(Debug, Clone)]
pub struct Campaign {
    version: String,
    size: u32,
    /// The boards by name.
    pub boards: BTreeMap<DeviceId, Target>,
    /// Why no more boards are updated.
    pub stopped: Option<String>,
}

impl Campaign {
    /// Nothing is offered yet.
    pub fn new(
        version: &str,
        size: u32,
        boards: impl IntoIterator<Item = DeviceId>,
        now: Instant,
    ) -> Self {
        let target = || Target { step: Step::Waiting, held: false, since: now, offered: now };
        let boards = boards.into_iter().map(|board| (board, target())).collect();
        Self { version: version.to_owned(), size, boards, stopped: None }
    }

    /// It neither came to its end nor was stopped.
    pub fn is_going(&self) -> bool {
        self.stopped.is_none() && !self.is_done()
    }

    /// Every board runs it.
    pub fn is_done(&self) -> bool {
        self.boards.values().all(|target| target.step == Step::Done)
    }

    /// The boards that start anew with it or prove themselves, though it may have been stopped meanwhile: each
    /// holds the only program to go back to where another one would be put.
    pub fn proving(&self, now: Instant) -> impl Iterator<Item = &DeviceId> {
        let proves = move |target: &Target| {
            matches!(target.step, Step::Starting | Step::Trial)
                && now.saturating_duration_since(target.since) < PROOF_LIMIT
        };
        self.boards.iter().filter(move |(_, target)| proves(target)).map(|(board, _)| board)
    }

    /// No more boards are updated. What a board has begun it ends or puts back by itself.
    pub fn stop(&mut self, why: &str) {
        if self.is_going() {
            self.stopped = Some(why.to_owned());
        }
    }

    /// Looks at the time and at the boards; those that are to be offered the firmware now.
    pub fn turn(&mut self, now: Instant, seen: impl Fn(&DeviceId) -> Seen) -> Vec<DeviceId> {
        let mut failed = vec![];
        let mut offers = vec![];
        for (id, target) in self.boards.iter_mut().filter(|_| self.stopped.is_none()) {
            let Seen { is_heard, is_in_alarm } = seen(id);
            let is_early = matches!(target.step, Step::Waiting | Step::Fetching(_));
            target.held = is_early && is_in_alarm;
            let lasts = now.saturating_duration_since(target.since);
            let unanswered = now.saturating_duration_since(target.offered);
            match target.step {
                Step::Fetching(_) if target.held => target.since = now,
                Step::Fetching(_) if lasts >= FETCH_LIMIT => {
                    failed.push((id.clone(), "it has asked for nothing for 10 minutes"));
                }
                Step::Fetching(_) if is_heard && lasts.min(unanswered) >= OFFER_AGAIN => {
                    target.offered = now;
                    offers.push(id.clone());
                }
                Step::Starting | Step::Trial if lasts >= PROOF_LIMIT => {
                    failed.push((id.clone(), "it was not back and well after 15 minutes"));
                }
                _ => {}
            }
        }
        for (id, why) in failed {
            self.fail(&id, why);
        }
        if !self.is_going() {
            return vec![];
        }
        let count = |is: fn(&Step) -> bool| self.boards.values().filter(|t| is(&t.step)).count();
        let done = count(|step| *step == Step::Done);
        let active = count(|step| matches!(step, Step::Fetching(_) | Step::Starting | Step::Trial));
        let free = (self.allowed(done).saturating_sub(done)).min(AT_ONCE).saturating_sub(active);
        let waiting = self.boards.iter_mut().filter(|(id, target)| {
            target.step == Step::Waiting && !target.held && seen(id).is_heard
        });
        for (id, target) in waiting.take(free) {
            *target = Target { step: Step::Fetching(0), held: false, since: now, offered: now };
            offers.push(id.clone());
        }
        offers
    }

    /// So many boards may have it, or be about to, when so many are done.
    fn allowed(&self, done: usize) -> usize {
        let all = self.boards.len();
        let tenth = all.div_ceil(10);
        match done {
            0 => 1,
            done if done < tenth => tenth,
            _ => all,
        }
    }

    /// A board has come. True where it is to be offered the firmware again: it goes on where it was.
    pub fn born(&mut self, now: Instant, board: &DeviceId, firmware: &str) -> bool {
        let runs_it = firmware == self.version;
        let is_going = self.is_going();
        let Some(target) = self.boards.get_mut(board) else { return false };
        match target.step {
            Step::Fetching(_) | Step::Starting if runs_it => {
                target.step = Step::Trial;
                target.since = now;
                false
            }
            Step::Fetching(_) => {
                target.offered = now;
                is_going && !target.held
            }
            Step::Starting | Step::Trial if !runs_it => {
                self.fail(board, "it has put back what ran before");
                false
            }
            _ => false,
        }
    }

    /// A board says how its update goes on; the bytes that it is to be told, where it asks for some.
    pub fn said(
        &mut self,
        now: Instant,
        board: &DeviceId,
        words: &UpdateWords,
        is_in_alarm: bool,
    ) -> Option<Range<u32>> {
        let (size, is_going) = (self.size, self.is_going());
        let target = self.boards.get_mut(board).filter(|_| words.version == self.version)?;
        let is_fetching = matches!(target.step, Step::Fetching(_));
        match words.state {
            UpdateState::Wants if is_fetching && is_going => {
                let end = words.offset.checked_add(words.length.into())?;
                let is_some = words.length > 0 && usize::from(words.length) <= MOST;
                if !is_some || end > size {
                    return None;
                }
                (target.step, target.since) = (Step::Fetching(words.offset), now);
                target.held = is_in_alarm;
                (!is_in_alarm).then_some(words.offset..end)
            }
            UpdateState::Ready if is_fetching => {
                (target.step, target.since, target.held) = (Step::Starting, now, false);
                None
            }
            UpdateState::Confirmed if target.step != Step::Waiting => {
                target.step = Step::Done;
                None
            }
            UpdateState::Refused if !matches!(target.step, Step::Waiting | Step::Done) => {
                let why = words.error.as_deref().unwrap_or("it did not say why");
                self.fail(board, &format!("it refuses: {why}"));
                None
            }
            _ => None,
        }
    }

    fn fail(&mut self, board: &DeviceId, why: &str) {
        if let Some(target) = self.boards.get_mut(board) {
            target.step = Step::Failed(why.to_owned());
        }
        self.stopped.get_or_insert_with(|| format!("{board}: {why}"));
    }
}

/// Bytes of a block, at the most.
pub const MOST: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    const WELL: Seen = Seen { is_heard: true, is_in_alarm: false };

    fn campaign(boards: usize, now: Instant) -> Campaign {
        let names = (1..=boards).map(|n| DeviceId::from(format!("board-{n:02}").as_str()));
        Campaign::new("1.5.0", 1_000, names, now)
    }

    fn words(state: UpdateState, offset: u32, length: u16) -> UpdateWords {
        UpdateWords { version: "1.5.0".into(), state, offset, length, error: None }
    }

    /// A board fetches all of it, starts anew and proves itself.
    fn succeed(campaign: &mut Campaign, now: Instant, board: &DeviceId) {
        let mut say = |words| campaign.said(now, board, &words, false);
        assert_eq!(say(words(UpdateState::Wants, 0, 512)), Some(0..512));
        assert_eq!(say(words(UpdateState::Wants, 512, 488)), Some(512..1_000));
        assert_eq!(say(words(UpdateState::Ready, 1_000, 0)), None);
        assert!(!campaign.born(now, board, "1.5.0"));
        assert_eq!(campaign.boards[board].step, Step::Trial);
        campaign.said(now, board, &words(UpdateState::Confirmed, 0, 0), false);
    }

    #[test]
    fn one_board_first_then_a_tenth_then_all_a_few_at_a_time() {
        let now = Instant::now();
        let mut campaign = campaign(30, now);
        let mut waves = vec![];
        while campaign.is_going() {
            let offered = campaign.turn(now, |_| WELL);
            assert!(campaign.turn(now, |_| WELL).is_empty(), "each is offered it once");
            offered.iter().for_each(|board| succeed(&mut campaign, now, board));
            waves.push(offered.len());
        }
        assert_eq!(waves, [1, 2, 4, 4, 4, 4, 4, 4, 3]);
        assert!(campaign.is_done());
    }

    #[test]
    fn a_failure_stops_it_and_nothing_more_is_handed_out() {
        let now = Instant::now();
        let first: DeviceId = "board-01".into();
        let mut refused = campaign(3, now);
        refused.turn(now, |_| WELL);
        let why = Some("it does not fit the slot".to_owned());
        let refusal = UpdateWords { error: why, ..words(UpdateState::Refused, 0, 0) };
        refused.said(now, &first, &refusal, false);
        assert!(refused.stopped.as_ref().unwrap().contains("does not fit"));
        assert!(refused.turn(now, |_| WELL).is_empty());
        assert_eq!(refused.said(now, &first, &words(UpdateState::Wants, 0, 512), false), None);

        // It fetched all of it, and came back with what ran before.
        let mut back = campaign(3, now);
        back.turn(now, |_| WELL);
        back.said(now, &first, &words(UpdateState::Ready, 1_000, 0), false);
        assert!(!back.born(now, &first, "1.4.2"));
        assert!(back.stopped.as_ref().unwrap().contains("what ran before"));

        // It never came back.
        let mut dark = campaign(3, now);
        dark.turn(now, |_| WELL);
        dark.said(now, &first, &words(UpdateState::Ready, 1_000, 0), false);
        let lost = |_: &DeviceId| Seen { is_heard: false, is_in_alarm: false };
        assert!(dark.turn(now + PROOF_LIMIT - Duration::from_secs(1), lost).is_empty());
        assert!(dark.is_going());
        dark.turn(now + PROOF_LIMIT, lost);
        assert!(dark.stopped.as_ref().unwrap().contains("not back"));
    }

    #[test]
    fn a_board_that_proves_itself_is_known_after_the_end_too() {
        let now = Instant::now();
        let first: DeviceId = "board-01".into();
        let mut campaign = campaign(3, now);
        campaign.turn(now, |_| WELL);
        assert_eq!(campaign.proving(now).count(), 0, "it fetches");
        campaign.said(now, &first, &words(UpdateState::Ready, 1_000, 0), false);
        campaign.stop("stopped by admin");
        assert_eq!(campaign.proving(now).collect::<Vec<_>>(), [&first]);
        campaign.born(now, &first, "1.5.0");
        assert_eq!(campaign.proving(now).collect::<Vec<_>>(), [&first]);
        assert_eq!(campaign.proving(now + PROOF_LIMIT).count(), 0, "it went back, or is gone");
        campaign.said(now, &first, &words(UpdateState::Confirmed, 0, 0), false);
        assert_eq!(campaign.proving(now).count(), 0);
    }

    #[test]
    fn a_board_in_an_alarm_is_left_alone_and_others_are_taken_first() {
        let now = Instant::now();
        let (first, second): (DeviceId, DeviceId) = ("board-01".into(), "board-02".into());
        let alarm = Seen { is_heard: true, is_in_alarm: true };
        let mut campaign = campaign(2, now);
        let offered = campaign.turn(now, |id| if *id == first { alarm } else { WELL });
        assert_eq!(offered, std::slice::from_ref(&second));
        assert!(campaign.boards[&first].held);
        // In the middle of its fetching: no block, however long it lasts, and no failure.
        assert_eq!(campaign.said(now, &second, &words(UpdateState::Wants, 0, 512), true), None);
        let mut later = now;
        for _ in 0..20 {
            later += FETCH_LIMIT / 2;
            assert!(campaign.turn(later, |_| alarm).is_empty());
        }
        let asks = words(UpdateState::Wants, 0, 512);
        assert_eq!(campaign.said(later, &second, &asks, false), Some(0..512));
        campaign.turn(later + FETCH_LIMIT, |_| WELL);
        assert!(campaign.stopped.is_some(), "it asked for nothing though nothing held it");
    }

    #[test]
    fn only_what_is_of_the_image_is_handed_out_and_only_to_whom_it_was_offered() {
        let now = Instant::now();
        let (first, second): (DeviceId, DeviceId) = ("board-01".into(), "board-02".into());
        let mut campaign = campaign(2, now);
        campaign.turn(now, |_| WELL);
        let mut asks = |board: &DeviceId, offset, length| {
            campaign.said(now, board, &words(UpdateState::Wants, offset, length), false)
        };
        assert_eq!(asks(&second, 0, 512), None);
        assert_eq!(asks(&first, 0, 513), None);
        assert_eq!(asks(&first, 0, 0), None);
        assert_eq!(asks(&first, 600, 512), None);
        assert_eq!(asks(&first, u32::MAX, 512), None);
        assert_eq!(asks(&first, 0, 512), Some(0..512));
        let other = UpdateWords { version: "1.4.9".into(), ..words(UpdateState::Wants, 0, 512) };
        assert_eq!(campaign.said(now, &first, &other, false), None);
        // After a lost connection it is offered again, and goes on.
        assert!(campaign.born(now, &first, "1.4.2"));
        let again = campaign.turn(now + OFFER_AGAIN, |_| WELL);
        assert_eq!(again, [first], "it may not have heard the offer");
    }
}
