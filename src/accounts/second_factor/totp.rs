//! Time-based codes (RFC 6238) as every authenticator app makes them: SHA-1, six digits, 30 seconds. Knows neither the
//! store nor the clock.

use anyhow::Context;
use chrono::{DateTime, Utc};
use qrcode::{QrCode, render::svg};
use secrecy::{ExposeSecret, SecretString};
use totp_rs::{Builder, Secret, Totp};

/// What apps show above a code. Not the practice's name: phones keep backups elsewhere, and a practice's name tells of
/// treatment.
const ISSUER: &str = "Carehub";
/// The smallest edge of the picture, in pixels.
const QR_EDGE: u32 = 224;

/// What the app and the hub share, in base32.
pub struct Seed(SecretString);

impl Seed {
    /// 160 random bits.
    pub fn generate() -> Self {
        Self(Secret::generate().to_base32().into())
    }

    /// As it was stored.
    pub fn from_base32(text: String) -> Self {
        Self(text.into())
    }

    /// For typing it into an app.
    pub fn base32(&self) -> &str {
        self.0.expose_secret()
    }

    /// The step whose code this is, if it is that of `now`, of the one before or of the one after.
    pub fn step_of(&self, code: &str, now: DateTime<Utc>) -> anyhow::Result<Option<i64>> {
        let seconds = u64::try_from(now.timestamp()).context("the clock stands before 1970")?;
        Ok(self.totp("-")?.check(code, seconds).and_then(|step| i64::try_from(step).ok()))
    }

    /// The `otpauth:` address that apps read.
    pub fn key_uri(&self, account: &str) -> anyhow::Result<SecretString> {
        Ok(self.totp(account)?.to_url()?.into())
    }

    fn totp(&self, account: &str) -> anyhow::Result<Totp> {
        let secret = Secret::try_from_base32(self.base32()).map_err(|_| anyhow::anyhow!("a seed is not base32"))?;
        // The standard's separator cannot stand within a name.
        let account = account.replace(':', "_");
        Ok(Builder::new().with_secret(secret).with_account_name(account).with_issuer(Some(ISSUER)).build()?)
    }
}

/// The picture of an address, as an `<svg>` element.
pub fn qr_svg(uri: &SecretString) -> anyhow::Result<String> {
    let code = QrCode::new(uri.expose_secret()).context("the address is too long for a QR code")?;
    let document = code.render::<svg::Color<'_>>().min_dimensions(QR_EDGE, QR_EDGE).build();
    let element = document.find("<svg").and_then(|at| document.get(at..)).context("the picture is no SVG")?;
    Ok(element.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "12345678901234567890", the seed of RFC 6238's test vectors.
    const RFC: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        let seed = Seed::from_base32(RFC.into());
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(seed.step_of(code, at(second)).unwrap(), Some(second / 30), "{second}");
        }
    }

    #[test]
    fn a_code_is_good_one_step_early_and_one_late_and_no_further() {
        let seed = Seed::from_base32(RFC.into());
        for (second, good) in [(0, true), (30, true), (89, true), (90, false)] {
            assert_eq!(seed.step_of("287082", at(second)).unwrap(), good.then_some(1), "{second}");
        }
        let later = 1_111_111_109;
        for (step, good) in [(-2, false), (-1, true), (1, true), (2, false)] {
            let moved = seed.step_of("081804", at(later - step * 30)).unwrap();
            assert_eq!(moved, good.then_some(later / 30), "{step}");
        }
    }

    #[test]
    fn what_is_no_code_matches_nothing() {
        let seed = Seed::from_base32(RFC.into());
        for code in ["", "28708", "2870822", "28708a", "+28708", "٢٨٧٠٨٢"] {
            assert_eq!(seed.step_of(code, at(59)).unwrap(), None, "{code}");
        }
    }

    #[test]
    fn an_app_is_told_issuer_account_and_seed() {
        let seed = Seed::from_base32(RFC.into());
        let uri = seed.key_uri("ada:x@example.org").unwrap();
        let expected = format!("otpauth://totp/Carehub:ada_x%40example.org?secret={RFC}&issuer=Carehub");
        assert_eq!(uri.expose_secret(), expected);
        let picture = qr_svg(&uri).unwrap();
        assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>") && !picture.contains("style"));
    }
}
