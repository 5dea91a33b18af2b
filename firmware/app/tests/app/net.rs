//! The way to the gateway, as far as it needs no network.

use core::str::FromStr;

use embassy_net::{Ipv4Address, Ipv4Cidr};
use gengfu_board::net::{
    Lost,
    backoff::{Backoff, FIRST_MS, GOOD_MS, LONGEST_MS},
    settings::{Address, Gateway, Settings},
    way,
};
use gengfu_wire::identity::Credentials;
use proptest::prelude::*;

#[test]
fn the_pause_doubles_up_to_30_s_and_is_short_again_after_a_good_session() {
    let mut backoff = Backoff::new();
    // The random number that adds nothing and takes nothing away.
    let mut pauses = |stood_ms| {
        let expected = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000];
        for (at, expected) in expected.into_iter().enumerate() {
            let stood_ms = if at == 0 { stood_ms } else { GOOD_MS - 1 };
            assert_eq!(backoff.pause_ms(stood_ms, expected / 2), expected, "pause {at}");
        }
    };
    pauses(0);
    pauses(GOOD_MS);
}

#[test]
fn the_next_gateway_is_tried_after_a_session_that_led_to_nothing() {
    for (lost, stood_ms, is_good) in [
        (Lost::Unreachable, 0, false),
        (Lost::Ended, GOOD_MS - 1, false),
        (Lost::Ended, GOOD_MS, true),
        (Lost::Silent, GOOD_MS, true),
        (Lost::Unheard, GOOD_MS, false),
    ] {
        assert_eq!(way::is_good(lost, stood_ms), is_good, "{lost:?} after {stood_ms} ms");
    }
}

proptest! {
    #[test]
    fn every_pause_is_its_length_plus_or_minus_a_half(randoms in prop::collection::vec(any::<u32>(), 8)) {
        let mut backoff = Backoff::new();
        let mut length = FIRST_MS;
        for random in randoms {
            let pause = backoff.pause_ms(0, random);
            prop_assert!((length / 2..=length / 2 + length).contains(&pause), "{pause} of {length}");
            length = (length * 2).min(LONGEST_MS);
        }
    }
}

#[test]
fn a_gateway_is_a_host_and_perhaps_a_port() {
    let gateway = |host, port| Some(Gateway { host, port });
    assert_eq!(Gateway::parse("gengfu.lan", 1883), gateway("gengfu.lan", 1883));
    assert_eq!(Gateway::parse("192.168.1.9:8884", 1883), gateway("192.168.1.9", 8884));
    for wrong in ["", ":1883", "gengfu:", "gengfu:0", "gengfu:65536", "two words", "a:b:c"] {
        assert_eq!(Gateway::parse(wrong, 1883), None, "{wrong:?}");
    }
}

#[test]
fn an_identity_says_where_the_gateways_are_and_perhaps_a_fixed_address() {
    let mut who = Credentials {
        site: "garden-12",
        board: "lift-1",
        password: "secret",
        gateways: [Some("gengfu.lan"), Some("192.168.1.9:8884"), None],
        gateway_key: None,
        update_key: None,
        address: None,
    };
    let settings = Settings::of(&who).unwrap();
    assert_eq!((settings.gateways.len(), settings.address), (2, Address::Dhcp));
    // With the gateway's key, the usual port is another.
    who.gateway_key = Some([7; 32]);
    let settings = Settings::of(&who).unwrap();
    let ports: Vec<u16> = settings.gateways.iter().map(|gateway| gateway.port).collect();
    assert_eq!((ports, settings.gateway_key), (vec![8883, 8884], Some([7; 32])));
    who.gateway_key = None;
    who.address = Some("192.168.1.20/24");
    assert!(matches!(Settings::of(&who).unwrap().address, Address::Fixed { .. }));
    who.address = Some("192.168.1.20");
    assert!(Settings::of(&who).is_none());
    (who.address, who.gateways[2]) = (None, Some("nowhere:0"));
    assert!(Settings::of(&who).is_none());
}

#[test]
fn a_fixed_address_may_have_a_router_and_a_name_server() {
    let address = Ipv4Cidr::from_str("192.168.1.20/24").unwrap();
    let router = Ipv4Address::new(192, 168, 1, 1);
    let fixed = |router, dns| Some(Address::Fixed { address, router, dns });
    assert_eq!(Address::parse("192.168.1.20/24"), fixed(None, None));
    assert_eq!(Address::parse("192.168.1.20/24 192.168.1.1"), fixed(Some(router), None));
    let dns = Ipv4Address::new(192, 168, 1, 2);
    let all = "192.168.1.20/24 192.168.1.1 192.168.1.2";
    assert_eq!(Address::parse(all), fixed(Some(router), Some(dns)));
    for wrong in
        ["", "192.168.1.20", "192.168.1.20/33", "192.168.1.20/24 router", &format!("{all} x")]
    {
        assert_eq!(Address::parse(wrong), None, "{wrong:?}");
    }
}
