//! Looks at a text for crisis phrases. One search for all wordings of all languages at once (Aho-Corasick), so that its
//! time grows with the text alone, not with the lists, and no text can make it slow.

use super::{
    context::{Found, Meaning},
    list::{Around, List},
    normal::{Normal, Normaliser},
    pattern::{self, Sets},
};
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use serde::Serialize;
use std::sync::{Arc, LazyLock};

/// That a text holds a crisis phrase: which, never where or in what words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The phrase's id in its list.
    pub phrase_id: Arc<str>,
    /// The list's language; `any` for phrases of a practice's own.
    pub language: Arc<str>,
    pub list_version: Arc<str>,
}

/// Looks at texts. Cheap to clone.
#[derive(Clone)]
pub struct Detector {
    lists: Arc<Lists>,
    /// What a practice adds.
    own: Option<Arc<Search>>,
}

/// The lists of the program, ready for searching.
struct Lists {
    normaliser: Normaliser,
    search: Search,
}

/// Wordings, and what each means.
struct Search {
    automaton: AhoCorasick,
    meanings: Vec<Meaning>,
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
    /// When they cannot be searched for, which is told in words.
    pub fn with_own(version: i32, phrases: &[(String, String)]) -> Result<Self, String> {
        let lists = LISTS.clone();
        let (language, list_version): (Arc<str>, Arc<str>) = ("any".into(), format!("practice-{version}").into());
        let mut wordings = Wordings::default();
        for (id, words) in phrases {
            let (language, list_version) = (language.clone(), list_version.clone());
            let finding = Finding { phrase_id: id.as_str().into(), language, list_version };
            wordings.phrase(finding, false, std::iter::once(words.as_str()), &lists.normaliser);
        }
        Ok(Self { lists, own: Some(Arc::new(wordings.search()?)) })
    }

    /// Looks whether `text` tells of danger. Microseconds for a message, and never more than time in proportion to it.
    pub fn look(&self, text: &str) -> Option<Finding> {
        let normal = self.lists.normaliser.normal(text);
        let mut found = Found::default();
        self.lists.search.note(&normal, 0, &mut found);
        let listed = self.lists.search.findings.len();
        if let Some(own) = &self.own {
            own.note(&normal, listed, &mut found);
        }
        let number = found.first(&normal)?;
        match number.checked_sub(listed) {
            None => self.lists.search.findings.get(number).cloned(),
            Some(number) => self.own.as_ref()?.findings.get(number).cloned(),
        }
    }

    /// The versions of the program's lists, by language.
    pub fn versions() -> Vec<(Arc<str>, Arc<str>)> {
        let mut versions: Vec<_> =
            LISTS.search.findings.iter().map(|finding| (finding.language.clone(), finding.list_version.clone())).collect();
        versions.dedup();
        versions
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
        let mut wordings = Wordings::default();
        for list in &lists {
            let sets = list.sets()?;
            let (language, list_version): (Arc<str>, Arc<str>) =
                (list.language.as_str().into(), list.version.as_str().into());
            for phrase in &list.phrase {
                let (language, list_version) = (language.clone(), list_version.clone());
                let finding = Finding { phrase_id: phrase.id.as_str().into(), language, list_version };
                let unfolded = unfold(&phrase.say, &sets)?;
                wordings.phrase(finding, phrase.past, unfolded.iter().map(String::as_str), &normaliser);
            }
            wordings.around(&list.around, &sets, &normaliser)?;
        }
        Ok(Self { normaliser, search: wordings.search()? })
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

fn unfold(lines: &[String], sets: &Sets) -> Result<Vec<String>, String> {
    let unfolded: Result<Vec<_>, _> = lines.iter().map(|line| pattern::unfold(line, sets)).collect();
    Ok(unfolded?.concat())
}

/// Wordings that are being collected.
#[derive(Default)]
struct Wordings {
    words: Vec<String>,
    meanings: Vec<Meaning>,
    findings: Vec<Finding>,
}

impl Wordings {
    fn phrase<'a>(
        &mut self,
        finding: Finding,
        past: bool,
        wordings: impl Iterator<Item = &'a str>,
        normaliser: &Normaliser,
    ) {
        let number = self.findings.len();
        self.findings.push(finding);
        wordings.for_each(|wording| self.add(wording, Meaning::Phrase { number, past }, normaliser));
    }

    fn around(&mut self, around: &Around, sets: &Sets, normaliser: &Normaliser) -> Result<(), String> {
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
            unfold(lines, sets)?.iter().for_each(|wording| self.add(wording, meaning, normaliser));
        }
        Ok(())
    }

    /// A wording as it is compared: whole words, and where it says so only at the beginning or the end of a message.
    fn add(&mut self, wording: &str, meaning: Meaning, normaliser: &Normaliser) {
        let (wording, begins) = wording.trim().strip_prefix('^').map_or((wording, ""), |rest| (rest, "^ "));
        let (wording, ends) = wording.trim().strip_suffix('$').map_or((wording, ""), |rest| (rest, " $"));
        let words = normaliser.phrase(wording);
        if !words.is_empty() {
            self.words.push(format!(" {begins}{words}{ends} "));
            self.meanings.push(meaning);
        }
    }

    fn search(self) -> Result<Search, String> {
        let Self { words, meanings, findings } = self;
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&words)
            .map_err(|error| error.to_string())?;
        Ok(Search { automaton, meanings, findings })
    }
}

impl Search {
    /// Notes all that occurs; `first` is the number of its first phrase.
    fn note(&self, normal: &Normal, first: usize, found: &mut Found) {
        for wording in self.automaton.find_overlapping_iter(&normal.text) {
            let meaning = match self.meanings[wording.pattern().as_usize()] {
                Meaning::Phrase { number, past } => Meaning::Phrase { number: number + first, past },
                other => other,
            };
            // Without the space on either side.
            found.note(meaning, wording.start() + 1, wording.end() - 1);
        }
    }
}
