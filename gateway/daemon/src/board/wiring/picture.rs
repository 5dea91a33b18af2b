//! Draws a board with its terminals, what hangs at each of them, and how a contact and an output are wired.

use gengfu_core::text::{Language, Text};
use gengfu_web::boards::BoardInput;

use super::{
    Pins,
    header::{LEFT, RIGHT, Side, Terminal},
    sheet::{Anchor, GROUND, INK, SIGNAL, SOFT, Sheet},
};

const WIDTH: i32 = 1160;
const HEIGHT: i32 = 1130;
/// The board's edges.
const EDGES: (i32, i32) = (480, 690);
/// The first row of terminals, and from one to the next.
const FIRST: i32 = 130;
const ROW: i32 = 34;
/// From the board's edge: a contact's two ends, the ground that contacts share, words beside it.
const CONTACT: (i32, i32) = (48, 96);
const BUS: i32 = 124;
const WORDS: i32 = 140;
const BOARD: &str = "#dfe9e2";
const PAD: &str = "#f1d58a";
const FREE: &str = "#ffffff";

/// A board of this product.
///
/// # Errors
/// Where a pin of it has no terminal.
pub fn draw(
    product: &str,
    pins: &Pins,
    inputs: &[BoardInput],
    language: Language,
) -> Result<String, String> {
    let mut drawing = Drawing { sheet: Sheet::default(), language };
    drawing.board(product, pins);
    let mut rows = vec![];
    for (number, pin) in (1..).zip(pins.contacts) {
        let at = terminal(pin)?;
        rows.push(at);
        drawing.contact(at, number, inputs.iter().find(|input| input.number == number));
    }
    drawing.ground(&rows);
    let yellow = Text::new("呼叫灯 黄", "Call lamp, yellow");
    let green = Text::new("呼叫灯 绿", "Call lamp, green");
    let sounder = Text::new("蜂鸣器", "Sounder");
    let relay = Text::new("继电器", "Relay");
    for (pin, colour, name) in [
        (pins.relay, "#e8eaee", relay),
        (pins.yellow, "#ffd84a", yellow),
        (pins.green, "#5fc98a", green),
        (pins.sounder, "#e8eaee", sounder),
    ] {
        drawing.output(terminal(pin)?, colour, &name);
    }
    drawing.supply();
    drawing.analog(pins, inputs)?;
    let log = Text::new("日志 115200 波特，可不接", "log, 115,200 baud; may stay free");
    drawing.note(terminal(pins.log)?, &log);
    for pin in pins.ethernet {
        let used = Text::new("已在板上接到网络芯片，不要接线", "used on the board: leave it free");
        drawing.note(terminal(pin)?, &used);
    }
    drawing.ways(pins);
    let title = drawing.say(&Text::new("接线图", "Wiring"));
    Ok(drawing.sheet.done((WIDTH, HEIGHT), &format!("{product}: {title}")))
}

pub(super) fn terminal(pin: u8) -> Result<Terminal, String> {
    Terminal::of(pin).ok_or_else(|| format!("GP{pin} has no terminal on this board"))
}

pub(super) struct Drawing {
    pub(super) sheet: Sheet,
    language: Language,
}

/// A place so far away from the board's edge, on a terminal's side and at its height.
pub(super) fn beside(at: Terminal, distance: i32) -> (i32, i32) {
    let y = FIRST + ROW * i32::try_from(at.row).unwrap_or(0);
    match at.side {
        Side::Left => (EDGES.0 - distance, y),
        Side::Right => (EDGES.1 + distance, y),
    }
}

/// Words beside the board go away from it.
pub(super) fn outward(side: Side) -> Anchor {
    match side {
        Side::Left => Anchor::End,
        Side::Right => Anchor::Start,
    }
}

impl Drawing {
    fn say(&self, text: &Text) -> String {
        text.get(self.language).to_owned()
    }

    pub(super) fn write(
        &mut self,
        at: (i32, i32),
        anchor: Anchor,
        size: i32,
        colour: &str,
        text: &Text,
    ) {
        let words = self.say(text);
        self.sheet.text(at, anchor, size, colour, &words);
    }

    fn board(&mut self, product: &str, pins: &Pins) {
        let (left, right) = EDGES;
        let middle = (left + right) / 2;
        let height = ROW * 20 + 20;
        self.sheet.text((24, 40), Anchor::Start, 20, INK, product);
        let above = Text::new("从上面看，USB 口朝上", "Seen from above, the USB socket on top");
        self.write((24, 64), Anchor::Start, 12, SOFT, &above);
        self.sheet.rect((left, FIRST - 30), (right - left, height), BOARD);
        self.sheet.rect((middle - 26, FIRST - 52), (52, 40), "#c9ccd2");
        self.sheet.text((middle, FIRST - 27), Anchor::Middle, 12, INK, "USB");
        self.sheet.rect((middle - 46, FIRST - 40 + height), (92, 54), "#c9ccd2");
        let network = Text::new("网线", "Ethernet");
        self.write((middle, FIRST - 9 + height), Anchor::Middle, 13, INK, &network);
        self.sheet.disc((middle, FIRST + 50), 9, FREE);
        self.sheet.text((middle, FIRST + 76), Anchor::Middle, 12, INK, "BOOTSEL");
        self.sheet.disc((middle, FIRST + 112), 6, "#5fc98a");
        let light = format!("LED GP{}", pins.light);
        self.sheet.text((middle, FIRST + 134), Anchor::Middle, 12, INK, &light);
        for (side, names) in [(Side::Left, LEFT), (Side::Right, RIGHT)] {
            for (row, name) in names.into_iter().enumerate() {
                let at = Terminal { side, row };
                let fill = if name.ends_with("GND") { "#c3cbd6" } else { PAD };
                self.sheet.disc(beside(at, 0), 8, fill);
                let (x, y) = beside(at, -14);
                let inward = if side == Side::Left { Anchor::Start } else { Anchor::End };
                let words = match side {
                    Side::Left => format!("{} {name}", at.number()),
                    Side::Right => format!("{name} {}", at.number()),
                };
                self.sheet.text((x, y + 4), inward, 11, INK, &words);
            }
        }
    }

    /// A contact from its terminal to the ground that all share.
    fn contact(&mut self, at: Terminal, number: u8, input: Option<&BoardInput>) {
        let is_closed = input.is_some_and(|input| input.normally_closed);
        self.sheet.line(SIGNAL, &[beside(at, 8), beside(at, CONTACT.0)]);
        self.sheet.line(GROUND, &[beside(at, CONTACT.1), beside(at, BUS)]);
        self.lever(beside(at, CONTACT.0), beside(at, CONTACT.1), is_closed);
        let (x, y) = beside(at, WORDS);
        let anchor = outward(at.side);
        let Some(input) = input else {
            let free = Text::new("没有接", "not used");
            return self.write((x, y + 4), anchor, 12, SOFT, &free);
        };
        let name = format!("{number}  {}", self.say(&input.name));
        self.sheet.text((x, y), anchor, 13, INK, &name);
        let rest = match is_closed {
            true => Text::new("常闭：断开就是有事", "normally closed: opens to tell"),
            false => Text::new("常开：闭合就是有事", "normally open: closes to tell"),
        };
        let words = format!("{} · {}", self.say(&role(&input.role)), self.say(&rest));
        self.sheet.text((x, y + 14), anchor, 11, SOFT, &words);
    }

    /// A contact at rest.
    pub(super) fn lever(&mut self, from: (i32, i32), to: (i32, i32), is_closed: bool) {
        let rise = if is_closed { 0 } else { 12 };
        self.sheet.line(INK, &[from, (to.0, to.1 - rise)]);
        if is_closed {
            let middle = (from.0 + to.0) / 2;
            self.sheet.line(INK, &[(middle, from.1 - 7), (middle, from.1 + 7)]);
        }
        for end in [from, to] {
            self.sheet.disc(end, 4, FREE);
        }
    }

    /// The ground beside contacts, joined to every ground terminal along it.
    fn ground(&mut self, contacts: &[Terminal]) {
        for (side, names) in [(Side::Left, LEFT), (Side::Right, RIGHT)] {
            let here = contacts.iter().filter(|at| at.side == side).map(|at| at.row);
            let (Some(first), Some(last)) = (here.clone().min(), here.max()) else { continue };
            let along = first.saturating_sub(1)..=last + 1;
            let grounds = along.filter(|row| names.get(*row) == Some(&"GND"));
            let (mut from, mut to) = (first, last);
            for row in grounds {
                let at = Terminal { side, row };
                self.sheet.line(GROUND, &[beside(at, 8), beside(at, BUS)]);
                (from, to) = (from.min(row), to.max(row));
            }
            let ends = [from, to].map(|row| beside(Terminal { side, row }, BUS));
            self.sheet.line(GROUND, &ends);
            let (x, y) = ends[0];
            self.sheet.text((x - 4, y - 6), outward(side), 11, GROUND, "GND");
        }
    }

    /// A lamp, the sounder, the relay, behind its driver.
    fn output(&mut self, at: Terminal, colour: &str, name: &Text) {
        self.sheet.line(SIGNAL, &[beside(at, 8), beside(at, 40)]);
        let (near, far) = (beside(at, 40).0, beside(at, 96).0);
        let (x, y) = (near.min(far), beside(at, 0).1);
        self.sheet.rect((x, y - 11), (56, 22), FREE);
        let driver = Text::new("驱动", "driver");
        self.write((x + 28, y + 4), Anchor::Middle, 11, INK, &driver);
        self.sheet.line(INK, &[beside(at, 96), beside(at, 112)]);
        self.sheet.disc(beside(at, 122), 10, colour);
        let (x, y) = beside(at, WORDS);
        self.write((x, y + 5), outward(at.side), 13, INK, name);
    }

    fn supply(&mut self) {
        for (name, words) in [
            ("VSYS", Text::new("电源 +5 V，经肖特基二极管", "supply +5 V, by a Schottky diode")),
            ("GND", Text::new("电源 −，与灯的电源共地", "supply −, shared with the lamps' supply")),
        ] {
            let row = RIGHT.iter().position(|one| *one == name);
            let Some(at) = row.map(|row| Terminal { side: Side::Right, row }) else { continue };
            let colour = if name == "GND" { GROUND } else { "#a61b1b" };
            self.sheet.line(colour, &[beside(at, 8), beside(at, 60)]);
            let (x, y) = beside(at, 70);
            self.write((x, y + 4), Anchor::Start, 13, INK, &words);
        }
        if let Some(at) = Terminal::named("VBUS") {
            let bench = Text::new("USB 插着时有 5 V", "5 V while USB is plugged in");
            self.note(at, &bench);
        }
    }

    /// How a contact, a loop and an output are wired, below the board.
    fn ways(&mut self, pins: &Pins) {
        let top = 920;
        self.sheet.line("#dcd7cb", &[(24, top - 40), (WIDTH - 24, top - 40)]);
        let one = Text::new("常开触点", "Normally open contact");
        let two = Text::new("常闭触点", "Normally closed contact");
        let three = Text::new("监视回路", "Supervised loop");
        let four = Text::new("输出", "Output");
        for (x, title) in [(24, one), (268, two), (540, three), (846, four)] {
            self.write((x, top), Anchor::Start, 14, INK, &title);
        }
        for (x, is_closed) in [(24, false), (268, true)] {
            let y = top + 44;
            self.sheet.text((x, y + 4), Anchor::Start, 11, INK, "GP");
            self.sheet.line(SIGNAL, &[(x + 24, y), (x + 64, y)]);
            self.lever((x + 64, y), (x + 112, y), is_closed);
            self.sheet.line(GROUND, &[(x + 112, y), (x + 160, y)]);
            self.sheet.text((x + 166, y + 4), Anchor::Start, 11, GROUND, "GND");
        }
        self.lines(
            24,
            top + 84,
            &[
                Text::new("按钮、水浸、到位开关。", "Buttons, water, position switches."),
                Text::new("断线看不出来：经常试一试。", "A cut wire is not noticed: try it often."),
            ],
        );
        self.lines(
            268,
            top + 84,
            &[
                Text::new("烟感继电器、防拆、市电继电器。", "Smoke relays, lids, mains relays."),
                Text::new("断线就报警。", "A cut wire is an alarm."),
            ],
        );
        self.supervised(pins);
        let (x, y) = (846, top + 44);
        self.sheet.text((x, y + 4), Anchor::Start, 11, INK, "GP");
        self.sheet.line(SIGNAL, &[(x + 24, y), (x + 50, y)]);
        self.sheet.rect((x + 50, y - 12), (70, 24), FREE);
        self.sheet.text((x + 85, y + 4), Anchor::Middle, 11, INK, "MOSFET");
        self.sheet.line(INK, &[(x + 120, y), (x + 142, y)]);
        self.sheet.disc((x + 152, y), 10, "#ffd84a");
        self.sheet.line("#a61b1b", &[(x + 162, y), (x + 186, y)]);
        self.sheet.text((x + 192, y + 4), Anchor::Start, 11, INK, "+12 V");
        self.lines(
            846,
            top + 84,
            &[
                Text::new("端子只有 3.3 V、几毫安：", "A terminal gives 3.3 V and a few mA:"),
                Text::new("灯、蜂鸣器、继电器都要经过驱动。", "lamps and relays go by a driver."),
            ],
        );
        self.lines(24, top + 176, &[Text::new(
            "只接无源触点，绝不接市电。每根长线串 1 kΩ，并从端子到 3V3 接 4.7 kΩ 上拉。",
            "Dry contacts only, never the mains. On long wires: 1 kΩ in series, and 4.7 kΩ from the \
             terminal to 3V3.",
        )]);
    }

    pub(super) fn lines(&mut self, x: i32, y: i32, lines: &[Text]) {
        for (row, text) in (0..).zip(lines) {
            self.write((x, y + 17 * row), Anchor::Start, 12, SOFT, text);
        }
    }
}

/// A role, in words.
pub(super) fn role(role: &str) -> Text {
    match role {
        "call" => Text::new("轿厢呼叫按钮", "car call button"),
        "fire" => Text::new("火警", "fire"),
        "gas" => Text::new("燃气", "gas"),
        "water" => Text::new("水浸", "water"),
        "gate" => Text::new("门或闸", "gate or door"),
        "lift_fault" => Text::new("电梯故障", "lift fault"),
        "mains" => Text::new("市电", "mains"),
        "tamper" => Text::new("防拆", "tamper"),
        "contact" => Text::new("只显示", "only shown"),
        other => Text::from(other),
    }
}
