//! What somebody hears who picks up, and the keys that they press while they hear it.

use std::{
    io::Write,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use gengfu_tests::{baresip::Baresip, eventually};

use crate::house::{House, ports};

/// What the gateway says first, and what it says of the call from the lift.
pub const GREETING: &str = "This is Gengfu, the night watchman.";
pub const CALL: &str =
    "Person trapped in the lift! Place: Lift 1. Car call button: person trapped. Can you go?";
/// What whoever goes hears then: the first step of the usual card.
const FIRST: &str = "What to do: Talk to them first, through the door or the intercom: air comes in, help is on its way.";

/// The loudness of each 20 ms of a WAV file whose header is as short as can be.
pub fn loudness(wav: &[u8]) -> Vec<f64> {
    let rate = u32::from_le_bytes(wav[24..28].try_into().unwrap());
    let samples = wav[44..].chunks_exact(2).map(|s| f64::from(i16::from_le_bytes([s[0], s[1]])));
    let samples: Vec<f64> = samples.collect();
    let window = samples.chunks(rate as usize / 50);
    window.map(|w| (w.iter().map(|s| s * s).sum::<f64>() / w.len() as f64).sqrt()).collect()
}

/// How alike two stretches of loudness are: 1 for the same shape, about 0 for strangers.
fn likeness(a: &[f64], b: &[f64]) -> f64 {
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let both: f64 = a.iter().zip(b).map(|(x, y)| (x - ma) * (y - mb)).sum();
    let square = |v: &[f64], m: f64| v.iter().map(|x| (x - m) * (x - m)).sum::<f64>();
    both / (square(a, ma) * square(b, mb)).sqrt().max(1.0)
}

/// Where in `heard` the sentence is, in windows of 20 ms, and how alike it is there.
pub fn find(heard: &[f64], sentence: &[f64]) -> (usize, f64) {
    let places = 0..heard.len().saturating_sub(sentence.len()).max(1);
    let at =
        |place: usize| likeness(&heard[place..(place + sentence.len()).min(heard.len())], sentence);
    places.map(|place| (place, at(place))).max_by(|a, b| a.1.total_cmp(&b.1)).unwrap()
}

/// A sentence, spoken by the same program outside the gateway.
pub fn spoken(text: &str) -> Vec<f64> {
    let mut child = Command::new("espeak-ng")
        .args(["-v", "en", "-s", "140", "--stdin", "--stdout"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    loudness(&child.wait_with_output().unwrap().stdout)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_is_what_is_heard_and_a_key_in_the_speech_answers() {
    let (port, _) = ports();
    let phone = Baresip::start(port).await.unwrap();
    let house = House::with_server(port).await;
    let begun = Instant::now();
    let _board = house.press(1).await;
    house.told("accepted").await;
    let picked_up = begun.elapsed();
    let (greeting, call, first) = (spoken(GREETING), spoken(CALL), spoken(FIRST));
    // The telephone writes its file when the call is over; until then only the length of the
    // sentences tells when they were said.
    let said = Duration::from_millis(20 * (greeting.len() + call.len() + 50) as u64);
    tokio::time::sleep(said).await;
    phone.press('1').unwrap();
    house.incident("Wang is going", |i| i["phase"] == "going").await;
    eventually("these sentences were heard", async || {
        let heard = loudness(&phone.heard()?);
        let (at, greeted) = find(&heard, &greeting);
        let (then, told) = find(&heard, &call);
        let (last, advised) = find(&heard, &first);
        println!(
            "greeting {greeted:.2} alike at {} ms, call {told:.2} alike at {} ms, what to do first {advised:.2} alike at {} ms",
            at * 20,
            then * 20,
            last * 20
        );
        (greeted > 0.9 && told > 0.9 && advised > 0.9 && at < then && then < last).then_some(())
    })
    .await;
    println!("from the button to the pick-up {picked_up:.0?}");
    assert!(picked_up < Duration::from_secs(3), "{picked_up:?}");
    house.gateway.stop().unwrap();
}
