//! Session descriptions (RFC 4566), as far as a telephone needs them: one audio stream, G.711, keys.

use std::net::{IpAddr, SocketAddr};

use super::g711::Law;

/// The payload type that we offer for keys.
const EVENTS: u8 = 101;

/// What both sides agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Agreed {
    /// Where the other side wants to hear us.
    pub to: SocketAddr,
    /// In which codec.
    pub law: Law,
    /// The payload type in which keys come; none if they come by INFO only.
    pub events: Option<u8>,
}

/// What we offer: speech and keys at this address.
pub(super) fn offer(at: SocketAddr) -> String {
    let maps = format!("a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n{}", keys(EVENTS));
    description(at, &format!("8 0 {EVENTS}"), &maps)
}

/// What we answer to an offer that we agree to.
pub(super) fn answer(at: SocketAddr, agreed: &Agreed) -> String {
    let law = agreed.law.payload_type();
    let name = if law == 8 { "PCMA" } else { "PCMU" };
    let (mut types, mut maps) = (law.to_string(), format!("a=rtpmap:{law} {name}/8000\r\n"));
    if let Some(events) = agreed.events {
        types += &format!(" {events}");
        maps += &keys(events);
    }
    description(at, &types, &maps)
}

fn keys(events: u8) -> String {
    format!("a=rtpmap:{events} telephone-event/8000\r\na=fmtp:{events} 0-15\r\n")
}

/// One audio stream at this address, of these payload types.
fn description(at: SocketAddr, types: &str, maps: &str) -> String {
    let (ip, port) = (at.ip(), at.port());
    let family = if ip.is_ipv4() { "IP4" } else { "IP6" };
    format!(
        "v=0\r\no=gengfu 1 1 IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP {types}\r\n{maps}a=ptime:20\r\na=sendrecv\r\n"
    )
}

/// What the other side made of it. `None` where there is nothing that we can speak.
pub(super) fn agreed(answer: &str) -> Option<Agreed> {
    let (mut session, mut here) = (None, None);
    let mut audio: Option<(u16, Vec<u8>)> = None;
    let (mut in_audio, mut events) = (false, None);
    for line in answer.lines() {
        let Some((kind, value)) = line.trim_end().split_once('=') else { continue };
        match kind {
            "m" => {
                in_audio = audio.is_none() && value.starts_with("audio ");
                if in_audio {
                    let mut words = value.split_whitespace().skip(1);
                    let port = words.next()?.parse().ok()?;
                    let types = words.skip(1).filter_map(|word| word.parse().ok()).collect();
                    audio = Some((port, types));
                }
            }
            "c" if audio.is_none() => session = address(value),
            "c" if in_audio => here = address(value),
            "a" if in_audio => {
                let map = value.strip_prefix("rtpmap:").and_then(|map| map.split_once(' '));
                if let Some((number, name)) = map
                    && name.to_ascii_lowercase().starts_with("telephone-event/8000")
                {
                    events = number.parse().ok();
                }
            }
            _ => {}
        }
    }
    let (port, types) = audio?;
    let law = types.iter().find_map(|number| Law::of(*number))?;
    // A port of 0 refuses the stream.
    let to = (port != 0).then_some(SocketAddr::new(here.or(session)?, port))?;
    Some(Agreed { to, law, events: events.filter(|number| types.contains(number)) })
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
        let agreed = agreed(&offer(at)).unwrap();
        assert_eq!(agreed, Agreed { to: at, law: Law::A, events: Some(101) });
        assert!(offer("[::1]:4000".parse().unwrap()).contains("c=IN IP6 ::1\r\n"));
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
        ] {
            assert_eq!(agreed(answer), None, "{answer}");
        }
    }

    proptest! {
        #[test]
        fn no_description_breaks_it_and_none_leads_to_port_0(
            edits in vec((0_usize..300, any::<char>()), 0..8)
        ) {
            let mut text: Vec<char> = offer("192.0.2.1:4000".parse().unwrap()).chars().collect();
            for (at, c) in edits {
                let at = at % text.len();
                text[at] = c;
            }
            let found = agreed(&text.into_iter().collect::<String>());
            prop_assert!(found.is_none_or(|agreed| agreed.to.port() != 0));
        }
    }
}
