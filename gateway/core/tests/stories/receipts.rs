//! What channels report: retries, the next way to a person, the next person, and a channel at fault.

use gengfu_core::{
    alarm::AlarmState::{Normal, ReturnedUnacknowledged, Unacknowledged},
    event::What,
    id::{ChannelId, PersonId},
    input::Input,
    notification::{
        cost::Cost,
        outbox::{Message, Status},
        receipt::Receipt,
    },
    text::Text,
};

use crate::story::{Carrier, Story};

#[test]
fn a_message_that_fails_is_tried_again_after_2_6_and_15_seconds_and_then_goes_another_way() {
    let mut story = Story::at("20:00");
    story.carrier("push", Carrier::Fails);
    story.poll("lift-2/fault", 30).expect_told("wang", "push");
    for wait in ["2s", "6s", "15s"] {
        story.forward(wait).take("wang", "push", "alert");
    }
    // The last try failed at once: the mail goes out, and the dead channel is an alarm of its own,
    // of which Wang hears by the same mail.
    story.expect_told("wang", "mail").expect_alarm("channel:push", Unacknowledged);
    story.whatever();
}

#[test]
fn a_carrier_that_hangs_gets_one_more_try_and_then_the_next_way_is_taken_within_the_step() {
    let mut story = Story::at("20:00");
    let failed = Receipt::Failed { reason: "no answer within 15 s".into(), retry: true };
    story.carrier("push", Carrier::Silent);
    let first = story.poll("lift-2/fault", 30).take("wang", "push", "alert").id;
    story.forward("15s").receipt(first, failed.clone()).expect_nothing_more();
    let again = story.forward("2s").take("wang", "push", "alert").id;
    story.forward("15s").receipt(again, failed).expect_told("wang", "mail");
    // 32 s after the fault: before the step's 45 s are over.
    story.expect_alarm("channel:push", Unacknowledged).whatever();
}

#[test]
fn each_try_waits_its_time() {
    let mut story = Story::at("20:00");
    story.carrier("push", Carrier::Fails);
    story.poll("lift-2/fault", 30).expect_told("wang", "push");
    story.forward("1900ms").expect_nothing_more();
    story.forward("100ms").expect_told("wang", "push");
    story.forward("5900ms").expect_nothing_more();
    story.forward("100ms").expect_told("wang", "push");
    story.carrier("push", Carrier::Accepts).forward("14900ms").expect_nothing_more();
    story.forward("100ms").expect_told("wang", "push").expect_alarm("channel:push", Normal);
}

#[test]
fn an_address_that_is_refused_for_good_costs_no_time() {
    let mut story = Story::at("20:00");
    story.carrier("push", Carrier::Refuses);
    story.poll("lift-2/fault", 30).expect_told("wang", "push").expect_told("wang", "mail");
    story.expect_alarm("channel:push", Normal);
    story.forward("44s").expect_nothing_more();
}

#[test]
fn when_nothing_reaches_a_person_the_next_one_is_asked_at_once() {
    let mut story = Story::at("20:00");
    story.carrier("push", Carrier::Refuses).carrier("mail", Carrier::Refuses);
    story.press("lift-1/call").expect_told("wang", "push").expect_told("wang", "mail");
    story.expect_told("li", "ntfy").expect_told("li", "mail").expect_nothing_more();
    story.forward("45s").expect_told("zhao", "push").expect_told("zhao", "ntfy");
}

#[test]
fn with_every_channel_dead_it_is_loud_at_once_and_does_not_spin() {
    let mut story = Story::at("20:00");
    for channel in ["push", "ntfy", "mail"] {
        story.carrier(channel, Carrier::Refuses);
    }
    story.press("lift-1/call");
    assert!(story.incident().run.prompts == 1, "everybody was tried within the first second");
    story.whatever();
    let before = story.journal.len();
    story.forward("10m");
    assert!(story.journal.len() - before < 400, "{}", story.journal.len() - before);
    assert!(story.whatever().len() < 80);

    for channel in ["push", "ntfy", "mail"] {
        story.carrier(channel, Carrier::Accepts);
    }
    story.forward("45s");
    assert!(!story.whatever().is_empty(), "it keeps on asking");
}

#[test]
fn a_channel_that_says_nothing_for_100_seconds_is_at_fault() {
    let mut story = Story::at("20:00");
    story.carrier("push", Carrier::Silent);
    story.press("stairs/smoke-1").expect_told("wang", "push").expect_told("wang", "mail");
    story.going("li").expect("wang", "push", "li goes");
    story.forward("99s").expect_nothing_more().expect_alarm("channel:push", Normal);
    story.forward("1s").expect_alarm("channel:push", Unacknowledged).expect_open(2);
    // The fault is told to Wang by push, which is silent; the retry of the other message as well.
    story.whatever();
    story.carrier("push", Carrier::Accepts).forward("3m").whatever();
    story.expect_alarm("channel:push", ReturnedUnacknowledged);
    assert!(story.state.live.handed_over.is_empty());
}

#[test]
fn a_silent_channel_does_not_delay_the_next_person() {
    let mut story = Story::at("20:00");
    for channel in ["push", "ntfy", "mail"] {
        story.carrier(channel, Carrier::Silent);
    }
    story.press("stairs/smoke-1").expect_told("wang", "push").expect_told("wang", "mail");
    story.forward("45s").expect_told("li", "ntfy").expect_told("li", "mail");
    story.forward("45s").expect_told("zhao", "push").expect_told("zhao", "ntfy");
}

#[test]
fn receipts_may_come_twice_late_and_in_the_wrong_order() {
    let mut story = Story::at("20:00");
    let sent = {
        story.poll("lift-2/fault", 30);
        story.take("wang", "push", "alert")
    };
    story.receipt(sent.id, Receipt::Delivered);
    story.receipt(sent.id, Receipt::Accepted { carrier_id: Some("42".into()), cost: None });
    story.receipt(sent.id, Receipt::Delivered);
    assert!(matches!(story.state.messages[&sent.id].status, Status::Delivered { .. }));
    story.receipt(sent.id, Receipt::Answered).receipt(sent.id, Receipt::Delivered);
    assert!(matches!(story.state.messages[&sent.id].status, Status::Answered { .. }));
    // Answered by a telephone is not acknowledged by a person.
    story.forward("45s").expect_told("li", "ntfy");
}

#[test]
fn what_each_try_cost_adds_up_at_the_message() {
    let mut story = Story::at("20:00");
    let sent = {
        story.poll("lift-2/fault", 30);
        story.take("wang", "push", "alert")
    };
    let cost = |text: &str| Some(text.parse::<Cost>().unwrap());
    let accepted = || Receipt::Accepted { carrier_id: None, cost: cost("0.05 CNY") };
    // The carrier of the stories took it already, and said nothing of a price.
    story.receipt(sent.id, accepted()).receipt(sent.id, accepted());
    assert_eq!(story.state.messages[&sent.id].cost, cost("0.05 CNY"), "said twice, paid once");
    // As it stood in journals before there were prices.
    let old = r#"{"receipt":"accepted","carrier_id":"42"}"#;
    let old: Receipt = serde_json::from_str(old).unwrap();
    assert_eq!(old, Receipt::Accepted { carrier_id: Some("42".into()), cost: None });
    let mut message = serde_json::to_value(story.state.messages[&sent.id].as_ref()).unwrap();
    assert_eq!(message["cost"], "0.05 CNY");
    message.as_object_mut().unwrap().remove("cost");
    assert_eq!(serde_json::from_value::<Message>(message).unwrap().cost, None);
}

#[test]
fn that_a_call_was_taken_takes_back_no_refusal() {
    let mut story = Story::at("20:00");
    story.carrier("push", Carrier::Silent);
    let sent = {
        story.poll("lift-2/fault", 30);
        story.take("wang", "push", "alert")
    };
    story.receipt(sent.id, Receipt::Declined { reason: "the phone is busy".into() });
    story.expect_told("wang", "mail");
    story.receipt(sent.id, Receipt::Accepted { carrier_id: None, cost: None });
    assert!(matches!(story.state.messages[&sent.id].status, Status::Failed { .. }));
}

#[test]
fn that_a_call_was_taken_mends_no_number_that_there_is_not() {
    let mut story = Story::at("20:00");
    story.carrier("push", Carrier::Silent);
    let sent = {
        story.poll("lift-2/fault", 30);
        story.take("wang", "push", "alert")
    };
    story.receipt(sent.id, Receipt::Gone { reason: "there is no such number".into() });
    story.expect_told("wang", "mail");
    story.receipt(sent.id, Receipt::Accepted { carrier_id: None, cost: None });
    let ways = &story.state.ways[&PersonId::from("wang")];
    assert!(ways.iter().any(|way| way.channel.as_str() == "push" && way.broken.is_some()));
}

#[test]
fn two_reports_of_one_failed_try_are_one_failure() {
    let mut story = Story::at("20:00");
    story.carrier("push", Carrier::Fails);
    let sent = {
        story.poll("lift-2/fault", 30);
        story.take("wang", "push", "alert")
    };
    let failed = Receipt::Failed { reason: "busy".into(), retry: true };
    story.receipt(sent.id, failed.clone()).receipt(sent.id, failed);
    assert_eq!(story.state.messages[&sent.id].failures, 1);
    story.carrier("push", Carrier::Accepts).forward("2s").expect_told("wang", "push");
}

#[test]
fn a_carrier_that_finds_out_later_that_it_cant_deliver_costs_no_more_than_that() {
    let mut story = Story::at("20:00");
    let sent = {
        story.poll("lift-2/fault", 30);
        story.take("wang", "push", "alert")
    };
    let bounced = Receipt::Failed { reason: "unsubscribed".into(), retry: true };
    story.forward("10s").receipt(sent.id, bounced).expect_told("wang", "mail");
    assert!(matches!(story.state.messages[&sent.id].status, Status::Failed { .. }));
    story.forward("35s").expect_told("li", "ntfy");
}

#[test]
fn a_late_failure_asks_nobody_anew_once_somebody_goes_or_it_is_over() {
    let mut story = Story::at("20:00");
    let mut bounce = |end: bool| {
        story.poll("lift-2/fault", 30);
        let sent = story.take("wang", "push", "alert");
        story.going("li").expect("wang", "push", "li goes");
        if end {
            story.ends("li", gengfu_core::incident::Cause::Fixed).expect("wang", "push", "over");
        }
        let bounced = Receipt::Failed { reason: "unsubscribed".into(), retry: true };
        story.receipt(sent.id, bounced).expect_nothing_more();
        story.poll("lift-2/fault", 0).whatever();
    };
    bounce(false);
    bounce(true);
}

#[test]
fn what_nobody_sent_is_no_receipt() {
    let mut story = Story::at("20:00");
    let before = story.state.clone();
    story.receipt(gengfu_core::id::MessageId(999), Receipt::Delivered);
    story.tell(Input::HandedOver(gengfu_core::id::MessageId(999)));
    assert_eq!(before, story.state);
}

#[test]
fn what_waits_for_a_channel_that_is_taken_away_goes_another_way() {
    let mut story = Story::at("20:00");
    story.carrier("push", Carrier::Fails);
    story.poll("lift-2/fault", 30).expect_told("wang", "push");
    story.rewire(|wiring| {
        wiring.channels.remove(&gengfu_core::id::ChannelId::from("push"));
    });
    story.expect_told("wang", "mail").expect_nothing_more();
    assert_eq!(story.count(|w| matches!(w, What::AlarmRaised { .. })), 1);
}

#[test]
fn who_is_removed_gets_nothing_more() {
    let mut story = Story::at("20:00");
    story.carrier("push", Carrier::Fails);
    story.admin(gengfu_core::input::Command::PutPolicy(crate::story::policy(&["li"])));
    story.admin(gengfu_core::input::Command::TestPath {
        channel: "push".into(),
        person: "wang".into(),
    });
    story.expect("wang", "push", "test");
    story.admin(gengfu_core::input::Command::RemovePerson("wang".into()));
    story.carrier("push", Carrier::Accepts).forward("1h").expect_nothing_more();
}

#[test]
fn a_channel_that_finds_its_own_way_closed_is_an_alarm_until_it_is_open_and_that_proves_no_delivery()
 {
    let mut story = Story::at("20:00");
    let way = |fault: Option<&str>| Input::Path {
        channel: "mail".into(),
        fault: fault.map(|f| Text::new(f, f)),
    };
    story.tell(way(None)).expect_nothing_more().expect_alarm("line:mail", Normal);
    let proven = story.state.paths.get(&ChannelId::from("mail")).unwrap().proven_at;
    story.tell(way(Some("not registered"))).expect_told("wang", "push");
    story.expect_alarm("line:mail", Unacknowledged).tell(way(Some("still not")));
    story.expect_nothing_more().tell(way(None)).expect_alarm("line:mail", ReturnedUnacknowledged);
    assert_eq!(story.state.paths.get(&ChannelId::from("mail")).unwrap().proven_at, proven);
    story.whatever();
    // That something goes out says nothing of whether answers come in.
    story.tell(way(Some("not registered"))).whatever();
    let (channel, person) = ("mail".into(), "wang".into());
    story.does("li", gengfu_core::input::Command::TestPath { channel, person });
    story.expect("wang", "mail", "test").expect_alarm("line:mail", Unacknowledged);
    story.whatever();
}

#[test]
fn what_is_called_off_before_its_turn_is_no_fault_of_the_channel() {
    let mut story = Story::at("20:00");
    story.carrier("push", Carrier::Silent);
    story.poll("lift-2/fault", 30);
    let waits = story.take("wang", "push", "alert");
    story.carrier("push", Carrier::Accepts).going("li").expect("wang", "push", "li goes");
    story.forward("90s");
    let reason = "called off while it waited for its turn".to_owned();
    story.receipt(waits.id, Receipt::Failed { reason, retry: false });
    story.forward("5m").expect_nothing_more();
    story.expect_alarm("channel:push", Normal);
}
