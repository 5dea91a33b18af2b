//! What goes through the modem: what waits goes out, what comes in goes to the desk. For as long as the
//! channel is set up, from one modem that is plugged in to the next.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use gengfu_core::{
    id::MessageId,
    notification::{receipt::Receipt, wish::Wish},
    text::{Language, Text},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, interval, sleep},
};

use super::{
    gauges::Gauges,
    modem::Modem,
    pdu::{Fate, Incoming, Parts},
    port::{Fault, News},
};
use crate::{
    channel::SendError,
    desk::{Desk, Heard, Line},
    number, reply,
    spelled::{self, Answer},
};

/// The modem is asked for its network this often.
const LOOK: Duration = Duration::from_secs(30);
/// While it has none.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// A modem that is gone is looked for again after this.
const AGAIN: Duration = Duration::from_secs(3);
/// "Everybody is out" is to be said a second time within this; and nobody is told more often what can be
/// answered.
const A_WHILE: Duration = Duration::from_secs(600);
/// People whose language is remembered, and messages whose reports are waited for.
const REMEMBERED: usize = 256;
/// A reply of ours takes no more parts than this.
const REPLY: usize = 2;

/// A text that is to go out.
pub(super) struct Job {
    pub message: MessageId,
    pub number: String,
    pub language: Language,
    pub parts: Parts,
    /// Told once the network has every part, with its numbers for them, or why it has not.
    pub done: oneshot::Sender<Result<Vec<u8>, SendError>>,
}

/// Where jobs wait: fire and trapped before all others.
pub(super) struct Inbox {
    pub urgent: mpsc::Receiver<Job>,
    pub ordinary: mpsc::Receiver<Job>,
}

impl Inbox {
    async fn next(&mut self) -> Option<Job> {
        tokio::select! {
            biased;
            Some(job) = self.urgent.recv() => Some(job),
            job = self.ordinary.recv() => job,
        }
    }
}

/// What is remembered from one text to the next; lost when the gateway stops, with the reports of what
/// went out just before.
#[derive(Default)]
pub(super) struct Memory {
    /// Who was written to last, in which language.
    people: VecDeque<(String, Language)>,
    /// By the network's numbers: the message that a part belongs to.
    parts: BTreeMap<u8, MessageId>,
    /// Who said that everybody is out, and when; who was told what can be answered.
    said_out: BTreeMap<String, Instant>,
    told: BTreeMap<String, Instant>,
    /// The number of the next text in several parts.
    series: u8,
}

/// The room.
pub(super) struct Mailroom<'a> {
    pub desk: &'a Desk,
    pub gauges: Gauges<'a>,
    pub memory: Memory,
}

impl Mailroom<'_> {
    /// Works with a modem until it is gone; why it is.
    pub async fn work(
        &mut self,
        modem: &mut Modem,
        inbox: &mut Inbox,
        line: &mut Line<'_>,
    ) -> String {
        match self.turns(modem, inbox, line).await {
            Ok(()) => "the gateway is stopping".into(),
            Err(fault) => fault.words(),
        }
    }

    /// Refuses what comes while there is no modem.
    pub async fn refuse(&self, inbox: &mut Inbox, reason: &str) {
        let refuse = async {
            while let Some(job) = inbox.next().await {
                let _ = job.done.send(Err(SendError::passing(reason)));
            }
        };
        tokio::select! {
            () = sleep(AGAIN) => {}
            () = refuse => {}
        }
    }

    async fn turns(
        &mut self,
        modem: &mut Modem,
        inbox: &mut Inbox,
        line: &mut Line<'_>,
    ) -> Result<(), Fault> {
        let mut quality = None;
        let mut looks = interval(LOOK_AGAIN);
        let mut looked: Option<Instant> = None;
        // What came in while nobody looked.
        for stored in modem.all().await? {
            self.file(modem, stored.incoming).await?;
            modem.forget(stored.index).await?;
        }
        loop {
            while let Some(news) = modem.next_news() {
                self.take(modem, news).await?;
            }
            tokio::select! {
                biased;
                job = inbox.next() => {
                    let Some(job) = job else { return Ok(()) };
                    self.send(modem, job).await?;
                }
                heard = modem.listen() => heard?,
                _ = looks.tick() => {
                    if line.was_open() && looked.is_some_and(|at| at.elapsed() < LOOK) {
                        continue;
                    }
                    looked = Some(Instant::now());
                    match modem.signal().await {
                        Ok(dbm) => {
                            line.is_open().await;
                            self.gauges.is_in(dbm).await;
                            self.gauges.ask_credit(modem).await.or_else(lost)?;
                            let now = dbm.map(words);
                            if now != quality {
                                tracing::info!(dbm, quality = now, "the modem's signal");
                                quality = now;
                            }
                        }
                        Err(lost @ Fault::Lost(_)) => return Err(lost),
                        Err(fault) => {
                            line.is_down(told(&fault.words())).await;
                            self.gauges.is_out().await;
                        }
                    }
                }
            }
        }
    }

    async fn send(&mut self, modem: &mut Modem, job: Job) -> Result<(), Fault> {
        // Whoever waited for it has given up: it is tried again, or went another way.
        if job.done.is_closed() {
            return Ok(());
        }
        self.remember(&job.number, job.language);
        match self.post(modem, &job.parts, &job.number, true).await {
            Ok(numbers) => {
                for number in &numbers {
                    self.memory.parts.insert(*number, job.message);
                }
                let _ = job.done.send(Ok(numbers));
                Ok(())
            }
            Err(fault) => {
                let _ = job.done.send(Err(fault.of_message()));
                lost(fault)
            }
        }
    }

    async fn post(
        &mut self,
        modem: &mut Modem,
        parts: &Parts,
        number: &str,
        report: bool,
    ) -> Result<Vec<u8>, Fault> {
        self.memory.series = self.memory.series.wrapping_add(1);
        let mut numbers = Vec::new();
        for part in 0..parts.count() {
            numbers
                .push(modem.send(&parts.submit(part, number, self.memory.series, report)).await?);
        }
        Ok(numbers)
    }

    async fn take(&mut self, modem: &mut Modem, news: News) -> Result<(), Fault> {
        match news {
            News::Ussd(said) => {
                self.gauges.credit(&said).await;
                Ok(())
            }
            News::Pdu(pdu) => self.file(modem, super::pdu::read(&pdu)).await,
            News::Stored { memory, index } => {
                let stored = match modem.at(&memory, index).await {
                    Ok(stored) => stored,
                    Err(fault) => return lost(fault),
                };
                // Only once it was dealt with: a stop in between must not lose it.
                self.file(modem, stored.incoming).await?;
                modem.forget(index).await.or_else(lost)
            }
        }
    }

    async fn file(&mut self, modem: &mut Modem, incoming: Option<Incoming>) -> Result<(), Fault> {
        match incoming {
            Some(Incoming::Report { reference, fate, .. }) => {
                self.report(reference, fate).await;
                Ok(())
            }
            Some(Incoming::Text { from: Some(from), text }) => self.text(modem, &from, &text).await,
            // From a name, as a carrier's advertisements are.
            Some(Incoming::Text { from: None, .. }) => Ok(()),
            None => {
                tracing::warn!("the modem gave something that is no text");
                Ok(())
            }
        }
    }

    async fn report(&mut self, reference: u8, fate: Fate) {
        if fate == Fate::Pending {
            return;
        }
        let Some(message) = self.memory.parts.remove(&reference) else { return };
        let receipt = match fate {
            Fate::Failed(code) => {
                self.memory.parts.retain(|_, of| *of != message);
                let reason = format!(
                    "the network gave the text up (code {code:#04x}): the phone was off or is not there"
                );
                Receipt::Failed { reason, retry: false }
            }
            // Not before the last part is there.
            _ if self.memory.parts.values().any(|of| *of == message) => return,
            _ => Receipt::Delivered,
        };
        if let Err(reason) = self.desk.put(Heard::Receipt { message, receipt }).await {
            tracing::debug!(reason, "a report was not noted");
        }
    }

    async fn text(&mut self, modem: &mut Modem, from: &str, text: &str) -> Result<(), Fault> {
        let language = self.language_of(from);
        let meant = match spelled::meant(text) {
            Some(Answer::Digit(digit)) => {
                Wish::of_digit(digit, self.desk.is_mustered(from)).map(Answer::Wish)
            }
            meant => meant,
        };
        let (wish, shown) = match meant {
            Some(Answer::Wish(wish)) => (wish, language.unwrap_or_default()),
            Some(Answer::Out) if self.is_second(from) => {
                (spelled::SURE, language.unwrap_or_default())
            }
            Some(Answer::Out) => {
                let Some(language) = language else { return Ok(()) };
                self.memory.said_out.insert(from.to_owned(), Instant::now());
                return self.answer(modem, from, language, reply::sure_by_text(language)).await;
            }
            Some(Answer::Who) => {
                // To a number that stands at nobody it is not told who lives here.
                let Some((language, words)) = self.desk.duty(from) else { return Ok(()) };
                return self.answer(modem, from, language, &words).await;
            }
            _ => {
                // A stranger, or a machine that answers by itself: never a word for each of theirs.
                let Some(language) = language else { return Ok(()) };
                let is_told = self.memory.told.get(from).is_some_and(|at| at.elapsed() < A_WHILE);
                if is_told {
                    return Ok(());
                }
                self.memory.told.insert(from.to_owned(), Instant::now());
                return self.answer(modem, from, language, reply::not_understood(language)).await;
            }
        };
        let heard = Heard::Word { address: from.to_owned(), wish };
        let words = match self.desk.put(heard).await {
            Ok(()) => reply::noted_by_text(shown, wish).to_owned(),
            Err(_) if language.is_none() => return Ok(()),
            Err(reason) => reply::refused(shown, &reason),
        };
        self.answer(modem, from, shown, &words).await
    }

    /// Texts back. That it does not go is no harm to what was noted.
    async fn answer(
        &mut self,
        modem: &mut Modem,
        to: &str,
        language: Language,
        words: &str,
    ) -> Result<(), Fault> {
        self.remember(to, language);
        match self.post(modem, &Parts::of(words, REPLY), to, false).await {
            Ok(_) => Ok(()),
            Err(fault) => {
                tracing::warn!(reason = fault.words(), "what became of a text was not told");
                lost(fault)
            }
        }
    }

    fn is_second(&mut self, from: &str) -> bool {
        self.memory.said_out.remove(from).is_some_and(|at| at.elapsed() < A_WHILE)
    }

    fn remember(&mut self, number: &str, language: Language) {
        let people = &mut self.memory.people;
        people.retain(|(known, _)| !number::is_same(known, number));
        people.push_back((number.to_owned(), language));
        if people.len() > REMEMBERED {
            people.pop_front();
        }
    }

    fn language_of(&self, number: &str) -> Option<Language> {
        let found = self.memory.people.iter().find(|(known, _)| number::is_same(known, number));
        found.map(|(_, language)| *language)
    }
}

/// A fault of the message alone is over with it; a modem that is gone is not.
fn lost(fault: Fault) -> Result<(), Fault> {
    match fault {
        lost @ Fault::Lost(_) => Err(lost),
        _ => Ok(()),
    }
}

/// How good a signal is, in words.
fn words(dbm: i32) -> &'static str {
    match dbm {
        ..=-107 => "hardly any",
        -106..=-93 => "weak",
        _ => "good",
    }
}

/// The line is down, for people.
pub(super) fn told(reason: &str) -> Text {
    Text {
        zh: format!("短信发不出去：{reason}"), en: format!("Texts can't be sent: {reason}")
    }
}
