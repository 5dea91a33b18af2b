//! From the channels' desks to the engine: what a person answers through a channel goes in by the
//! same door as every other input.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use gengfu_channel::{Channel, Desk, Filed, Heard, House};
use gengfu_core::{
    advice::Card,
    engine::foreseen,
    id::{ChannelId, MessageId},
    incident::By,
    input::Input,
    notification::{
        outbox::Content,
        receipt::Receipt,
        wish::{Wish, is_wanted, newest_asked},
    },
    text::Language,
};
use parking_lot::Mutex;
use tokio::{
    sync::{mpsc, oneshot},
    task::AbortHandle,
};

use crate::{
    carphones::CarPhones,
    config::Config,
    duties,
    engine::{Job, now},
    modems::Modems,
    published::Published,
};

/// The desks of all channels that are set up.
pub struct Desks {
    clerk: Clerk,
    listening: Mutex<BTreeMap<ChannelId, Open>>,
}

/// A channel that listens.
struct Open {
    channel: Arc<dyn Channel>,
    listens: AbortHandle,
}

impl Desks {
    /// No desk yet.
    pub fn new(published: Arc<Published>, commands: mpsc::Sender<Job>) -> Self {
        let cars = Arc::new(CarPhones::default());
        let modems = Arc::new(Modems::default());
        Self { clerk: Clerk { published, commands, cars, modems }, listening: Mutex::default() }
    }

    /// Opens a desk for each channel of this configuration that has none, and closes those of channels
    /// that are none of it.
    pub fn open(&self, config: &Config, channels: &BTreeMap<ChannelId, Arc<dyn Channel>>) {
        self.clerk.cars.set(config);
        self.clerk.modems.set(config);
        let mut listening = self.listening.lock();
        listening.retain(|id, open| {
            let stays = channels.get(id).is_some_and(|channel| Arc::ptr_eq(channel, &open.channel));
            if !stays {
                open.listens.abort();
            }
            stays
        });
        for (id, channel) in channels {
            if listening.contains_key(id) {
                continue;
            }
            let Clerk { published, cars, .. } = self.clerk.clone();
            let rooms = Rooms { published, cars, id: id.clone(), channel: channel.clone() };
            let (desk, filed) = Desk::new(Arc::new(rooms));
            let channel = channel.clone();
            tokio::spawn(self.clerk.clone().run(id.clone(), channel.clone(), filed));
            let ear = channel.clone();
            let listens = tokio::spawn(async move { ear.listen(&desk).await }).abort_handle();
            listening.insert(id.clone(), Open { channel, listens });
        }
    }

    /// No channel listens any more; what lies on a desk is still dealt with.
    pub fn close(&self) {
        for open in std::mem::take(&mut *self.listening.lock()).into_values() {
            open.listens.abort();
        }
    }
}

/// What a channel may ask.
struct Rooms {
    published: Arc<Published>,
    cars: Arc<CarPhones>,
    id: ChannelId,
    channel: Arc<dyn Channel>,
}

impl House for Rooms {
    fn wants(&self, message: MessageId) -> bool {
        is_wanted(&self.published.state(), message)
    }
    fn car_of(&self, message: MessageId) -> Option<String> {
        self.cars.of_message(&self.published.state(), message)
    }
    fn is_muster(&self, message: MessageId) -> bool {
        let state = self.published.state();
        state.messages.get(&message).is_some_and(|message| message.content.purpose.is_muster())
    }
    fn is_mustered(&self, address: &str) -> bool {
        let state = self.published.state();
        let is_same = |at: &str| self.channel.is_same_address(at, address);
        let asked = newest_asked(&state, &self.id, is_same);
        asked.is_some_and(|message| message.content.purpose.is_muster())
    }
    fn addresses(&self) -> Vec<String> {
        let state = self.published.state();
        let methods = state.people.values().flat_map(|person| &person.methods);
        let here = methods.filter(|method| method.channel == self.id);
        here.map(|method| method.address.clone()).collect()
    }
    fn foreseen(&self) -> Vec<(Language, Content, Card)> {
        let state = self.published.state();
        let languages: BTreeSet<Language> = state.people.values().map(|p| p.language).collect();
        let all = foreseen(&state);
        let with_card = |content: &Content| (content.clone(), state.advice.card(content.danger));
        let all: Vec<(Content, Card)> = all.iter().map(with_card).collect();
        let in_each = |language| {
            all.iter().map(move |(content, card)| (language, content.clone(), card.clone()))
        };
        languages.into_iter().flat_map(in_each).collect()
    }
    fn duty(&self, number: &str) -> Option<(Language, String)> {
        duties::told(&self.published.state(), number, now())
    }
}

/// Who takes things from a desk to the engine.
#[derive(Clone)]
struct Clerk {
    published: Arc<Published>,
    commands: mpsc::Sender<Job>,
    cars: Arc<CarPhones>,
    modems: Arc<Modems>,
}

impl Clerk {
    async fn run(self, id: ChannelId, channel: Arc<dyn Channel>, mut desk: mpsc::Receiver<Filed>) {
        while let Some(Filed { heard, done }) = desk.recv().await {
            let outcome = self.take(&id, channel.as_ref(), heard).await;
            if let Err(reason) = &outcome {
                tracing::warn!(channel = %id, %reason, "an answer did not count");
            }
            // A channel that was closed meanwhile has nobody left to tell.
            let _ = done.send(outcome);
        }
    }

    async fn take(
        &self,
        id: &ChannelId,
        channel: &dyn Channel,
        heard: Heard,
    ) -> Result<(), String> {
        match heard {
            Heard::Receipt { message, receipt } => {
                self.ask(Input::Receipt { message, receipt }).await
            }
            Heard::Car { number, car } => {
                let input = self.cars.input(&number, car, now());
                let input =
                    input.ok_or("no lift's telephone has this number: name it at a device")?;
                self.ask(input).await
            }
            Heard::Shown { point, sample } => {
                for input in self.modems.inputs(id, point, &sample, now()) {
                    self.ask(input).await?;
                }
                Ok(())
            }
            Heard::Path { fault } => self.ask(Input::Path { channel: id.clone(), fault }).await,
            Heard::Reply { message, wish } => self.wish(channel.kind(), message, wish).await,
            Heard::Word { address, wish } => {
                let state = self.published.state();
                let asked = newest_asked(&state, id, |at| channel.is_same_address(at, &address));
                let message = asked.map(|m| m.id).ok_or("nothing was asked, or it is over")?;
                self.wish(channel.kind(), message, wish).await
            }
        }
    }

    async fn wish(&self, kind: &str, message: MessageId, wish: Wish) -> Result<(), String> {
        let state = self.published.state();
        let asked = state.messages.get(&message).ok_or("this is over")?;
        // Somebody who was removed since may not act any more.
        let person = state.people.get(&asked.person).ok_or("this person was removed")?;
        let command = wish.command(asked)?;
        let by = By::person(person.id.clone(), kind);
        self.ask(Input::Command { by, command }).await?;
        // What they did counts; that the message is marked as answered is only for the record.
        let answered = Input::Receipt { message, receipt: Receipt::Answered };
        if let Err(error) = self.ask(answered).await {
            tracing::debug!(id = %message, %error, "answer not noted at the message");
        }
        Ok(())
    }

    async fn ask(&self, input: Input) -> Result<(), String> {
        let (done, answer) = oneshot::channel();
        let stops = || "the gateway is stopping".to_owned();
        self.commands.send(Job { input, done }).await.map_err(|_| stops())?;
        answer.await.map_err(|_| stops())?.map_err(|refusal| refusal.to_string())
    }
}
