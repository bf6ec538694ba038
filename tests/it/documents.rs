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

#[test]
fn every_limit_that_is_written_down_has_its_test() {
    fn tests_in(folder: &std::path::Path, found: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                tests_in(&path, found);
            } else {
                found.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut tests = String::new();
    tests_in(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it"), &mut tests);
    let rows: Vec<&str> = include_str!("../../docs/limits.md").lines().filter(|line| line.starts_with("| ")).collect();
    assert!(rows.len() > 12);
    for row in rows.iter().skip(2) {
        let name = row.trim_end_matches(" |").rsplit('|').next().unwrap().trim().trim_matches('`');
        assert!(tests.contains(&format!("fn {name}()")), "no test of {row}");
    }
}
