//! What a message cost: an exact amount and its currency, as a carrier says it or an operator knows it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Digits behind the point that count: carriers bill by a hundredth of a cent and less.
const DIGITS: usize = 6;

/// An amount of money, never negative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cost {
    /// In millionths of the currency's unit.
    millionths: u64,
    /// Three letters, as ISO 4217 has them: `CNY`.
    currency: String,
}

impl Cost {
    /// In millionths of the currency's unit.
    pub fn millionths(&self) -> u64 {
        self.millionths
    }

    /// Three letters: `CNY`.
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// So many times as much.
    pub fn times(&self, count: u32) -> Self {
        Self { millionths: self.millionths.saturating_mul(count.into()), ..self.clone() }
    }

    /// This after `earlier` for the same message; two currencies can't be added, and the later one stays.
    pub fn after(mut self, earlier: Option<Cost>) -> Self {
        if let Some(earlier) = earlier.filter(|earlier| earlier.currency == self.currency) {
            self.millionths = self.millionths.saturating_add(earlier.millionths);
        }
        self
    }
}

/// An amount in millionths as a decimal number, without zeros at its end.
pub fn decimal(millionths: u64) -> String {
    let (whole, part) = (millionths / 1_000_000, millionths % 1_000_000);
    let text = format!("{whole}.{part:06}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", decimal(self.millionths), self.currency)
    }
}

impl FromStr for Cost {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("\"{text}\" is no price: write an amount and a currency, as \"0.05 CNY\"");
        let (amount, currency) = text.trim().split_once(' ').ok_or_else(wrong)?;
        let currency = currency.trim();
        if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(wrong());
        }
        let (whole, part) = amount.split_once('.').unwrap_or((amount, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(part) {
            return Err(wrong());
        }
        let part: String = part.chars().chain("000000".chars()).take(DIGITS).collect();
        let whole = whole.parse::<u64>().ok().and_then(|whole| whole.checked_mul(1_000_000));
        let part = part.parse::<u64>().map_err(|_| wrong())?;
        let millionths = whole.and_then(|whole| whole.checked_add(part)).ok_or_else(wrong)?;
        Ok(Self { millionths, currency: currency.to_owned() })
    }
}

impl TryFrom<String> for Cost {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Cost> for String {
    fn from(cost: Cost) -> Self {
        cost.to_string()
    }
}

#[cfg(feature = "schema")]
mod schema {
    use utoipa::{PartialSchema, ToSchema, openapi};

    impl PartialSchema for super::Cost {
        fn schema() -> openapi::RefOr<openapi::schema::Schema> {
            openapi::ObjectBuilder::new()
                .schema_type(openapi::schema::Type::String)
                .examples(["0.05 CNY"])
                .into()
        }
    }
    impl ToSchema for super::Cost {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_and_written_one_way() {
        for (text, written) in [
            ("0.05 CNY", "0.05 CNY"),
            ("0.00750 USD", "0.0075 USD"),
            ("12 EUR", "12 EUR"),
            ("100.0 JPY", "100 JPY"),
            ("0.0000019 USD", "0.000001 USD"),
        ] {
            let cost: Cost = text.parse().unwrap();
            assert_eq!(cost.to_string(), written);
            assert_eq!(serde_json::from_str::<Cost>(&format!("\"{text}\"")).unwrap(), cost);
        }
        let ten: Cost = "0.1 CNY".parse().unwrap();
        assert_eq!(ten.times(3).to_string(), "0.3 CNY");
        assert_eq!(ten.clone().after(Some(ten.times(2))).to_string(), "0.3 CNY");
        assert_eq!(ten.clone().after("1 USD".parse().ok()).to_string(), "0.1 CNY");
        for wrong in [
            "",
            "0.05",
            "CNY",
            "-1 CNY",
            "1,5 EUR",
            "1 cny",
            "1 YUAN",
            ". CNY",
            "99999999999999999 CNY",
        ] {
            assert!(wrong.parse::<Cost>().is_err(), "{wrong}");
        }
    }
}
