//! The text of a configuration file, and how a place in it is shown to a person.

use std::{fmt, ops::Range, path::Path};

/// A configuration file as it was read: its name for messages, and its text.
#[derive(Debug, Clone)]
pub struct Source {
    name: String,
    text: String,
}

/// A place in the file as editors count it: from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Source {
    /// The text of the file at `path`; the path is shown as it is given.
    pub fn new(path: &Path, text: String) -> Self {
        Self { name: path.display().to_string(), text }
    }

    /// The file's name as the caller wrote it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset; an offset past the end counts as the end.
    pub fn position(&self, offset: usize) -> Position {
        let before = self.before(offset);
        let line_start = before.rfind('\n').map_or(0, |n| n + 1);
        Position {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// Writes the line that `span` begins on, with carets under the span.
    pub fn excerpt(&self, span: &Range<usize>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = self.before(span.start);
        let start = before.rfind('\n').map_or(0, |n| n + 1);
        let line = self.text[start..].lines().next().unwrap_or("");
        let at = (before.len() - start).min(line.len());
        let end = (span.end.max(before.len()) - start).min(line.len());
        let marked = line.get(at..end).unwrap_or("");
        let number = self.position(span.start).line.to_string();
        let gutter = " ".repeat(number.len());
        writeln!(f, "  {number} | {line}")?;
        writeln!(f, "  {gutter} | {}{}", blank(&line[..at]), "^".repeat(width(marked).max(1)))
    }

    /// The text before a byte offset, cut at a whole character.
    fn before(&self, offset: usize) -> &str {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        &self.text[..end]
    }
}

/// Blanks as wide as `text` on a terminal; tabs stay tabs.
fn blank(text: &str) -> String {
    text.chars().map(|c| if c == '\t' { "\t" } else { ["", " ", "  "][cells(c)] }).collect()
}

/// Width of `text` on a terminal.
fn width(text: &str) -> usize {
    text.chars().map(cells).sum()
}

/// Chinese characters and full-width punctuation take two cells of a terminal.
fn cells(c: char) -> usize {
    match c {
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Shown<'a>(&'a Source, Range<usize>);
    impl fmt::Display for Shown<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.excerpt(&self.1, f)
        }
    }

    #[test]
    fn the_caret_stands_under_the_value_behind_chinese_words_too() {
        let source = Source::new(Path::new("g.toml"), "a = 1\n甲 = \"乙\"\n".into());
        let at = source.text().find("\"乙").unwrap();
        assert_eq!(source.position(at), Position { line: 2, column: 5 });
        assert_eq!(
            Shown(&source, at..at + "\"乙\"".len()).to_string(),
            "  2 | 甲 = \"乙\"\n    |      ^^^^\n"
        );
    }

    #[test]
    fn any_offset_can_be_shown() {
        for text in ["", "\n", "甲", "a = 1"] {
            let source = Source::new(Path::new("g.toml"), text.into());
            for start in 0..8 {
                for end in start..9 {
                    assert!(Shown(&source, start..end).to_string().contains('^'));
                }
            }
        }
    }
}
