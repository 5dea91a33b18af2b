//! `gengfu notify test`: one message over one channel to one address, and what comes back: whether a way to
//! a person works, before it is trusted.

use std::{
    io::Write,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use gengfu_channel::{Channel, Desk, Filed, Heard, House, Outgoing};
use gengfu_core::{
    advice::Card,
    danger::{Danger, Priority},
    id::{ChannelId, MessageId},
    notification::{
        outbox::{Content, Message, Purpose, Status},
        receipt::Receipt,
    },
    person::Method,
    text::{Language, Text},
    time::Timestamp,
};
use tokio::{sync::mpsc, time::timeout};

use crate::{config::Config, engine::now};

/// What is tried.
pub struct Trial {
    /// The channel's name in the configuration.
    pub channel: String,
    /// The address as it stands, or will stand, at the person.
    pub address: String,
    /// What the person reads.
    pub language: Language,
    /// So long what comes back is waited for.
    pub wait: Duration,
}

/// Sends a test and tells what becomes of it, a line for each thing.
///
/// # Errors
/// Where there is no such channel, the address can't be one of its addresses, or the message did not go: why,
/// and what to do.
pub async fn run(config: &Config, trial: Trial, out: &mut impl Write) -> anyhow::Result<()> {
    let Trial { channel: name, address, language, wait } = trial;
    let id = ChannelId::from(name.as_str());
    let Some(settings) = config.channels.get(&id) else {
        let known: Vec<&str> = config.channels.keys().map(ChannelId::as_str).collect();
        bail!("no channel \"{name}\" is set up: there are {}", known.join(", "));
    };
    let channel: Arc<dyn Channel> =
        Arc::from(settings.build(&config.data_dir).with_context(|| format!("channel \"{name}\""))?);
    channel.check_address(&address).map_err(|reason| anyhow::anyhow!("{reason}"))?;
    let (desk, mut filed) = Desk::new(Arc::new(Nobody));
    let ear = channel.clone();
    let listens = tokio::spawn(async move { ear.listen(&desk).await });
    let begun = Instant::now();
    let outgoing = outgoing(config, &id, &address, language);
    let sent = {
        let send = channel.send(&outgoing);
        tokio::pin!(send);
        loop {
            tokio::select! {
                // What the carrier said first is told first.
                biased;
                sent = &mut send => break sent,
                Some(file) = filed.recv() => drop(told(file, begun, out)?),
            }
        }
    };
    let seconds = begun.elapsed().as_secs_f64();
    let accepted = match sent {
        Ok(accepted) => accepted,
        Err(error) => bail!("it did not go, after {seconds:.1} s: {error}"),
    };
    let number = accepted.carrier_id.map(|id| format!(", as {id}")).unwrap_or_default();
    writeln!(out, "{seconds:6.1} s  the carrier has it{number}")?;
    let outcome = if settings.answers() {
        writeln!(out, "          waiting {} s for what comes back; Ctrl-C ends", wait.as_secs())?;
        follow(&mut filed, begun, wait, out).await
    } else {
        writeln!(out, "          this channel tells nothing more: see whether it arrived")?;
        Ok(())
    };
    listens.abort();
    outcome
}

/// Tells what comes back until the message is answered or the time is over.
async fn follow(
    filed: &mut mpsc::Receiver<Filed>,
    begun: Instant,
    wait: Duration,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let mut is_delivered = false;
    let end = begun + wait;
    while let Ok(Some(file)) =
        timeout(end.saturating_duration_since(Instant::now()), filed.recv()).await
    {
        match told(file, begun, out)? {
            Some(Receipt::Answered) => return Ok(()),
            Some(Receipt::Delivered) => is_delivered = true,
            Some(
                Receipt::Failed { reason, .. }
                | Receipt::Gone { reason }
                | Receipt::Declined { reason },
            ) => {
                bail!("it did not arrive: {reason}")
            }
            _ => {}
        }
    }
    if !is_delivered {
        writeln!(out, "          nothing came back: see whether it arrived")?;
    }
    Ok(())
}

/// Tells one thing; the receipt, where it is one.
fn told(file: Filed, begun: Instant, out: &mut impl Write) -> anyhow::Result<Option<Receipt>> {
    let Filed { heard, done } = file;
    let (words, receipt) = match heard {
        Heard::Receipt { receipt, .. } => {
            let words = match &receipt {
                Receipt::Accepted { .. } => "the carrier has it",
                Receipt::Delivered => "it is with the person",
                Receipt::Answered => "the person answered",
                Receipt::Declined { .. } | Receipt::Gone { .. } | Receipt::Failed { .. } => {
                    "it failed"
                }
            };
            (words.to_owned(), Some(receipt))
        }
        Heard::Reply { .. } | Heard::Word { .. } => {
            ("the person answered".to_owned(), Some(Receipt::Answered))
        }
        Heard::Path { fault: None } => ("the channel's line is open".to_owned(), None),
        Heard::Path { fault: Some(fault) } => (fault.get(Language::En).to_owned(), None),
        Heard::Shown { point, sample: Ok(value) } => (format!("{point}: {value:?}"), None),
        Heard::Shown { point, sample: Err(_) } => (format!("{point}: not known"), None),
        Heard::Car { .. } => ("a lift's telephone calls: not taken by this test".to_owned(), None),
    };
    writeln!(out, "{:6.1} s  {words}", begun.elapsed().as_secs_f64())?;
    // Gone where the channel does not wait for it.
    let _ = done.send(Ok(()));
    Ok(receipt)
}

fn outgoing(config: &Config, channel: &ChannelId, address: &str, language: Language) -> Outgoing {
    let at: Timestamp = now();
    let wiring = config.wiring();
    // A number that no message of the gateway itself will have for a long time.
    let id = MessageId(u64::try_from(at.as_millis()).unwrap_or_default());
    Outgoing {
        key: format!("{}-test-{id}", config.site.id),
        message: Message {
            id,
            incident: None,
            person: "nobody".into(),
            method: Method::new(channel.clone(), address),
            language,
            content: Content {
                purpose: Purpose::PathTest,
                what: Text::new("测试", "A test"),
                place: wiring.name.clone(),
                since: at,
                danger: Danger::Fault,
                priority: Priority::Low,
                test: false,
            },
            made_at: at,
            not_before: at,
            failures: 0,
            status: Status::Due,
            cost: None,
        },
        site: config.site.id.clone(),
        incident: None,
        card: Card::usual(Danger::Fault),
        site_name: wiring.name.clone(),
        time_zone: wiring.time_zone.clone(),
        link: None,
        receipt_link: None,
    }
}

/// Nobody else is asked about a test.
struct Nobody;

impl House for Nobody {
    fn wants(&self, _: MessageId) -> bool {
        true
    }
}
