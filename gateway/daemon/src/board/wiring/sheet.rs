//! A sheet to draw on: SVG, by attributes alone, since the pages' policy takes no styles.

use std::fmt::Write;

/// The letters' colour, and that of lines.
pub const INK: &str = "#1c1b19";
/// Of what is said beside.
pub const SOFT: &str = "#57534b";
/// Of ground.
pub const GROUND: &str = "#33475f";
/// Of a signal.
pub const SIGNAL: &str = "#1556c0";

/// Where a text stands beside its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Begins there.
    Start,
    /// Is in the middle of it.
    Middle,
    /// Ends there.
    End,
}

/// A drawing that is being made. Lengths are in the sheet's own units; a letter is 13 high.
#[derive(Debug, Default)]
pub struct Sheet(String);

impl Sheet {
    /// A line with bends.
    pub fn line(&mut self, colour: &str, points: &[(i32, i32)]) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
        self.put(format_args!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            points.join(" ")
        ));
    }

    /// A box.
    pub fn rect(&mut self, (x, y): (i32, i32), (width, height): (i32, i32), fill: &str) {
        self.put(format_args!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"4\" fill=\"{fill}\" \
             stroke=\"{INK}\" stroke-width=\"1.5\"/>"
        ));
    }

    /// A disc.
    pub fn disc(&mut self, (x, y): (i32, i32), radius: i32, fill: &str) {
        self.put(format_args!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"{fill}\" stroke=\"{INK}\" \
             stroke-width=\"1.5\"/>"
        ));
    }

    /// Words in letters of this height.
    pub fn text(&mut self, at: (i32, i32), anchor: Anchor, size: i32, colour: &str, words: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let weight = if size > 12 { " font-weight=\"600\"" } else { "" };
        let (x, y) = at;
        self.put(format_args!(
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" font-size=\"{size}\"{weight} \
             fill=\"{colour}\">{}</text>",
            escaped(words)
        ));
    }

    /// The whole file, of this size, under this title.
    pub fn done(self, (width, height): (i32, i32), title: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" font-family=\"system-ui, 'PingFang SC', \
             'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif\">\n<title>{}</title>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{}</svg>\n",
            escaped(title),
            self.0
        )
    }

    fn put(&mut self, part: std::fmt::Arguments<'_>) {
        // Writing into a string does not fail.
        let _ = writeln!(self.0, "{part}");
    }
}

/// A text that can stand in XML.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // XML has no way to write the others.
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}
