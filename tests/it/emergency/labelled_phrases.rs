//! How well crisis phrases are recognised, on labelled sentences. The development part is what the lists were tuned on;
//! the held-out part never is. Recall and precision must not fall below what `docs/emergency-phrases.md` states.

use carehub::emergency::phrases::Detector;

const PARTS: [(&str, &str); 4] = [
    ("English, development", include_str!("phrases/en-development.txt")),
    ("English, held out", include_str!("phrases/en-held-out.txt")),
    ("Spanish, development", include_str!("phrases/es-development.txt")),
    ("Spanish, held out", include_str!("phrases/es-held-out.txt")),
];

/// Counts of sentences, and what was measured on them in hundredths, rounded down.
#[derive(PartialEq, Eq, Debug)]
struct Measured {
    emergencies: usize,
    others: usize,
    recall: usize,
    precision: usize,
    /// Recall where danger is said outright.
    outright: usize,
    /// Recall where it is hinted at.
    hinted: Option<usize>,
}

/// What a sentence is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Label {
    Outright,
    Hinted,
    NoEmergency,
}

fn sentences(part: &str) -> Vec<(String, Label)> {
    let lines = part.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let sentence = |line: &str| {
        let (label, text) = line.split_once(' ').unwrap();
        let label = match label {
            "+" => Label::Outright,
            "~" => Label::Hinted,
            "-" => Label::NoEmergency,
            _ => panic!("no label: {line}"),
        };
        (text.replace('|', "\n"), label)
    };
    lines.map(sentence).collect()
}

fn measure(part: &str) -> (Measured, Vec<String>) {
    let (detector, sentences) = (Detector::built_in(), sentences(part));
    let found: Vec<bool> = sentences.iter().map(|(text, _)| detector.look(text).is_some()).collect();
    let share = |fits: &dyn Fn(Label) -> bool| {
        let all: Vec<bool> =
            sentences.iter().zip(&found).filter(|((_, label), _)| fits(*label)).map(|(_, found)| *found).collect();
        (all.iter().filter(|found| **found).count(), all.len())
    };
    let hundredths = |(some, all): (usize, usize)| (some * 100).checked_div(all);
    let (right, emergencies) = share(&|label| label != Label::NoEmergency);
    let (wrong, others) = share(&|label| label == Label::NoEmergency);
    let failed = sentences.iter().zip(&found).filter(|((_, label), found)| (*label != Label::NoEmergency) != **found);
    let measured = Measured {
        emergencies,
        others,
        recall: hundredths((right, emergencies)).unwrap(),
        precision: hundredths((right, right + wrong)).unwrap(),
        outright: hundredths(share(&|label| label == Label::Outright)).unwrap(),
        hinted: hundredths(share(&|label| label == Label::Hinted)),
    };
    (measured, failed.map(|((text, label), _)| format!("{label:?}: {text}")).collect())
}

/// The row of a part in the document: its figures.
fn stated(part: &str) -> Measured {
    let document = include_str!("../../../docs/emergency-phrases.md");
    let row = document.lines().find(|line| line.starts_with(&format!("| {part} |"))).unwrap();
    let figures: Vec<usize> =
        row.split('|').filter_map(|cell| cell.trim().trim_end_matches(" %").parse().ok()).collect();
    let [emergencies, others, recall, precision, outright, ref rest @ ..] = figures[..] else {
        panic!("too few figures: {row}")
    };
    Measured { emergencies, others, recall, precision, outright, hinted: rest.first().copied() }
}

#[test]
fn recall_and_precision_are_at_least_what_is_stated() {
    for (part, text) in PARTS {
        let (measured, failed) = measure(text);
        let stated = stated(part);
        assert_eq!((measured.emergencies, measured.others), (stated.emergencies, stated.others), "{part}");
        assert!(
            measured.recall >= stated.recall
                && measured.precision >= stated.precision
                && measured.outright >= stated.outright
                && measured.hinted >= stated.hinted,
            "{part}: {measured:?}, stated {stated:?}\n{}",
            failed.join("\n")
        );
    }
}

#[test]
fn no_held_out_sentence_was_tuned_on() {
    for [development, held_out] in [[PARTS[0].1, PARTS[1].1], [PARTS[2].1, PARTS[3].1]] {
        let seen: Vec<String> = sentences(development).into_iter().map(|(text, _)| text.to_lowercase()).collect();
        for (text, _) in sentences(held_out) {
            assert!(!seen.contains(&text.to_lowercase()), "stands in both parts: {text}");
        }
    }
}

#[test]
fn a_finding_names_the_phrase_the_language_and_the_version_of_the_list() {
    let finding = Detector::built_in().look("Quiero matarme").unwrap();
    assert_eq!((&*finding.phrase_id, &*finding.language), ("es-matarme", "es"));
    assert!(finding.list_version.starts_with("2026-"));
    assert!(Detector::why(&finding.phrase_id).is_some());
    let own = Detector::with_own(7, &[("a".into(), "the purple door".into())]).unwrap();
    let finding = own.look("Tonight I’ll go through the PURPLE door.").unwrap();
    assert_eq!((&*finding.phrase_id, &*finding.language, &*finding.list_version), ("a", "any", "practice-7"));
    assert!(own.look("I would never go through the purple doors").is_none(), "whole words");
    assert!(own.look("i want to die").is_some(), "the lists of the program cannot be switched off");
}
