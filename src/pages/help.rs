//! What stands at the top of a client's pages: whom to turn to in danger, as their practice names it, in their language.
//! It comes with the page, so that it is there without a connection and without script; the emergency button and card
//! read it from there.

use crate::{
    app::Services,
    emergency::{
        numbers::{self, Number, Part},
        resources::Resource,
    },
    http::principal::Principal,
    language::is_spanish,
};
use askama::Template;

/// How many are shown on the smallest screens.
const ALWAYS: usize = 2;

/// The line of help.
#[derive(Template)]
#[template(path = "help.html")]
pub struct Help {
    words: &'static Words,
    resources: Vec<Named>,
}

struct Words {
    language: &'static str,
    region: &'static str,
    ask: &'static str,
    not_watched: &'static str,
}

const ENGLISH: Words = Words {
    language: "en",
    region: "Help in danger",
    ask: "In danger?",
    not_watched: "Messages here are not read around the clock.",
};

const SPANISH: Words = Words {
    language: "es",
    region: "Ayuda en peligro",
    ask: "¿En peligro?",
    not_watched: "Los mensajes de aquí no se leen a toda hora.",
};

/// Somewhere to turn to.
struct Named {
    name: String,
    pieces: Vec<Piece>,
    is_further: bool,
}

/// Of how to get there.
struct Piece {
    text: String,
    /// What a press on it does; none: it is words.
    href: Option<String>,
    /// Where the same number can be written to.
    writes: Option<String>,
    calls: bool,
}

impl Help {
    /// For this client.
    pub fn to(person: &Principal, services: &Services) -> Self {
        let language = &person.identity().language;
        Self::of(services.crisis.resources(person.practice_id, language), language)
    }

    fn of(resources: Vec<Resource>, language: &str) -> Self {
        let words = if is_spanish(language) { &SPANISH } else { &ENGLISH };
        let named = |(at, Resource { name, contact }): (usize, Resource)| Named {
            name,
            pieces: numbers::parts(contact.trim_end_matches('.')).into_iter().map(Piece::from).collect(),
            is_further: at >= ALWAYS,
        };
        Self { words, resources: resources.into_iter().enumerate().map(named).collect() }
    }
}

impl From<Part<'_>> for Piece {
    fn from(part: Part<'_>) -> Self {
        let Number { shown, dialled, calls, texts } = match part {
            Part::Words(words) => return Self { text: words.to_owned(), href: None, writes: None, calls: false },
            Part::Number(number) => number,
        };
        let writes = texts.map(|keyword| match keyword {
            Some(word) => format!(
                "sms:{dialled}?{}",
                url::form_urlencoded::Serializer::new(String::new()).append_pair("body", word).finish()
            ),
            None => format!("sms:{dialled}"),
        });
        let href = if calls { format!("tel:{dialled}") } else { writes.clone().unwrap_or_default() };
        Self { text: shown.to_owned(), href: Some(href), writes, calls }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emergency::resources::Resources;
    use std::collections::BTreeMap;

    fn html(resources: &Resources, language: &str) -> String {
        Help::of(resources.of(language), language).render().unwrap()
    }

    #[test]
    fn what_the_practice_names_can_be_pressed_and_nothing_else_is_named() {
        let own = Resource {
            name: "Crisis team <b>of Elm County</b>".into(),
            contact: "call or text +1 512 555 0100.".into(),
        };
        let resources = Resources(BTreeMap::from([("en".into(), vec![own])]));
        let html = html(&resources, "en-US");
        assert!(html.contains("href=\"tel:+15125550100\""), "{html}");
        assert!(html.contains("data-writes=\"sms:+15125550100\""), "{html}");
        assert!(!html.contains("988") && !html.contains("911") && !html.contains("<b>"), "{html}");
    }

    #[test]
    fn where_it_names_nothing_the_built_in_ones_stand_there_in_the_clients_language() {
        let english = html(&Resources::default(), "de");
        assert!(
            english.contains("In danger?")
                && english.contains("href=\"tel:988\"")
                && english.contains("href=\"tel:911\"")
        );
        let spanish = html(&Resources::default(), "es-MX");
        assert!(spanish.contains("lang=\"es\"") && spanish.contains("data-writes=\"sms:988?body=AYUDA\""), "{spanish}");
    }
}
