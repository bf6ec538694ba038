use std::{fs, path::Path};

/// Names of things that are secret, or stand for a secret.
const SECRETS: [&str; 8] = ["token", "secret", "password", "digest", "ticket", "cookie", "api_key", "ssn"];
/// What only looks like one: names, kinds and counts of them.
const NO_SECRETS: [&str; 4] = ["password_hash", "len()", "is_", "execute("];
/// The kernel's name of a socket.
const SOCKET_COOKIE: &str = "socket_cookie(fd)";

/// Two sides of a comparison, if the line is one.
fn compared(line: &str) -> Option<(&str, &str)> {
    let line = line.split("//").next().unwrap_or_default();
    line.split_once(" == ").or_else(|| line.split_once(" != "))
}

fn word_beside(text: &str, last: bool) -> &str {
    let part = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | '(' | ')' | '&' | '?'));
    let mut parts = text.trim().split(part).filter(|part| !part.is_empty());
    if last { parts.next_back().unwrap_or_default() } else { parts.next().unwrap_or_default() }
}

fn compares_a_secret(line: &str) -> bool {
    let Some((left, right)) = compared(line) else { return false };
    // What stands in the source is no secret.
    if left.ends_with('"') || right.starts_with('"') {
        return false;
    }
    let (left, right) = (word_beside(left, true), word_beside(right, false));
    let is_secret = |word: &str| {
        // A variant of an enum.
        if word.rsplit_once("::").is_some_and(|(_, name)| name.starts_with(char::is_uppercase)) {
            return false;
        }
        let word = word.to_lowercase();
        let harmless = NO_SECRETS.iter().any(|harmless| word.contains(harmless));
        word.contains("expose_secret") || !harmless && SECRETS.iter().any(|secret| word.contains(secret))
    };
    is_secret(left) || is_secret(right)
}

fn search(folder: &Path, found: &mut Vec<String>, lines: &mut usize) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            search(&path, found, lines);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            for (number, line) in text.split("#[cfg(test)]").next().unwrap_or_default().lines().enumerate() {
                *lines += 1;
                if compares_a_secret(line) && !line.contains(SOCKET_COOKIE) {
                    found.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
                }
            }
        }
    }
}

#[test]
fn no_secret_is_compared_byte_by_byte_until_the_first_difference() {
    for bad in [
        "if token == given {",
        "if presented.expose_secret() == stored.expose_secret() {",
        "a.digest != b.digest,",
        "given == self.cookie",
        "file.ssn_last4 == typed",
    ] {
        assert!(compares_a_secret(bad), "{bad}");
    }
    for good in ["if spent == 1 {", "kind == \"token\"", "// token == given", "a.password_hash != b.password_hash"] {
        assert!(!compares_a_secret(good), "{good}");
    }
    let (mut found, mut lines) = (Vec::new(), 0);
    search(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found, &mut lines);
    assert!(lines > 10_000, "only {lines} lines were read");
    let text = found.join("\n");
    assert!(found.is_empty(), "compare in constant time (aws_lc_rs::constant_time), or look up a digest:\n{text}");
}
