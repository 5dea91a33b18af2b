//! The alphabet of text messages: 7 bits a letter, with a few letters behind an escape (3GPP TS 23.038).

/// The default alphabet, by code.
const LETTERS: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1b}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// What stands behind the escape, with its code.
const ESCAPED: [(char, u8); 10] = [
    ('\u{c}', 0x0a),
    ('^', 0x14),
    ('{', 0x28),
    ('}', 0x29),
    ('\\', 0x2f),
    ('[', 0x3c),
    ('~', 0x3d),
    (']', 0x3e),
    ('|', 0x40),
    ('€', 0x65),
];
const ESCAPE: u8 = 0x1b;

/// The letter as one code or two; none where the alphabet has no such letter.
pub(super) fn codes(letter: char) -> Option<Vec<u8>> {
    if letter == char::from(ESCAPE) {
        return None;
    }
    if let Some((_, code)) = ESCAPED.iter().find(|(escaped, _)| *escaped == letter) {
        return Some(vec![ESCAPE, *code]);
    }
    let at = LETTERS.chars().position(|known| known == letter)?;
    u8::try_from(at).ok().map(|code| vec![code])
}

/// The text of these codes.
pub(super) fn text(codes: &[u8]) -> String {
    let mut text = String::new();
    let mut codes = codes.iter();
    while let Some(code) = codes.next() {
        let letter = if *code == ESCAPE {
            let next = codes.next();
            ESCAPED.iter().find(|(_, code)| Some(code) == next).map(|(letter, _)| *letter)
        } else {
            LETTERS.chars().nth(usize::from(*code))
        };
        text.push(letter.unwrap_or(' '));
    }
    text
}

/// Codes of 7 bits in a row, the first `fill` bits left empty.
pub(super) fn pack(codes: &[u8], fill: usize) -> Vec<u8> {
    let mut packed = vec![0; (fill + codes.len() * 7).div_ceil(8)];
    for (n, code) in codes.iter().enumerate() {
        for bit in (0..7).filter(|bit| code >> bit & 1 == 1) {
            let at = fill + n * 7 + bit;
            packed[at / 8] |= 1 << (at % 8);
        }
    }
    packed
}

/// So many codes out of a row, after `fill` bits; those that are there.
pub(super) fn unpack(packed: &[u8], fill: usize, count: usize) -> Vec<u8> {
    let bit = |at: usize| packed.get(at / 8).map(|byte| byte >> (at % 8) & 1);
    let code = |n: usize| (0..7).try_fold(0, |code, b| Some(code | bit(fill + n * 7 + b)? << b));
    (0..count).map_while(code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_packed_as_in_the_standards_examples() {
        assert_eq!(LETTERS.chars().count(), 128);
        let codes: Vec<u8> = "hellohello".chars().flat_map(|c| codes(c).unwrap()).collect();
        let packed = pack(&codes, 0);
        assert_eq!(packed, [0xe8, 0x32, 0x9b, 0xfd, 0x46, 0x97, 0xd9, 0xec, 0x37]);
        assert_eq!(unpack(&packed, 0, 10), codes);
    }

    #[test]
    fn every_letter_comes_back() {
        let all = LETTERS.chars().filter(|c| *c != '\u{1b}').chain(ESCAPED.iter().map(|e| e.0));
        for letter in all {
            let codes = codes(letter).unwrap();
            for fill in 0..7 {
                let back = unpack(&pack(&codes, fill), fill, codes.len());
                assert_eq!(text(&back), letter.to_string());
            }
        }
        assert_eq!(codes('好'), None);
    }
}
