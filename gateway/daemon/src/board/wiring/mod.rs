//! What goes to which terminal of a board. [`Pins`] says again what the firmware's own table of pins says, and
//! a test holds the two together; [`header`] is where the terminals are; [`picture`] draws them, `analog` what
//! hangs at the converter and on RS-485.

mod analog;
pub mod header;
pub mod picture;
pub mod sheet;

use gengfu_web::boards::BoardInput;

use super::kind::Kind;

/// Which pin is what, by the chip's own numbers (GP0, GP1 and so on).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pins {
    /// Contacts 1 to 8.
    pub contacts: [u8; 8],
    /// The call lamp's yellow light.
    pub yellow: u8,
    /// The call lamp's green light.
    pub green: u8,
    /// The sounder.
    pub sounder: u8,
    /// The relay.
    pub relay: u8,
    /// The board's own light, which has no terminal.
    pub light: u8,
    /// The supervised loop: the input behind the contacts.
    pub supervised: u8,
    /// The supply, behind its divider.
    pub supply: u8,
    /// The battery, behind its divider.
    pub battery: u8,
    /// RS-485: direction, to the driver, from the driver.
    pub line: [u8; 3],
    /// The log.
    pub log: u8,
    /// Wired on the board to the network chip.
    pub ethernet: [u8; 6],
}

/// `firmware/boards/w5500-evb-pico/src/pins.rs`.
pub const W5500_EVB_PICO: Pins = Pins {
    contacts: [6, 7, 8, 9, 10, 11, 12, 13],
    yellow: 14,
    green: 15,
    sounder: 22,
    relay: 2,
    light: 25,
    supervised: 28,
    supply: 26,
    battery: 27,
    line: [3, 4, 5],
    log: 0,
    ethernet: [16, 17, 18, 19, 20, 21],
};

/// The pins of a kind of board. The two that there are have the same terminals, and one source of their
/// firmware.
pub fn pins(kind: Kind) -> &'static Pins {
    match kind {
        Kind::W5500EvbPico | Kind::W5500EvbPico2 => &W5500_EVB_PICO,
    }
}

/// Inputs as a board has them of which nobody has said anything: the picture in the firmware's folder.
pub fn plain_inputs() -> Vec<BoardInput> {
    let input = |number: u8| BoardInput {
        number,
        name: gengfu_core::text::Text::new(&format!("输入 {number}"), &format!("Input {number}")),
        role: "contact".into(),
        normally_closed: false,
    };
    (1..=9).map(input).collect()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::PathBuf};

    use gengfu_core::text::Language;

    use super::*;

    fn folder() -> PathBuf {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        root.join("../../firmware/boards/w5500-evb-pico")
    }

    /// The numbers behind every `PIN_` of a text, in order.
    fn numbers(text: &str) -> Vec<u8> {
        let parts = text.split("PIN_").skip(1);
        let digits = |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>();
        parts.map(|part| digits(part).parse().unwrap()).collect()
    }

    #[test]
    fn the_picture_s_pins_are_the_firmware_s() {
        let text = fs::read_to_string(folder().join("src/pins.rs")).unwrap();
        let code = &text[text.find("pub fn assign").unwrap()..];
        let part = |from: &str, to: &str| {
            let from = code.find(from).unwrap_or_else(|| panic!("no \"{from}\" in pins.rs"));
            let length = code[from..].find(to).unwrap();
            &code[from..from + length]
        };
        let one = |of: &str| *numbers(part(of, ",")).first().unwrap();
        let pins = &W5500_EVB_PICO;
        assert_eq!(numbers(part("let contacts = [", "];")), pins.contacts);
        for (of, pin) in [
            ("yellow: Output", pins.yellow),
            ("green: Output", pins.green),
            ("sounder: Output", pins.sounder),
            ("relay: Output", pins.relay),
            ("light: Output", pins.light),
            ("supply: p", pins.supply),
            ("battery: p", pins.battery),
            ("supervised: p", pins.supervised),
        ] {
            assert_eq!(one(of), pin, "{of}");
        }
        assert_eq!(numbers(part("UartTx::new_blocking", ";")), [pins.log]);
        let line = ["direction: Output", "sends: p", "receives: p"].map(one);
        assert_eq!(line, pins.line);
        // Whatever else the board uses must be drawn too: nothing is wired over it by mistake.
        let all: BTreeSet<u8> = numbers(code).into_iter().collect();
        let mut drawn = BTreeSet::from([pins.yellow, pins.green, pins.sounder, pins.relay]);
        drawn.extend([pins.light, pins.log, pins.supply, pins.battery, pins.supervised]);
        drawn.extend(pins.line);
        drawn.extend(pins.contacts);
        drawn.extend(pins.ethernet);
        assert_eq!(all, drawn);
    }

    #[test]
    fn the_picture_in_the_firmware_s_folder_is_the_one_that_is_drawn() {
        let drawn = picture::draw("W5500-EVB-Pico", &W5500_EVB_PICO, &plain_inputs(), Language::En)
            .unwrap();
        let file = folder().join("wiring.svg");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&file, &drawn).unwrap();
        }
        let kept = fs::read_to_string(&file).unwrap_or_default();
        assert!(kept == drawn, "the pins have changed: run this test again with UPDATE=1");
    }

    #[test]
    fn a_picture_says_what_is_at_each_terminal_and_no_name_breaks_it() {
        let mut inputs = plain_inputs();
        inputs[1].name = gengfu_core::text::Text::new("井道<烟感>", "Smoke & \"fire\"");
        inputs[1].role = "fire".into();
        inputs[1].normally_closed = true;
        let zh = picture::draw("X", &W5500_EVB_PICO, &inputs, Language::Zh).unwrap();
        assert!(zh.contains("井道&lt;烟感&gt;") && zh.contains("常闭"), "{zh}");
        let en = picture::draw("X", &W5500_EVB_PICO, &inputs, Language::En).unwrap();
        assert!(en.contains("Smoke &amp; &quot;fire&quot;"), "{en}");
        assert!(
            !en.contains("style=") && !en.contains("<script"),
            "the pages' policy takes no styles"
        );
        let stray = Pins { relay: 29, ..W5500_EVB_PICO };
        assert!(picture::draw("X", &stray, &inputs, Language::En).is_err(), "GP29 has no terminal");
    }
}
