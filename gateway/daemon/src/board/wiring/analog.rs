//! What hangs at the converter, the driver of the RS-485 line, and how a supervised loop is wired.

use gengfu_core::text::Text;
use gengfu_web::boards::BoardInput;

use super::{
    Pins,
    header::Terminal,
    picture::{Drawing, beside, outward, role, terminal},
    sheet::{Anchor, GROUND, INK, SIGNAL, SOFT},
};

/// Where the supervised loop is drawn, below the board.
const LOOP: (i32, i32) = (540, 964);

impl Drawing {
    /// The loop's input, supply, battery, and the driver of the line.
    pub(super) fn analog(&mut self, pins: &Pins, inputs: &[BoardInput]) -> Result<(), String> {
        self.note(
            terminal(pins.supply)?,
            &Text::new(
                "电源 12 V：经 100k；到 AGND 接 22k 和 100 nF",
                "supply 12 V: by 100k; 22k and 100 nF to AGND",
            ),
        );
        self.note(
            terminal(pins.battery)?,
            &Text::new(
                "电池：经 100k；到 AGND 接 22k 和 100 nF",
                "battery: by 100k; 22k and 100 nF to AGND",
            ),
        );
        let number = u8::try_from(pins.contacts.len()).unwrap_or(0) + 1;
        let at = terminal(pins.supervised)?;
        let named = inputs.iter().find(|input| input.number == number);
        let words = match named {
            None => Text::new("监视回路，没有接", "supervised loop: not used"),
            Some(input) => {
                let role = role(&input.role);
                Text::new(
                    &format!("{number}  {} · {}：监视回路", input.name.zh, role.zh),
                    &format!("{number}  {} · {}: supervised loop", input.name.en, role.en),
                )
            }
        };
        self.note(at, &words);
        for (pin, words) in pins.line.into_iter().zip([
            Text::new("RS-485 模块的 DE 和 RE，接在一起", "RS-485 driver: DE and RE, joined"),
            Text::new("RS-485 模块的 DI", "RS-485 driver: DI"),
            Text::new("RS-485 模块的 RO", "RS-485 driver: RO"),
        ]) {
            self.note(terminal(pin)?, &words);
        }
        Ok(())
    }

    /// What is to be known of a terminal.
    pub(super) fn note(&mut self, at: Terminal, text: &Text) {
        let (x, y) = beside(at, 18);
        self.write((x, y + 4), outward(at.side), 11, SOFT, text);
    }

    /// How a loop is wired, below the board.
    pub(super) fn supervised(&mut self, pins: &Pins) {
        let pin = format!("GP{}", pins.supervised);
        let (x, y) = LOOP;
        self.sheet.text((x, y + 4), Anchor::Start, 11, INK, &pin);
        self.sheet.line(SIGNAL, &[(x + 34, y), (x + 80, y), (x + 80, y - 14), (x + 96, y - 14)]);
        self.sheet.line(SIGNAL, &[(x + 80, y), (x + 80, y + 14), (x + 118, y + 14)]);
        self.sheet.rect((x + 96, y - 21), (34, 14), "#ffffff");
        self.sheet.text((x + 113, y - 10), Anchor::Middle, 11, INK, "1k");
        self.lever((x + 138, y - 14), (x + 176, y - 14), false);
        self.sheet.line(INK, &[(x + 130, y - 14), (x + 138, y - 14)]);
        self.sheet.rect((x + 118, y + 7), (40, 14), "#ffffff");
        self.sheet.text((x + 138, y + 18), Anchor::Middle, 11, INK, "4.7k");
        self.sheet.line(GROUND, &[(x + 176, y - 14), (x + 190, y - 14), (x + 190, y)]);
        self.sheet
            .line(GROUND, &[(x + 158, y + 14), (x + 190, y + 14), (x + 190, y), (x + 214, y)]);
        self.sheet.text((x + 220, y + 4), Anchor::Start, 11, GROUND, "AGND");
        self.lines(
            x,
            y + 40,
            &[
                Text::new(
                    &format!("另从 {pin} 到 ADC_VREF 接 4.7k。"),
                    &format!("And 4.7k from {pin} to ADC_VREF."),
                ),
                Text::new("断线、短路、报警都能分清。", "Tells cut, short and alarm apart."),
                Text::new(
                    "电阻放在回路末端，不放在板子里。",
                    "4.7k at the loop's far end, not here.",
                ),
            ],
        );
    }
}
