//! The direction of imports. A part may import only parts that stand before it; see `docs/ARCHITECTURE.md`.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The parts, lowest first. Parts on one line may import each other.
const ORDER: &[&[&str]] = &[
    &["ids", "clock", "config", "language", "pulse"],
    &["crypto", "telemetry", "egress"],
    &["schema", "db"],
    &["epoch", "predecessor"],
    &["audit"],
    &["pdf"],
    &["error", "problem"],
    &["keys"],
    &["objects"],
    &["audit/chain"],
    &["notify"],
    &["notices"],
    &["accounts", "threads"],
    &["documents"],
    &["emergency"],
    &["assessments"],
    &["appointments", "forms"],
    &["billing"],
    &["privacy"],
    &["hub/wire"],
    &["hub/event"],
    &["hub/journal", "hub/reader", "hub/roster", "hub/presence", "hub/trail"],
    &["hub/mailbox"],
    &["hub/directory"],
    &["hub/session"],
    &["hub/socket"],
    &["hub/handle"],
    &["watch", "emergency/engine", "emergency/herald", "emergency/watchdog"],
    &["app"],
    &["http"],
    &[
        "accounts/http",
        "appointments/http",
        "assessments/http",
        "audit/http",
        "billing/http",
        "threads/http",
        "documents/http",
        "privacy/http",
        "hub/http",
        "emergency/http",
        "notify/http",
        "forms/http",
        "notices/http",
    ],
    &["pages"],
    &["routes"],
    &["server", "lifecycle"],
    &["dev"],
    &["cli"],
];

/// Reached through the folder's front door: these re-export what lies within.
const FRONT_DOORS: &[(&str, &str)] = &[
    ("hub", "hub/http"),
    ("hub::Hub", "hub/handle"),
    ("hub::Presence", "hub/presence"),
    ("hub::NewMessage", "hub/event"),
    ("hub::PostError", "hub/event"),
    ("hub::Posted", "hub/event"),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The part that a path such as `hub/mailbox/actor.rs` or `hub::mailbox::At` belongs to: the longest that fits.
fn part(path: &str) -> Option<&'static str> {
    let fits =
        |part: &&&str| path == **part || path.strip_prefix(**part).is_some_and(|rest| rest.starts_with(['/', '.']));
    ORDER.iter().copied().flatten().filter(fits).max_by_key(|part| part.len()).copied()
}

fn rank(part: &str) -> usize {
    ORDER.iter().position(|parts| parts.contains(&part)).unwrap()
}

/// All paths that follow `crate::` in a text, braces unfolded.
fn imports(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        if !text[..at].ends_with("pub(in ") {
            unfold("", &text[at + "crate::".len()..], &mut found);
        }
    }
    found
}

fn unfold(prefix: &str, text: &str, found: &mut Vec<String>) {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(text.len());
    let path = format!("{prefix}{}", &text[..end]);
    let Some(inside) = text[end..].strip_prefix('{') else {
        found.push(path);
        return;
    };
    let (mut depth, mut from) = (0, 0);
    for (at, c) in inside.char_indices() {
        match c {
            '{' => depth += 1,
            ',' | '}' if depth == 0 => {
                let item = inside[from..at].trim();
                if !item.is_empty() {
                    unfold(&path, item, found);
                }
                from = at + 1;
                if c == '}' {
                    return;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
}

#[test]
fn no_import_runs_against_the_direction() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let (mut wrong, mut judged) = (Vec::new(), 0);
    for file in files {
        let name = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let Some(from) = part(&name) else {
            assert!(matches!(name.as_str(), "lib.rs" | "main.rs" | "hub/mod.rs"), "{name} has no place in the order");
            continue;
        };
        // Tests within a file may look anywhere.
        let text = fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for import in imports(text) {
            let door = FRONT_DOORS.iter().find(|(door, _)| import == *door).map(|(_, part)| *part);
            let path = import.replace("::", "/");
            let Some(to) = door.or_else(|| part(&path)) else {
                panic!("{name}: crate::{import} has no place in the order")
            };
            judged += 1;
            if rank(to) > rank(from) {
                wrong.push(format!("{name} imports crate::{import}"));
            }
        }
    }
    assert!(judged > 100, "only {judged} imports were found");
    assert!(wrong.is_empty(), "against the direction:\n{}", wrong.join("\n"));
}

#[test]
fn an_import_in_braces_is_found() {
    let found = imports("use crate::{a::{b, c::D}, e};\nlet x = crate::f::g();");
    assert_eq!(found, ["a::b", "a::c::D", "e", "f::g"]);
}

#[test]
fn the_session_and_the_mailbox_know_no_sql() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/hub");
    for folder in ["session", "mailbox", "socket"] {
        let mut files = Vec::new();
        sources(&root.join(folder), &mut files);
        for file in files {
            assert!(!fs::read_to_string(&file).unwrap().contains("diesel"), "{} knows diesel", file.display());
        }
    }
}

#[test]
fn every_page_is_guarded_against_its_own_panic() {
    let pages = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pages/mod.rs")).unwrap();
    let routes = &pages[pages.find("pub fn configure").unwrap()..];
    let (bare, guarded) = (["web::get()", "web::post()", ".to("], ["shown(", "sent("]);
    for way in bare {
        assert!(!routes.contains(way), "a page is added with {way}: use shown() or sent()");
    }
    assert!(guarded.iter().map(|way| routes.matches(way).count()).sum::<usize>() > 25);
}
