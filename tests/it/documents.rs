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
