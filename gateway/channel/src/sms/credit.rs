//! What a SIM has left, as its carrier says in words of its own when a short code is dialled (USSD,
//! 3GPP TS 22.090, TS 27.007 7.15).

use super::{alphabet, port::bytes};

/// No answer is longer, in characters (TS 23.038: 182).
const LONGEST: usize = 200;

/// The words of an answer: what stands behind `+CUSD:`, as `0,"Balance: 12.50",15`.
pub(super) fn words(said: &str) -> Option<String> {
    let (_, rest) = said.split_once('"')?;
    let (text, coding) = rest.rsplit_once('"')?;
    let coding: Option<u8> = coding.trim_start_matches(',').trim().parse().ok();
    let words = match (bytes(text), coding) {
        // TS 23.038 5: UCS2.
        (Some(bytes), Some(coding)) if coding & 0x0c == 0x08 && bytes.len() % 2 == 0 => {
            let units: Vec<u16> =
                bytes.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        // Some makers hand on the letters as they are packed.
        (Some(bytes), _) if text.len() >= 8 => {
            alphabet::text(&alphabet::unpack(&bytes, 0, bytes.len() * 8 / 7))
        }
        _ => text.to_owned(),
    };
    Some(words.chars().take(LONGEST).collect())
}

/// The amount in these words: the first number behind `after`.
pub(super) fn amount(words: &str, after: &str) -> Option<f64> {
    let (_, rest) = words.split_once(after)?;
    let begin = rest.find(|c: char| c.is_ascii_digit())?;
    let is_below_zero = rest.get(..begin)?.ends_with(['-', '−']);
    let rest = rest.get(begin..)?;
    let end = rest.find(|c: char| !(c.is_ascii_digit() || ".,".contains(c))).unwrap_or(rest.len());
    let number = rest.get(..end)?.trim_end_matches(['.', ',']);
    let (whole, part) = match point(number) {
        Some(at) => (number.get(..at)?, number.get(at + 1..)?),
        None => (number, ""),
    };
    let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
    let amount: f64 = format!("{digits}.{part}0").parse().ok()?;
    Some(if is_below_zero { -amount } else { amount })
}

/// Where the decimal point of a number stands: "1,234.50", "1.234,50", "12,5", but "1,234".
fn point(number: &str) -> Option<usize> {
    let last = number.rfind(['.', ','])?;
    let sign = number.get(last..=last)?;
    let is_alone = number.matches(sign).count() == 1;
    let is_grouping = sign == "," && number.len() - last == 4 && !number.contains('.');
    (is_alone && !is_grouping).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_however_the_modem_hands_it_on() {
        let packed: String = {
            let codes: Vec<u8> =
                "Balance: 12.50".chars().flat_map(|c| alphabet::codes(c).unwrap()).collect();
            alphabet::pack(&codes, 0).iter().map(|byte| format!("{byte:02X}")).collect()
        };
        let wide: String = "余额12.50元".encode_utf16().map(|unit| format!("{unit:04X}")).collect();
        for (said, read) in [
            ("0,\"Balance: 12.50\",15".to_owned(), "Balance: 12.50"),
            ("0,\"Say \"1\" for more\",15".to_owned(), "Say \"1\" for more"),
            (format!("0,\"{packed}\",15"), "Balance: 12.50"),
            (format!("1, \"{wide}\", 72"), "余额12.50元"),
        ] {
            assert_eq!(words(&said).as_deref(), Some(read), "{said}");
        }
        for nothing in ["2", "", "0,\"", "0,\"x"] {
            assert_eq!(words(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn the_amount_is_the_first_number_behind_the_words() {
        for (words, after, read) in [
            ("Balance: 12.50 EUR, valid until 31.12.2026", "", Some(12.5)),
            ("您好，套餐剩余30分钟，余额为8.05元。", "余额", Some(8.05)),
            ("Guthaben 1.234,50 EUR", "Guthaben", Some(1234.5)),
            ("USD 1,234.", "", Some(1234.0)),
            ("Balance -3,20", "", Some(-3.2)),
            ("Balance unknown", "", None),
            ("Balance 3", "Guthaben", None),
        ] {
            assert_eq!(amount(words, after), read, "{words}");
        }
    }
}
