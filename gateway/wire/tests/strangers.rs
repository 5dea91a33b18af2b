//! Whatever is sent as a topic or a payload, nothing panics: the stable twin of a fuzz target.

#[path = "../../../tests/fuzz/checks/wire.rs"]
mod check;
#[path = "../../../tests/fuzz/twins/near.rs"]
mod near;

use near::near;
use proptest::prelude::*;

fn seeds() -> Vec<Vec<u8>> {
    [
        r#"{"v":1,"online":true}"#,
        r#"{"v":1,"boot":7,"firmware":"1.0","hardware":"b8","reset":"power","config":3,"inputs":["idle","active"]}"#,
        r#"{"v":1,"boot":7,"uptime_s":2,"inputs":["open","short","drift"],"queue":0,"supply_mv":null}"#,
        r#"{"v":1,"boot":7,"seq":3,"input":1,"state":"active","age_ms":0}"#,
        r#"{"v":1,"revision":9,"error":"too many"}"#,
        r#"{"v":1,"boot":7,"seq":3}"#,
        r#"{"v":1,"revision":1,"inputs":[{"input":1,"normally_closed":false,"debounce_ms":50,"vital":true}]}"#,
        r#"{"v":1,"unix_ms":1795000000000}"#,
        r#"{"v":1,"lamp":"green","sounder":false,"hold_s":30}"#,
        r#"{"v":1,"seconds":9}"#,
        "gengfu/v1/s/b/up/event",
        "gengfu/v1/s/b/down/config",
    ]
    .map(|seed| seed.as_bytes().to_vec())
    .into()
}

#[test]
fn the_seeds_are_understood() {
    for seed in seeds() {
        check::check(&seed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_is_sent_makes_a_reader_panic(bytes in near(seeds())) {
        check::check(&bytes);
    }
}
