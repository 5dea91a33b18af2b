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
        r#"{"v":1,"lamp":"off","sounder":true,"relay":true,"hold_s":30}"#,
        r#"{"v":1,"revision":1,"inputs":[{"input":1,"normally_closed":false,"debounce_ms":50,"vital":true,"bare":true}]}"#,
        r#"{"v":1,"boot":7,"crashes":3,"safe":true,"panic":"link.rs:41","dropped":9,"dips":2,"temperature_dc":-45}"#,
        r#"{"v":1,"version":"1.5.0","state":"wants","offset":4096,"length":512,"error":null}"#,
        r#"{"v":1,"version":"1.5.0","hardware":"b8","size":9,"sha256":"9f","signature":"5c","forced":true}"#,
        r#"{"v":1,"offset":4096,"data":"00bf7047"}"#,
        r#"{"v":1,"revision":12,"baud":9600,"parity":"even","reads":[{"unit":1,"function":3,"address":0,"count":2,"every_s":1}]}"#,
        r#"{"v":1,"revision":12,"read":1,"values":[1,65535],"error":null,"age_ms":40}"#,
        "gengfu/v1/s/b/up/registers",
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
