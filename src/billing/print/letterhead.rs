//! What stands at the head of every paper: the practice, the client, the day.

use crate::{
    billing::money::{Amount, Currency},
    pdf::{Align, Column, Document, Setting},
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;

const MONTHS: [(&str, &str); 12] = [
    ("January", "enero"),
    ("February", "febrero"),
    ("March", "marzo"),
    ("April", "abril"),
    ("May", "mayo"),
    ("June", "junio"),
    ("July", "julio"),
    ("August", "agosto"),
    ("September", "septiembre"),
    ("October", "octubre"),
    ("November", "noviembre"),
    ("December", "diciembre"),
];

/// The language of a paper.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tongue {
    English,
    Spanish,
}

impl Tongue {
    /// That of somebody whose language this is (BCP 47).
    pub fn of(language: &str) -> Self {
        if language == "es" || language.starts_with("es-") { Self::Spanish } else { Self::English }
    }

    /// BCP 47.
    pub fn code(self) -> &'static str {
        self.say("en", "es")
    }

    /// One of two wordings.
    pub fn say<'a>(self, english: &'a str, spanish: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::Spanish => spanish,
        }
    }

    /// A day in words.
    pub fn day(self, day: NaiveDate) -> String {
        let name = self.month_name(day);
        match self {
            Self::English => format!("{name} {}, {}", day.day(), day.year()),
            Self::Spanish => format!("{} de {name} de {}", day.day(), day.year()),
        }
    }

    /// The month of a day in words.
    pub fn month(self, day: NaiveDate) -> String {
        let name = self.month_name(day);
        match self {
            Self::English => format!("{name} {}", day.year()),
            Self::Spanish => format!("{name} de {}", day.year()),
        }
    }

    fn month_name(self, day: NaiveDate) -> &'static str {
        MONTHS.get(day.month0() as usize).map_or("", |(english, spanish)| self.say(english, spanish))
    }
}

/// Who sends it, to whom, and how it speaks of days and money.
#[derive(Clone, Debug)]
pub struct Letterhead {
    pub tongue: Tongue,
    pub practice: String,
    /// Its address, line by line.
    pub address: Vec<String>,
    pub phone: Option<String>,
    pub tax_id: Option<String>,
    pub client: String,
    pub zone: Tz,
    pub currency: Currency,
    pub made_at: DateTime<Utc>,
}

impl Letterhead {
    /// Begins a paper, with what stands at the head of each.
    pub(super) fn begin(&self, title: String, facts: Vec<(&str, String)>) -> anyhow::Result<Document> {
        let tongue = self.tongue;
        let mut document = Document::new(Setting {
            title,
            language: tongue.code().to_owned(),
            footer: self.practice.clone(),
            made_at: self.made_at,
        })?;
        let mut head = vec![(tongue.say("Practice", "Consultorio"), self.sender())];
        if let Some(phone) = &self.phone {
            head.push((tongue.say("Telephone", "Teléfono"), phone.clone()));
        }
        if let Some(tax_id) = &self.tax_id {
            head.push((tongue.say("Tax id", "Identificación fiscal"), tax_id.clone()));
        }
        head.push((tongue.say("Client", "Cliente"), self.client.clone()));
        head.extend(facts);
        document.facts(&head);
        Ok(document)
    }

    fn sender(&self) -> String {
        let lines = std::iter::once(self.practice.as_str()).chain(self.address.iter().map(String::as_str));
        lines.filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// An amount, as everywhere.
    pub(super) fn money(&self, amount: Amount) -> String {
        self.currency.format(amount)
    }

    /// On which day of the practice's calendar something was.
    pub(super) fn day(&self, at: DateTime<Utc>) -> String {
        self.tongue.day(at.with_timezone(&self.zone).date_naive())
    }
}

/// A column of a table of figures.
pub(super) fn column(heading: &str, width: f32, align: Align) -> Column {
    Column { heading: heading.to_owned(), width, align }
}
