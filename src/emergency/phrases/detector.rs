//! Looks at a text for crisis phrases: normalise once, search once, then ask what stands around each phrase. Its time
//! grows with the text alone.

use super::{
    context::{Found, Meaning},
    list::{Around, List},
    normal::Normaliser,
    pattern::{self, Pattern, Sets},
    search::{Builder, Search},
};
use serde::Serialize;
use std::sync::{Arc, LazyLock};
use utoipa::ToSchema;

/// That a text holds a crisis phrase: which, never where or in what words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CrisisPhraseFinding)]
pub struct Finding {
    /// The phrase's id in its list.
    #[schema(value_type = String)]
    pub phrase_id: Arc<str>,
    /// The list's language; `any` for phrases of a practice's own.
    #[schema(value_type = String)]
    pub language: Arc<str>,
    #[schema(value_type = String)]
    pub list_version: Arc<str>,
}

/// A phrase of the program's lists.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ListedCrisisPhrase)]
pub struct Listed {
    #[serde(flatten)]
    pub finding: Finding,
    /// Why it is on the list.
    pub why: String,
}

/// Looks at texts. Cheap to clone.
#[derive(Clone)]
pub struct Detector {
    lists: Arc<Lists>,
    /// What a practice adds.
    own: Option<Arc<Phrases>>,
}

/// The lists of the program, ready for searching.
struct Lists {
    normaliser: Normaliser,
    phrases: Phrases,
    listed: Vec<Listed>,
}

struct Phrases {
    search: Search,
    findings: Vec<Finding>,
}

static LISTS: LazyLock<Arc<Lists>> = LazyLock::new(|| Arc::new(Lists::read().expect("a test reads the lists")));

impl Detector {
    /// With the lists of the program alone. The first call reads them.
    pub fn built_in() -> Self {
        Self { lists: LISTS.clone(), own: None }
    }

    /// With the practice's own phrases, too: id and words of each.
    ///
    /// # Errors
    /// When one of them has no words.
    pub fn with_own(version: i32, phrases: &[(String, String)]) -> Result<Self, String> {
        let lists = LISTS.clone();
        let (language, list_version): (Arc<str>, Arc<str>) = ("any".into(), format!("practice-{version}").into());
        let (mut search, mut findings) = (Builder::default(), Vec::new());
        for (id, words) in phrases {
            let meaning = Meaning::Phrase { number: findings.len(), past: false };
            search.add(&Pattern::Words(words.clone()), meaning, &lists.normaliser)?;
            let (language, list_version) = (language.clone(), list_version.clone());
            findings.push(Finding { phrase_id: id.as_str().into(), language, list_version });
        }
        Ok(Self { lists, own: Some(Arc::new(Phrases { search: search.finish(), findings })) })
    }

    /// Looks whether `text` tells of danger. Microseconds for a message, and never more than time in proportion to it.
    pub fn look(&self, text: &str) -> Option<Finding> {
        let normal = self.lists.normaliser.normal(text);
        let mut found = Found::default();
        self.lists.phrases.search.run(&normal, |meaning, first, end| found.note(&normal, meaning, first, end));
        let listed = self.lists.phrases.findings.len();
        if let Some(own) = &self.own {
            own.search.run(&normal, |meaning, first, end| found.note(&normal, meaning.after(listed), first, end));
        }
        let number = found.first(&normal)?;
        match number.checked_sub(listed) {
            None => self.lists.phrases.findings.get(number).cloned(),
            Some(number) => self.own.as_ref()?.findings.get(number).cloned(),
        }
    }

    /// All phrases of the program's lists.
    pub fn listed() -> &'static [Listed] {
        &LISTS.listed
    }

    /// Why a phrase of the program's lists is there.
    pub fn why(phrase_id: &str) -> Option<&'static str> {
        Self::listed().iter().find(|listed| &*listed.finding.phrase_id == phrase_id).map(|listed| listed.why.as_str())
    }

    /// The words of a phrase as they are compared; nothing is left of one that has no words.
    pub fn normal_phrase(words: &str) -> String {
        LISTS.normaliser.phrase(words)
    }
}

impl Lists {
    fn read() -> Result<Self, String> {
        let lists = List::all()?;
        let normaliser = normaliser(&lists);
        let (mut search, mut listed) = (Builder::default(), Vec::<Listed>::new());
        for list in &lists {
            let sets = list.sets()?;
            let (language, list_version): (Arc<str>, Arc<str>) =
                (list.language.as_str().into(), list.version.as_str().into());
            for phrase in &list.phrase {
                let meaning = Meaning::Phrase { number: listed.len(), past: phrase.past };
                add(&mut search, &phrase.say, meaning, &sets, &normaliser)?;
                let (language, list_version) = (language.clone(), list_version.clone());
                let finding = Finding { phrase_id: phrase.id.as_str().into(), language, list_version };
                listed.push(Listed { finding, why: phrase.why.clone() });
            }
            add_around(&mut search, &list.around, &sets, &normaliser)?;
        }
        let findings = listed.iter().map(|listed| listed.finding.clone()).collect();
        Ok(Self { normaliser, phrases: Phrases { search: search.finish(), findings }, listed })
    }
}

fn normaliser(lists: &[List]) -> Normaliser {
    let mut normaliser = Normaliser::default();
    for list in lists {
        list.weight.split_whitespace().for_each(|word| normaliser.leave_out(word));
        list.disguised.split_whitespace().for_each(|word| normaliser.look_behind(word));
        for (meant, words) in &list.meant {
            words.split_whitespace().for_each(|word| normaliser.read_as(word, meant));
        }
    }
    normaliser
}

fn add(
    search: &mut Builder,
    lines: &[String],
    meaning: Meaning,
    sets: &Sets,
    normaliser: &Normaliser,
) -> Result<(), String> {
    for line in lines {
        let pattern = pattern::read(line, sets)?;
        search.add(&pattern, meaning, normaliser).map_err(|error| format!("{line:?} {error}"))?;
    }
    Ok(())
}

fn add_around(search: &mut Builder, around: &Around, sets: &Sets, normaliser: &Normaliser) -> Result<(), String> {
    let Around { negation, unless, others, formerly, past, ago, recent, said, idiom } = around;
    for (lines, meaning) in [
        (negation, Meaning::Negation),
        (unless, Meaning::Unless),
        (others, Meaning::Others),
        (formerly, Meaning::Formerly),
        (past, Meaning::Past),
        (ago, Meaning::Ago),
        (recent, Meaning::Recent),
        (said, Meaning::Said),
        (idiom, Meaning::Idiom),
    ] {
        add(search, lines, meaning, sets, normaliser)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lists_can_be_read() {
        let lists = Lists::read().unwrap();
        assert!(lists.phrases.findings.len() > 30);
        let mut ids: Vec<&str> = lists.phrases.findings.iter().map(|finding| &*finding.phrase_id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), lists.phrases.findings.len(), "an id stands there twice");
    }
}
