//! What the documents say is what the code does.

use carehub::config::keys;

#[test]
fn every_setting_is_documented_as_the_code_has_it() {
    let rows: Vec<String> = keys::ALL
        .iter()
        .map(|key| {
            let default = key.default.map_or("–".to_owned(), |value| format!("`{value}`"));
            let secret = if key.secret { " (secret)" } else { "" };
            format!("| `{}` | {default} | {}{secret} |", key.name, key.meaning)
        })
        .collect();
    let document = include_str!("../../docs/configuration.md");
    let written: Vec<&str> = document.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(written, rows, "docs/configuration.md differs from src/config/keys.rs");
}

/// The text of all sources below these folders.
fn sources(folders: &[&str]) -> String {
    fn read(folder: &std::path::Path, found: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, found);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                found.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut found = String::new();
    for folder in folders {
        read(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    }
    found
}

#[test]
fn every_limit_that_is_written_down_has_its_test() {
    let tests = sources(&["tests/it", "src"]);
    let rows: Vec<&str> = include_str!("../../docs/limits.md").lines().filter(|line| line.starts_with("| ")).collect();
    assert!(rows.len() > 12);
    for row in rows.iter().skip(2) {
        let name = row.trim_end_matches(" |").rsplit('|').next().unwrap().trim().trim_matches('`');
        assert!(tests.contains(&format!("fn {name}()")), "no test of {row}");
    }
}

#[test]
fn every_promise_of_security_names_tests_that_there_are() {
    // How many lines each section has, and which of them are about something that is not built.
    const LINES: [(char, usize, &[usize]); 9] = [
        ('A', 12, &[]),
        ('S', 9, &[]),
        ('Z', 9, &[]),
        ('B', 7, &[]),
        ('I', 10, &[7]),
        ('C', 8, &[]),
        ('L', 6, &[]),
        ('X', 4, &[]),
        ('O', 6, &[]),
    ];
    let expected: Vec<String> = LINES
        .iter()
        .flat_map(|(section, last, later)| {
            (1..=*last).filter(|line| !later.contains(line)).map(move |line| format!("{section}{line}"))
        })
        .collect();
    let tests = sources(&["tests/it", "src"]);
    let table = include_str!("../../docs/security.md").lines().filter(|line| line.starts_with("| ")).skip(2);
    let mut lines = Vec::new();
    for row in table {
        let [line, _, named, _] = row.trim_matches('|').split(" | ").collect::<Vec<_>>()[..] else {
            panic!("not four columns: {row}")
        };
        let mut named = named.split(", ").map(|name| name.trim().trim_matches('`')).peekable();
        assert!(named.peek().is_some_and(|name| !name.is_empty()), "{line} names no test");
        for name in named {
            assert!(tests.contains(&format!("fn {name}()")), "{line}: there is no test {name}");
        }
        lines.push(line.trim().to_owned());
    }
    assert_eq!(lines, expected);
}
