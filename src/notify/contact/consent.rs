//! STOP and START, as carriers demand them: by the words that people answer, in English and Spanish, or by what the
//! provider knows. A number that opted out gets nothing, whoever it belongs to and whatever it is about.

use super::phone::LOOKUP;
use crate::{
    audit::{self, Actor, Event},
    crypto::Keyring,
    error::Result,
    ids::{PracticeId, UserId},
    notify::secrets::Digester,
};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// What somebody answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Word {
    Stop,
    Start,
    Help,
}

type Words = (Word, &'static str, &'static [&'static str]);

/// With the language of each. What belongs to both stands first.
const WORDS: [Words; 6] = [
    (
        Word::Stop,
        "en",
        &["STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT"],
    ),
    (Word::Stop, "es", &["ALTO", "PARAR", "PARE", "DETENER", "CANCELAR", "BAJA", "SALIR"]),
    (Word::Start, "en", &["START", "UNSTOP", "YES"]),
    (Word::Start, "es", &["INICIAR", "INICIO", "COMENZAR", "EMPEZAR", "ALTA", "SI"]),
    (Word::Help, "en", &["HELP", "INFO"]),
    (Word::Help, "es", &["AYUDA", "INFORMACION"]),
];

impl Word {
    /// Of a message that consists of nothing else, with the language of the word; case, accents and punctuation do not
    /// count.
    pub fn read(text: &str) -> Option<(Self, &'static str)> {
        let plain: String = text.nfd().filter(|c| !is_combining_mark(*c)).take(100).collect();
        let words: Vec<&str> = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let said = words.join(" ").to_uppercase();
        WORDS.iter().find_map(|(word, language, words)| words.contains(&said.as_str()).then_some((*word, *language)))
    }

    /// What the provider recognised by itself.
    pub fn of_provider(text: &str) -> Option<Self> {
        match text {
            "STOP" => Some(Self::Stop),
            "START" => Some(Self::Start),
            "HELP" => Some(Self::Help),
            _ => None,
        }
    }
}

/// Notes that a number wants nothing (or something again); how many people it belongs to whom that was new for.
pub async fn set(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    number: &str,
    opted_out: bool,
    because: &'static str,
) -> Result<usize> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Uuid)]
        user_id: UserId,
        #[diesel(sql_type = sql::Uuid)]
        practice_id: PracticeId,
        #[diesel(sql_type = sql::Text)]
        role: String,
    }
    let action = if opted_out { "phone.optedOut" } else { "phone.optedIn" };
    conn.transaction(async |conn| {
        let lookup = Digester::find(conn, keyring).await?.digest(LOOKUP, &[number.as_bytes()]);
        let people: Vec<Row> = crate::db::statement(
            "UPDATE contact_points c SET opted_out_at = CASE WHEN $2 THEN now() END FROM users u
            WHERE c.channel = 'sms' AND c.lookup = $1 AND (c.opted_out_at IS NULL) = $2 AND u.id = c.user_id
            RETURNING c.user_id, u.practice_id, u.role",
        )
        .bind::<sql::Bytea, _>(lookup)
        .bind::<sql::Bool, _>(opted_out)
        .load(conn)
        .await?;
        let hub = Actor::hub();
        for person in &people {
            let event = Event::new(&hub, action).in_practice(person.practice_id).on("user", person.user_id);
            let event = event.with(json!({"because": because}));
            let event = if person.role == "client" { event.of_client(person.user_id) } else { event };
            audit::record(conn, event).await?;
        }
        Ok(people.len())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_known_however_they_are_written_and_only_alone() {
        for text in ["STOP", " stop. ", "Stop!", "stop all", "opt-out", "Cancel"] {
            assert_eq!(Word::read(text), Some((Word::Stop, "en")), "{text}");
        }
        for text in ["ALTO", "alto", "\u{a1}Baja!", "Cancelar"] {
            assert_eq!(Word::read(text), Some((Word::Stop, "es")), "{text}");
        }
        for text in ["s\u{ed}", "Si\u{301}", "Empezar"] {
            assert_eq!(Word::read(text), Some((Word::Start, "es")), "{text}");
        }
        assert_eq!(Word::read("UNSTOP"), Some((Word::Start, "en")));
        assert_eq!(Word::read("Help?"), Some((Word::Help, "en")));
        assert_eq!(Word::read("informaci\u{f3}n"), Some((Word::Help, "es")));
        for text in ["", "please stop hurting me", "I want it to end", "stopp", "help me", "no", "\u{1f6d1}"] {
            assert_eq!(Word::read(text), None, "{text}");
        }
    }
}
