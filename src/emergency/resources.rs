//! Crisis resources: where a client in danger finds help at once, by practice and language, and the words with which a
//! thread says so. Never empty: where a practice has set nothing, the lines of the United States are named. Reads no
//! store; [`super::crisis`] does.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One place to turn to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CrisisResource)]
pub struct Resource {
    /// Such as `988 Suicide & Crisis Lifeline`.
    pub name: String,
    /// How to get there, such as `Call or text 988`.
    pub contact: String,
}

/// What a practice names, by language (ISO 639-1).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(as = CrisisResources)]
pub struct Resources(pub BTreeMap<String, Vec<Resource>>);

/// The sentences around the resources.
struct Words {
    first: &'static str,
    told: &'static str,
}

const ENGLISH: Words = Words {
    first: "You do not have to wait for an answer here. Help is there now, day and night:",
    told: "Somebody at your practice is being called now. You will read here who has been told and who has it. If you are \
           in immediate danger, do not wait for us.",
};

const SPANISH: Words = Words {
    first: "No tiene que esperar una respuesta aquí. Hay ayuda ahora mismo, de día y de noche:",
    told: "Estamos llamando a alguien de su consultorio. Aquí leerá a quién hemos avisado y quién se ocupa. Si está en \
           peligro inmediato, no nos espere.",
};

/// The text of the notice that a client sees in the thread at once, in the client's language where there are words for
/// it, and in English otherwise.
pub fn notice(resources: &Resources, language: &str) -> String {
    let language = primary(language);
    let words = if language == "es" { SPANISH } else { ENGLISH };
    let lines: Vec<String> =
        resources.of(&language).iter().map(|Resource { name, contact }| format!("• {name}: {contact}")).collect();
    format!("{}\n{}\n{}", words.first, lines.join("\n"), words.told)
}

impl Resources {
    /// What is named to somebody of this language: the practice's own in it, or in another, English before all; the
    /// built-in ones only where the practice has none at all, because it may be in another country.
    pub fn of(&self, language: &str) -> Vec<Resource> {
        let language = primary(language);
        let mut own = [language.as_str(), "en"].into_iter().filter_map(|language| self.0.get(language));
        let own = own.find(|list| !list.is_empty()).or_else(|| self.0.values().find(|list| !list.is_empty()));
        own.cloned().unwrap_or_else(|| match built_in(&language) {
            list if list.is_empty() => built_in("en"),
            list => list,
        })
    }

    /// What is named in each language.
    pub fn effective(&self) -> BTreeMap<String, Vec<Resource>> {
        let languages = self.0.keys().map(String::as_str).chain(["en", "es"]);
        languages.map(|language| (language.to_owned(), self.of(language))).collect()
    }
}

/// The lines of the United States.
fn built_in(language: &str) -> Vec<Resource> {
    let list: &[(&str, &str)] = match language {
        "en" => &[
            ("988 Suicide & Crisis Lifeline", "call or text 988"),
            ("Emergency services", "call 911, or go to the nearest emergency room"),
        ],
        "es" => &[
            ("988 Línea de Prevención del Suicidio y Crisis", "llame al 988 y oprima 2, o envíe AYUDA al 988"),
            ("Servicios de emergencia", "llame al 911 o vaya a la sala de emergencias más cercana"),
        ],
        _ => &[],
    };
    list.iter().map(|(name, contact)| Resource { name: (*name).into(), contact: (*contact).into() }).collect()
}

fn primary(language: &str) -> String {
    language.split(['-', '_']).next().unwrap_or(language).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_is_named_somebody_to_turn_to_in_their_language_where_there_is_one() {
        for (language, expected) in
            [("en", "988"), ("es", "llame al 911"), ("es-MX", "llame al 988"), ("de", "911"), ("", "988")]
        {
            assert!(notice(&Resources::default(), language).contains(expected), "{language}");
        }
        let own = vec![Resource { name: "Samaritans".into(), contact: "116 123".into() }];
        let resources = Resources(BTreeMap::from([("en".into(), own), ("fr".into(), Vec::new())]));
        for language in ["en-GB", "fr", "pl"] {
            let text = notice(&resources, language);
            assert!(text.contains("Samaritans: 116 123") && !text.contains("988"), "{language}");
        }
        assert!(notice(&resources, "es").contains("Samaritans"), "where 116 123 is the number, 988 is not");
    }
}
