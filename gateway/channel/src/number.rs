//! Telephone numbers, as people write them and as they are dialled.

/// The longest number, in characters.
const LONGEST: usize = 32;
/// Two ways of writing one number share at least so many last digits: with and without the country's
/// and the area's code in front. Shorter numbers, as a house's own extensions, must be the same.
const COMMON_DIGITS: usize = 7;

/// The number as it is dialled: without what people put between its groups.
///
/// # Errors
/// What is wrong with it, for people.
pub(crate) fn dialled(address: &str) -> Result<String, String> {
    let number: String = address.chars().filter(|c| !" -()/.".contains(*c)).collect();
    let digits = number.strip_prefix('+').unwrap_or(&number);
    let is_number = digits.chars().all(|c| c.is_ascii_digit() || c == '*' || c == '#');
    if digits.len() < 2 || number.len() > LONGEST || !is_number {
        return Err(format!(
            "\"{address}\" is no telephone number: write digits, as 13800138000, +86 138 0013 8000 or 21"
        ));
    }
    Ok(number)
}

/// Whether both are ways of writing the same number: a carrier reports +8613800138000 for what a person
/// wrote as 138 0013 8000.
pub fn is_same(one: &str, other: &str) -> bool {
    let (Ok(one), Ok(other)) = (dialled(one), dialled(other)) else { return one == other };
    let both_whole = one.starts_with('+') && other.starts_with('+');
    if one == other || both_whole {
        return one == other;
    }
    // What is not the whole number begins with a 0 or nothing where the whole one has its country.
    let core = |n: &str| n.trim_start_matches('+').trim_start_matches('0').to_owned();
    let (one, other) = (core(&one), core(&other));
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    short.len() >= COMMON_DIGITS && long.ends_with(&short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_dialled_without_what_people_write_into_it() {
        assert_eq!(dialled("+86 138-0013 8000").unwrap(), "+8613800138000");
        assert_eq!(dialled("(021) 6433/21").unwrap(), "021643321");
        assert_eq!(dialled("21").unwrap(), "21");
        for wrong in ["", "1", "wang", "sip:21@pbx", "+", "1;transport=tcp", "++86138", "二一"] {
            let reason = dialled(wrong).unwrap_err();
            assert!(reason.contains("telephone number"), "{wrong}: {reason}");
        }
    }

    #[test]
    fn a_number_is_known_again_however_it_is_written() {
        for (one, other) in [
            ("+8613800138000", "138 0013 8000"),
            ("8613800138000", "13800138000"),
            ("0171 2345678", "+491712345678"),
            ("008613800138000", "+8613800138000"),
            ("21", "21"),
        ] {
            assert!(is_same(one, other) && is_same(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("+8613800138000", "+8613800138001"),
            ("+8613800138000", "+113800138000"),
            ("21", "121"),
            ("138000", "13800138000"),
            ("", "13800138000"),
        ] {
            assert!(!is_same(one, other) && !is_same(other, one), "{one} {other}");
        }
    }
}
