//! Money: whole numbers of minor units, and what they are units of. Pure. Never holds a fraction.

use crate::error::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Neg, Sub, SubAssign},
    str::FromStr,
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{Object, RefOr, Schema, schema::Type},
};

/// An amount in minor units, such as cents.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Amount(pub i64);

impl Amount {
    pub const ZERO: Self = Self(0);
    /// The most of one charge, payment, adjustment or refund: as much as Stripe takes at once. All numbers of JSON
    /// programs are exact far beyond it.
    pub const MOST: Self = Self(99_999_999);

    /// An amount of somebody's input, at `pointer`.
    ///
    /// # Errors
    /// `Invalid` for nothing, for less, and for more than [`Amount::MOST`].
    pub fn given(pointer: &str, minor: i64) -> Result<Self> {
        match Self(minor) {
            amount if amount <= Self::ZERO => Err(Error::field(pointer, "The amount must be more than zero.")),
            amount if amount > Self::MOST => {
                Err(Error::field(pointer, "The amount is at most 999,999.99 (in cents: 99999999)."))
            }
            amount => Ok(amount),
        }
    }

    /// So many times.
    pub fn times(self, units: i32) -> Self {
        Self(self.0.saturating_mul(i64::from(units)))
    }

    pub fn is_positive(self) -> bool {
        self > Self::ZERO
    }

    /// Nothing instead of less than nothing.
    pub fn at_least_zero(self) -> Self {
        self.max(Self::ZERO)
    }
}

impl Add for Amount {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Amount {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Amount {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Amount {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// A currency of ISO 4217 that practices may bill in: one of which the ledger, Stripe and browsers are of one mind how many
/// digits follow the point.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

/// None of the currencies that are known here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a currency that practices can bill in")]
pub struct NoCurrency;

/// Those of which a hundredth is the smallest.
const HUNDREDTHS: [&str; 21] = [
    "USD", "AUD", "BRL", "CAD", "CHF", "CZK", "DKK", "EUR", "GBP", "HKD", "ILS", "INR", "MXN", "NOK", "NZD", "PHP",
    "PLN", "RON", "SEK", "SGD", "ZAR",
];
/// Those without anything smaller.
const WHOLE: [&str; 2] = ["JPY", "KRW"];

impl Currency {
    pub const USD: Self = Self(*b"USD");

    pub fn as_str(&self) -> &str {
        // Only those of the lists are ever taken in.
        std::str::from_utf8(&self.0).unwrap_or("USD")
    }

    /// How many digits its minor unit has.
    pub fn digits(self) -> u32 {
        if WHOLE.contains(&self.as_str()) { 0 } else { 2 }
    }

    /// The least that Stripe takes by card.
    pub fn least_by_card(self) -> Amount {
        Amount(match self.as_str() {
            "GBP" => 30,
            "PLN" | "RON" => 200,
            "DKK" => 250,
            "NOK" | "SEK" => 300,
            "HKD" => 400,
            "MXN" => 1_000,
            "CZK" => 1_500,
            _ => 50,
        })
    }

    /// All that there are, for people to choose from.
    pub fn all() -> Vec<Self> {
        HUNDREDTHS.iter().chain(&WHOLE).filter_map(|code| code.parse().ok()).collect()
    }

    /// An amount as people read it: `$1,234.50`, `-$5.00`, `1,234.50 CHF`. THE place for all pages and documents.
    pub fn format(self, amount: Amount) -> String {
        let sign = if amount.0 < 0 { "-" } else { "" };
        let number = self.number(amount.0.unsigned_abs());
        match self.as_str() {
            "USD" => format!("{sign}${number}"),
            "EUR" => format!("{sign}€{number}"),
            "GBP" => format!("{sign}£{number}"),
            code => format!("{sign}{number} {code}"),
        }
    }

    /// The same for spreadsheets: `-1234.50`.
    pub fn plain(self, amount: Amount) -> String {
        let sign = if amount.0 < 0 { "-" } else { "" };
        format!("{sign}{}", self.number(amount.0.unsigned_abs()).replace(',', ""))
    }

    fn number(self, minor: u64) -> String {
        let unit = 10_u64.pow(self.digits());
        let whole = (minor / unit).to_string();
        let mut text = String::with_capacity(whole.len() + 8);
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        if self.digits() > 0 {
            text.push_str(&format!(".{:0width$}", minor % unit, width = self.digits() as usize));
        }
        text
    }
}

impl FromStr for Currency {
    type Err = NoCurrency;
    fn from_str(text: &str) -> std::result::Result<Self, NoCurrency> {
        let is_known = HUNDREDTHS.contains(&text) || WHOLE.contains(&text);
        let bytes: [u8; 3] = text.as_bytes().try_into().map_err(|_| NoCurrency)?;
        if is_known { Ok(Self(bytes)) } else { Err(NoCurrency) }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for Currency {
    fn schema() -> RefOr<Schema> {
        Object::builder().schema_type(Type::String).enum_values(Some([HUNDREDTHS.as_slice(), &WHOLE].concat())).into()
    }
}

impl ToSchema for Currency {}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn amounts_are_written_as_people_of_the_currency_write_them() {
        let usd = Currency::USD;
        for (amount, text) in [
            (0, "$0.00"),
            (5, "$0.05"),
            (123_456, "$1,234.56"),
            (-123_456_789, "-$1,234,567.89"),
            (100_000, "$1,000.00"),
        ] {
            assert_eq!(usd.format(Amount(amount)), text);
        }
        assert_eq!(currency("JPY").format(Amount(12_345)), "12,345 JPY");
        assert_eq!(usd.plain(Amount(-123_456)), "-1234.56");
        assert_eq!(usd.format(Amount(i64::MIN)), "-$92,233,720,368,547,758.08");
    }

    #[test]
    fn nothing_less_than_nothing_and_too_much_is_refused() {
        for bad in [0, -1, i64::MIN, 100_000_000, (1 << 53) + 1, i64::MAX] {
            assert!(matches!(Amount::given("/amount", bad), Err(Error::Invalid(_))), "{bad}");
        }
        for good in [1, 99_999_999] {
            assert_eq!(Amount::given("/amount", good).unwrap(), Amount(good));
        }
    }

    #[test]
    fn an_amount_in_json_is_a_whole_number() {
        for bad in ["1.5", "1.0", "1e3", "\"12\"", "null", "18446744073709551615"] {
            assert!(serde_json::from_str::<Amount>(bad).is_err(), "{bad}");
        }
        assert_eq!(serde_json::from_str::<Amount>("-12").unwrap(), Amount(-12));
    }

    #[test]
    fn a_currency_is_one_that_stripe_and_browsers_count_alike() {
        // ISK and UGX are whole, and hundredths to Stripe; MGA the other way round; IQD has three digits, and none in browsers.
        for bad in ["", "usd", "US", "USDX", "U$D", "ÜS", "ISK", "UGX", "MGA", "KWD", "IQD", "XYZ"] {
            assert_eq!(bad.parse::<Currency>(), Err(NoCurrency), "{bad}");
        }
        assert_eq!(serde_json::to_string(&currency("CHF")).unwrap(), "\"CHF\"");
    }
}
