//! What is said in a call, and what a key means. Knows nothing of telephones: it is told what happened
//! and says what to do.

use gengfu_core::{id::MessageId, incident::Cause, notification::wish::Wish};

/// So often everything is told before the call is given up: nobody listens, or a mailbox does.
const TELLINGS: u32 = 3;

/// Something to be said. The words are made elsewhere, in the person's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Phrase {
    /// Who calls.
    Greeting,
    /// What happened, where, since when.
    Message(MessageId),
    /// Which key does what.
    Menu,
    /// Which key says what to a muster.
    MusterMenu,
    /// Which key leads to the car.
    CarMenu,
    /// "Press 5 once more if everybody is out."
    Sure,
    /// "Noted."
    Noted(Wish),
    /// What to do first, for whoever goes.
    First(MessageId),
    /// "That did not count", and why.
    Refused(String),
    /// This key means nothing.
    Unknown,
    /// The car can't be reached.
    NoCar,
    /// "You are put through."
    Car,
    /// The car has hung up.
    CarGone,
    /// "Good bye."
    Bye,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    /// Say this, in place of what is being said.
    Say(Vec<Phrase>),
    /// Say this and put them through to the car that the message is about; then tell by
    /// [`Conversation::connected`] or [`Conversation::no_car`].
    Connect(MessageId, Vec<Phrase>),
    /// Hand this over, and tell what became of it by [`Conversation::decided`].
    File(MessageId, Wish),
    /// Say this, then hang up.
    End(Vec<Phrase>),
    /// Nothing.
    Wait,
}

/// One message that is told in the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    message: MessageId,
    asks: bool,
    /// There is a telephone in the car that it is about.
    car: bool,
    /// It calls everybody, and asks whether they are safe.
    of_muster: bool,
    told: bool,
    answered: bool,
}

impl Item {
    /// `asks`: an answer is wanted; `car`: there is a telephone in the car that it is about.
    pub fn new(message: MessageId, asks: bool, car: bool) -> Self {
        Self { message, asks, car, of_muster: false, told: false, answered: false }
    }

    /// The same for a message that calls everybody.
    pub fn of_muster(message: MessageId) -> Self {
        Self { of_muster: true, ..Self::new(message, true, false) }
    }

    /// Which key does what.
    fn menu(&self) -> Option<Phrase> {
        let menu = if self.of_muster { Phrase::MusterMenu } else { Phrase::Menu };
        self.asks.then_some(menu)
    }
}

/// A call with one person, about one thing or several.
#[derive(Debug)]
pub(super) struct Conversation {
    items: Vec<Item>,
    at: usize,
    tellings: u32,
    /// 5 was pressed once.
    sure: bool,
    filed: bool,
    /// They speak with the car.
    speaks: bool,
}

impl Conversation {
    /// Picked up, with this to tell first.
    pub fn begin(first: Item) -> Self {
        Self { items: vec![first], at: 0, tellings: 0, sure: false, filed: false, speaks: false }
    }

    /// One more thing to tell, while the call lasts.
    pub fn join(&mut self, item: Item) {
        self.items.push(item);
    }

    /// The first words.
    pub fn open(&mut self) -> Act {
        let mut say = vec![Phrase::Greeting];
        say.extend(self.tell());
        Act::Say(say)
    }

    /// What happened, twice, and what can be done about it.
    fn tell(&mut self) -> Vec<Phrase> {
        self.tellings += 1;
        let Some(item) = self.items.get(self.at) else { return vec![] };
        let message = Phrase::Message(item.message);
        let menu = item.menu();
        let car = item.car.then_some(Phrase::CarMenu);
        [message.clone(), message].into_iter().chain(menu).chain(car).collect()
    }

    /// Everything was said, and for a while no key was pressed.
    pub fn silence(&mut self) -> Act {
        if self.filed || self.speaks {
            return Act::Wait;
        }
        self.sure = false;
        let Some(item) = self.items.get_mut(self.at) else { return Act::End(vec![Phrase::Bye]) };
        item.told = true;
        if item.asks && !item.answered && self.tellings < TELLINGS {
            return Act::Say(self.tell());
        }
        self.next(vec![])
    }

    /// A key was pressed.
    pub fn key(&mut self, key: char) -> Act {
        let Some(item) = self.items.get(self.at) else { return Act::Wait };
        let (message, asks, of_muster) = (item.message, item.asks, item.of_muster);
        if self.filed {
            return Act::Wait;
        }
        let was_sure = std::mem::take(&mut self.sure);
        match key {
            '1'..='3' if of_muster => match Wish::of_digit(key, true) {
                Some(wish) => self.file(message, wish),
                None => Act::Wait,
            },
            '0' if of_muster => Act::Say(self.tell()),
            _ if of_muster => Act::Say(vec![Phrase::Unknown, Phrase::MusterMenu]),
            '3' => Act::Say(self.tell()),
            '1' if asks => self.file(message, Wish::Going),
            '2' if asks => self.file(message, Wish::HandOn),
            '4' => Act::Connect(message, vec![Phrase::Car]),
            '5' if asks && was_sure => self.file(message, Wish::AllClear(Cause::Rescued)),
            '5' if asks => {
                self.sure = true;
                Act::Say(vec![Phrase::Sure])
            }
            _ if asks => Act::Say(vec![Phrase::Unknown, Phrase::Menu]),
            _ => Act::Wait,
        }
    }

    fn file(&mut self, message: MessageId, wish: Wish) -> Act {
        self.filed = true;
        Act::File(message, wish)
    }

    /// What became of a wish. `has_car`: the car that a message is about is on the line.
    pub fn decided(
        &mut self,
        wish: Wish,
        outcome: Result<(), String>,
        has_car: impl Fn(MessageId) -> bool,
    ) -> Act {
        self.filed = false;
        let mut current = None;
        if let Some(item) = self.items.get_mut(self.at) {
            item.told = true;
            item.answered = true;
            current = Some(item.message);
        }
        let goes = wish == Wish::Going && outcome.is_ok();
        let noted = outcome.map_or_else(Phrase::Refused, |()| Phrase::Noted(wish));
        match current {
            _ if self.speaks => Act::Say(vec![noted]),
            // Who goes hears who waits for them.
            Some(message) if goes && has_car(message) => {
                Act::Connect(message, vec![noted, Phrase::Car])
            }
            Some(message) if goes => self.next(vec![noted, Phrase::First(message)]),
            _ => self.next(vec![noted]),
        }
    }

    /// They hear the car now: nothing is said until somebody hangs up or presses a key.
    pub fn connected(&mut self) {
        self.speaks = true;
        if let Some(item) = self.items.get_mut(self.at) {
            item.told = true;
        }
    }

    /// The car can't be reached.
    pub fn no_car(&mut self) -> Act {
        self.left_alone(Phrase::NoCar)
    }

    /// The car has hung up.
    pub fn car_is_gone(&mut self) -> Act {
        self.left_alone(Phrase::CarGone)
    }

    fn left_alone(&mut self, why: Phrase) -> Act {
        self.speaks = false;
        match self.items.get(self.at) {
            Some(item) if item.asks && !item.answered => Act::Say(vec![why, Phrase::Menu]),
            _ => self.next(vec![why]),
        }
    }

    /// On to the next thing, if there is one.
    fn next(&mut self, mut say: Vec<Phrase>) -> Act {
        self.at += 1;
        self.tellings = 0;
        if self.at < self.items.len() {
            say.extend(self.tell());
            return Act::Say(say);
        }
        say.push(Phrase::Bye);
        Act::End(say)
    }

    /// What was asked and not answered, and what was not told at all. A mailbox picks up as well:
    /// only a key is an answer.
    pub fn unanswered(&self) -> Vec<MessageId> {
        let open = self.items.iter().filter(|i| if i.asks { !i.answered } else { !i.told });
        open.map(|i| i.message).collect()
    }

    /// What was told to somebody who was not asked anything.
    pub fn told(&self) -> Vec<MessageId> {
        self.items.iter().filter(|i| !i.asks && i.told).map(|i| i.message).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Phrase::*, *};

    const A: MessageId = MessageId(1);
    const B: MessageId = MessageId(2);

    fn call() -> Conversation {
        let mut call = Conversation::begin(Item::new(A, true, false));
        assert_eq!(call.open(), Act::Say(vec![Greeting, Message(A), Message(A), Menu]));
        call
    }

    #[test]
    fn one_is_going_and_the_call_ends() {
        let mut call = call();
        assert_eq!(call.key('1'), Act::File(A, Wish::Going));
        assert_eq!(call.key('1'), Act::Wait, "once is enough");
        assert_eq!(call.silence(), Act::Wait, "it waits for the decision");
        let end = Act::End(vec![Noted(Wish::Going), First(A), Bye]);
        assert_eq!(call.decided(Wish::Going, Ok(()), |_| false), end);
        assert!(call.unanswered().is_empty());
    }

    #[test]
    fn nobody_presses_a_key_and_after_three_tellings_it_is_no_answer() {
        let mut call = call();
        let again = Act::Say(vec![Message(A), Message(A), Menu]);
        assert_eq!((call.silence(), call.silence()), (again.clone(), again));
        assert_eq!(call.silence(), Act::End(vec![Bye]));
        assert_eq!(call.unanswered(), [A]);
    }

    #[test]
    fn everybody_is_out_is_asked_again() {
        let mut call = call();
        assert_eq!(call.key('5'), Act::Say(vec![Sure]));
        assert_eq!(call.key('3'), Act::Say(vec![Message(A), Message(A), Menu]));
        assert_eq!(call.key('5'), Act::Say(vec![Sure]), "another key in between begins anew");
        let out = Wish::AllClear(Cause::Rescued);
        assert_eq!(call.key('5'), Act::File(A, out));
        let refused = call.decided(out, Err("it is over".into()), |_| false);
        assert_eq!(refused, Act::End(vec![Refused("it is over".into()), Bye]));
    }

    #[test]
    fn a_second_incident_is_told_in_the_same_call() {
        let mut call = call();
        call.join(Item::new(B, true, false));
        assert_eq!(call.key('2'), Act::File(A, Wish::HandOn));
        let on = Act::Say(vec![Noted(Wish::HandOn), Message(B), Message(B), Menu]);
        assert_eq!(call.decided(Wish::HandOn, Ok(()), |_| false), on);
        assert_eq!(call.unanswered(), [B]);
        assert_eq!(call.key('1'), Act::File(B, Wish::Going));
    }

    #[test]
    fn what_asks_nothing_is_told_and_keys_mean_nothing_to_it() {
        let mut call = Conversation::begin(Item::new(A, false, false));
        assert_eq!(call.open(), Act::Say(vec![Greeting, Message(A), Message(A)]));
        assert_eq!(call.key('1'), Act::Wait);
        assert_eq!(call.unanswered(), [A], "hung up before it was told");
        assert_eq!(call.silence(), Act::End(vec![Bye]));
        assert_eq!((call.unanswered(), call.told()), (vec![], vec![A]));
    }

    #[test]
    fn a_wrong_key_is_said_to_be_one() {
        let mut call = call();
        assert_eq!(call.key('9'), Act::Say(vec![Unknown, Menu]));
        assert_eq!(call.key('4'), Act::Connect(A, vec![Car]));
        assert_eq!(call.no_car(), Act::Say(vec![NoCar, Menu]));
    }

    #[test]
    fn who_goes_is_put_through_to_the_car_that_is_on_the_line() {
        let mut call = call();
        call.key('1');
        let on = call.decided(Wish::Going, Ok(()), |_| true);
        assert_eq!(on, Act::Connect(A, vec![Noted(Wish::Going), Car]));
        call.connected();
        assert_eq!(call.silence(), Act::Wait, "two people speak");
        assert_eq!(call.car_is_gone(), Act::End(vec![CarGone, Bye]));
        assert!(call.unanswered().is_empty());
    }

    #[test]
    fn who_only_listens_to_the_car_has_not_answered() {
        let mut call = call();
        call.key('4');
        call.connected();
        assert_eq!(call.unanswered(), [A]);
        assert_eq!(call.key('1'), Act::File(A, Wish::Going));
        let stays = call.decided(Wish::Going, Ok(()), |_| true);
        assert_eq!(stays, Act::Say(vec![Noted(Wish::Going)]), "they go on speaking");
        assert_eq!(call.car_is_gone(), Act::End(vec![CarGone, Bye]));
    }

    #[test]
    fn who_is_called_with_everybody_says_whether_they_are_safe() {
        let mut call = Conversation::begin(Item::of_muster(A));
        let told = vec![Greeting, Message(A), Message(A), MusterMenu];
        assert_eq!(call.open(), Act::Say(told));
        assert_eq!(call.key('5'), Act::Say(vec![Unknown, MusterMenu]));
        assert_eq!(call.key('0'), Act::Say(vec![Message(A), Message(A), MusterMenu]));
        let help = Wish::Counted(gengfu_core::muster::Answer::NeedHelp);
        assert_eq!(call.key('2'), Act::File(A, help));
        let noted = Act::End(vec![Noted(help), Bye]);
        assert_eq!(call.decided(help, Ok(()), |_| false), noted);
        assert!(call.unanswered().is_empty());
    }

    #[test]
    fn the_key_to_the_car_is_told_where_there_is_one() {
        let mut call = Conversation::begin(Item::new(A, true, true));
        assert_eq!(call.open(), Act::Say(vec![Greeting, Message(A), Message(A), Menu, CarMenu]));
    }
}
