//! Session descriptions (RFC 4566), as far as a telephone needs them: one audio stream, G.711, keys, and
//! what the speech is encrypted with.

use std::net::{IpAddr, SocketAddr};

use super::{
    g711::Law,
    sdes::{Crypto, OwnKeys},
};

/// The payload type that we offer for keys.
const EVENTS: u8 = 101;

/// How packets of speech look, as a description names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Profile {
    /// Plainly, or encrypted where both sides name keys.
    Plain,
    /// Encrypted.
    Secure,
    /// The same with reports that come at once, which nobody has to send.
    PlainFeedback,
    /// The same, encrypted.
    SecureFeedback,
}

impl Profile {
    const ALL: [Profile; 4] =
        [Profile::Plain, Profile::Secure, Profile::PlainFeedback, Profile::SecureFeedback];

    fn name(self) -> &'static str {
        match self {
            Profile::Plain => "RTP/AVP",
            Profile::Secure => "RTP/SAVP",
            Profile::PlainFeedback => "RTP/AVPF",
            Profile::SecureFeedback => "RTP/SAVPF",
        }
    }

    fn is_secure(self) -> bool {
        matches!(self, Profile::Secure | Profile::SecureFeedback)
    }
}

/// What both sides agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Agreed {
    /// Where the other side wants to hear us.
    pub to: SocketAddr,
    /// In which codec.
    pub law: Law,
    /// The payload type in which keys come; none if they come by INFO only.
    pub events: Option<u8>,
    /// How its packets look.
    pub profile: Profile,
    /// What the other side encrypts with; none where nothing is encrypted.
    pub crypto: Option<Crypto>,
    /// Which of the description's streams it is, from 0.
    pub place: usize,
}

/// What we offer: speech and keys at this address, encrypted with these keys, where there are some.
pub(super) fn offer(at: SocketAddr, profile: Profile, keys: Option<&OwnKeys>) -> String {
    let crypto: String = keys.iter().flat_map(|own| own.offered()).map(|c| c.line()).collect();
    let maps =
        format!("a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n{}{crypto}", keys_of(EVENTS));
    session(at) + &media(at, profile, &format!("8 0 {EVENTS}"), &maps)
}

/// What we answer to an offer that we agree to: its other streams are refused, each in its place.
pub(super) fn answer(at: SocketAddr, offer: &str, agreed: &Agreed, keys: &OwnKeys) -> String {
    let (law, events) = (agreed.law.payload_type(), agreed.events);
    let name = if law == 8 { "PCMA" } else { "PCMU" };
    let map = format!("a=rtpmap:{law} {name}/8000\r\n");
    let types = events.map_or_else(|| law.to_string(), |events| format!("{law} {events}"));
    let crypto = agreed.crypto.map(|theirs| keys.answering(&theirs).line()).unwrap_or_default();
    let maps = format!("{map}{}{crypto}", events.map(keys_of).unwrap_or_default());
    let ours = media(at, agreed.profile, &types, &maps);
    let offered: Vec<&str> = offer.lines().filter_map(|line| line.strip_prefix("m=")).collect();
    if offered.len() < 2 {
        return session(at) + &ours;
    }
    let streams = offered.iter().enumerate().map(|(place, stream)| {
        let mut words = stream.split_whitespace();
        let (kind, _, rest) = (words.next(), words.next(), words.collect::<Vec<_>>().join(" "));
        match kind {
            _ if place == agreed.place => ours.clone(),
            Some(kind) => format!("m={kind} 0 {rest}\r\n"),
            None => String::new(),
        }
    });
    session(at) + &streams.collect::<String>()
}

fn keys_of(events: u8) -> String {
    format!("a=rtpmap:{events} telephone-event/8000\r\na=fmtp:{events} 0-15\r\n")
}

/// What a description says of us.
fn session(at: SocketAddr) -> String {
    let ip = at.ip();
    let family = if ip.is_ipv4() { "IP4" } else { "IP6" };
    format!("v=0\r\no=gengfu 1 1 IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n")
}

/// One stream of speech at this address, of these payload types.
fn media(at: SocketAddr, profile: Profile, types: &str, maps: &str) -> String {
    let (port, profile) = (at.port(), profile.name());
    format!("m=audio {port} {profile} {types}\r\n{maps}a=ptime:20\r\na=sendrecv\r\n")
}

/// The stream that a description names: its port, how its packets look, and their payload types.
fn audio(media: &str) -> Option<(u16, Profile, Vec<u8>)> {
    let mut words = media.strip_prefix("audio ")?.split_whitespace();
    let port = words.next()?.parse().ok()?;
    let name = words.next()?;
    let profile = Profile::ALL.into_iter().find(|profile| profile.name() == name)?;
    Some((port, profile, words.filter_map(|word| word.parse().ok()).collect()))
}

/// What the other side made of it, or wants: the first stream of speech that we can speak. `None` where
/// there is none.
pub(super) fn agreed(text: &str) -> Option<Agreed> {
    let mut session = None;
    let mut streams: Vec<Vec<(&str, &str)>> = vec![];
    for line in text.lines() {
        let Some((kind, value)) = line.trim_end().split_once('=') else { continue };
        match (kind, streams.last_mut()) {
            ("m", _) => streams.push(vec![(kind, value)]),
            ("c", None) => session = address(value),
            (_, Some(stream)) => stream.push((kind, value)),
            _ => {}
        }
    }
    let streams = streams.iter().enumerate();
    streams.into_iter().find_map(|(place, lines)| stream(place, lines, session))
}

fn stream(place: usize, lines: &[(&str, &str)], session: Option<IpAddr>) -> Option<Agreed> {
    let (port, profile, types) = audio(lines.first()?.1)?;
    let (mut here, mut events, mut crypto) = (session, None, None);
    for (kind, value) in lines {
        match (*kind, value.split_once(':')) {
            ("c", _) => here = address(value),
            ("a", Some(("rtpmap", map))) => {
                if let Some((number, name)) = map.split_once(' ')
                    && name.to_ascii_lowercase().starts_with("telephone-event/8000")
                {
                    events = number.parse().ok();
                }
            }
            ("a", Some(("crypto", keys))) => crypto = crypto.or_else(|| Crypto::read(keys)),
            _ => {}
        }
    }
    let law = types.iter().find_map(|number| Law::of(*number))?;
    // Encrypted with something that we don't have.
    let can_be_read = crypto.is_some() || !profile.is_secure();
    // A port of 0 refuses the stream.
    let to = (port != 0 && can_be_read).then_some(SocketAddr::new(here?, port))?;
    let events = events.filter(|number| types.contains(number));
    Some(Agreed { to, law, events, profile, crypto, place })
}

fn address(connection: &str) -> Option<IpAddr> {
    // `IN IP4 192.0.2.1`, for a group with `/127` behind it.
    connection.split_whitespace().nth(2)?.split('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    #[test]
    fn what_we_offer_is_what_we_would_agree_to() {
        let at: SocketAddr = "192.0.2.1:4000".parse().unwrap();
        let plain = Agreed {
            to: at,
            law: Law::A,
            events: Some(101),
            profile: Profile::Plain,
            crypto: None,
            place: 0,
        };
        assert_eq!(agreed(&offer(at, Profile::Plain, None)), Some(plain));
        let own = OwnKeys::draw().unwrap();
        let secure = Agreed { profile: Profile::Secure, crypto: Some(own.offered()[0]), ..plain };
        assert_eq!(agreed(&offer(at, Profile::Secure, Some(&own))), Some(secure));
        let six = offer("[::1]:4000".parse().unwrap(), Profile::Plain, None);
        assert!(six.contains("c=IN IP6 ::1\r\n"));
    }

    #[test]
    fn an_answer_takes_up_what_was_offered() {
        let at: SocketAddr = "192.0.2.1:4000".parse().unwrap();
        let (theirs, own) = (OwnKeys::draw().unwrap(), OwnKeys::draw().unwrap());
        let short = theirs.offered()[1].line();
        let offered = format!(
            "v=0\r\nc=IN IP4 10.0.0.9\r\nm=audio 0 RTP/AVP 0\r\nm=audio 4000 UDP/TLS/RTP/SAVPF 0\r\n\
             m=audio 5000 RTP/SAVP 0 96\r\na=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:x\r\n{short}\
             a=rtpmap:96 telephone-event/8000\r\n"
        );
        let taken = agreed(&offered).unwrap();
        assert_eq!((taken.to.port(), taken.crypto.unwrap().number), (5_000, 2));
        let answer = answer(at, &offered, &taken, &own);
        let streams: Vec<&str> = answer.lines().filter(|line| line.starts_with("m=")).collect();
        let refused = ["m=audio 0 RTP/AVP 0", "m=audio 0 UDP/TLS/RTP/SAVPF 0"];
        assert_eq!(streams, [refused[0], refused[1], "m=audio 4000 RTP/SAVP 0 96"]);
        let heard = agreed(&answer).unwrap();
        assert_eq!((heard.place, heard.crypto), (2, Some(own.offered()[1])));
    }

    #[test]
    fn the_answers_of_other_makers_are_understood() {
        let asterisk = "v=0\no=- 1 1 IN IP4 10.0.0.9\ns=Asterisk\nc=IN IP4 10.0.0.9\nt=0 0\n\
            m=audio 12000 RTP/AVP 0 96\na=rtpmap:0 PCMU/8000\na=rtpmap:96 Telephone-Event/8000/1\n";
        let heard = agreed(asterisk).unwrap();
        assert_eq!((heard.law, heard.events), (Law::Mu, Some(96)));
        let per_media = "v=0\r\nm=video 0 RTP/AVP 99\r\nc=IN IP4 1.2.3.4\r\nm=audio 5004 RTP/AVP 8\r\nc=IN IP4 10.0.0.8\r\n";
        let heard = agreed(per_media).unwrap();
        assert_eq!((heard.to, heard.events), ("10.0.0.8:5004".parse().unwrap(), None));
    }

    #[test]
    fn what_cannot_be_spoken_is_no_agreement() {
        for answer in [
            "",
            "m=audio",
            "c=IN IP4 10.0.0.9\nm=audio 0 RTP/AVP 8\n",
            "c=IN IP4 10.0.0.9\nm=audio 4000 RTP/AVP 9 18\n",
            "m=audio 4000 RTP/AVP 8\n",
            "c=IN IP4 phone.local\nm=audio 4000 RTP/AVP 8\n",
            "c=IN IP4 10.0.0.9\nm=audio 70000 RTP/AVP 8\n",
            "c=IN IP4 10.0.0.9\nm=audio 4000 UDP/TLS/RTP/SAVPF 8\n",
            "c=IN IP4 10.0.0.9\nm=audio 4000 RTP/SAVP 8\n",
        ] {
            assert_eq!(agreed(answer), None, "{answer}");
        }
    }

    proptest! {
        #[test]
        fn no_description_breaks_it_and_none_leads_to_port_0(
            edits in vec((0_usize..450, any::<char>()), 0..8)
        ) {
            let own = OwnKeys::draw().unwrap();
            let offer = offer("192.0.2.1:4000".parse().unwrap(), Profile::Secure, Some(&own));
            let mut text: Vec<char> = offer.chars().collect();
            for (at, c) in edits {
                let at = at % text.len();
                text[at] = c;
            }
            let found = agreed(&text.into_iter().collect::<String>());
            prop_assert!(found.is_none_or(|agreed| agreed.to.port() != 0));
        }
    }
}
