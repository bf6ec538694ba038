//! What a line of a list stands for: `(a|b)` is one of them, `[a|b]` one of them or nothing, `@name` one of a named set.
//! Unfolded once, when the lists are read; never while a message waits.

use std::{collections::HashMap, iter::Peekable, str::Chars};

/// More wordings of one line are a slip.
const MOST: usize = 4_000;

/// Named sets, unfolded.
pub type Sets = HashMap<String, Vec<String>>;

/// All wordings of a line.
///
/// # Errors
/// What is wrong with it, in words.
pub fn unfold(line: &str, sets: &Sets) -> Result<Vec<String>, String> {
    let mut rest = line.chars().peekable();
    let wordings = alternatives(&mut rest, None, sets).map_err(|error| format!("{line:?}: {error}"))?;
    Ok(wordings)
}

/// Reads up to `end`: what stands between the bars, each unfolded.
fn alternatives(rest: &mut Peekable<Chars<'_>>, end: Option<char>, sets: &Sets) -> Result<Vec<String>, String> {
    let (mut done, mut current) = (Vec::new(), vec![String::new()]);
    loop {
        let next = rest.next();
        match next {
            _ if next == end => {
                done.append(&mut current);
                return Ok(done);
            }
            None => return Err("a bracket is not closed".into()),
            Some('|') if end.is_some() => done.append(&mut std::mem::replace(&mut current, vec![String::new()])),
            Some('(') => current = each(&current, &alternatives(rest, Some(')'), sets)?)?,
            Some('[') => {
                let mut inside = alternatives(rest, Some(']'), sets)?;
                inside.push(String::new());
                current = each(&current, &inside)?;
            }
            Some('@') => {
                let mut name = String::new();
                while let Some(c) = rest.next_if(|c| c.is_ascii_alphanumeric()) {
                    name.push(c);
                }
                let set = sets.get(&name).ok_or_else(|| format!("there is no set @{name}"))?;
                current = each(&current, set)?;
            }
            Some(c @ (')' | ']' | '|')) => return Err(format!("{c:?} has no beginning")),
            Some(c) => current.iter_mut().for_each(|wording| wording.push(c)),
        }
    }
}

fn each(firsts: &[String], seconds: &[String]) -> Result<Vec<String>, String> {
    if firsts.len() * seconds.len() > MOST {
        return Err(format!("stands for more than {MOST} wordings"));
    }
    Ok(firsts.iter().flat_map(|first| seconds.iter().map(move |second| format!("{first}{second}"))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stands_for_all_its_wordings() {
        let sets = Sets::from([("self".to_owned(), vec!["myself".to_owned(), "my self".to_owned()])]);
        let found = unfold("(kill|hang) @self[ now]", &sets).unwrap();
        assert_eq!(found.len(), 8);
        assert!(found.contains(&"hang my self now".to_owned()) && found.contains(&"kill myself".to_owned()));
    }

    #[test]
    fn a_slip_in_a_line_is_told() {
        for line in ["(a|b", "a)", "a|b", "@nobody", "[a"] {
            assert!(unfold(line, &Sets::new()).is_err(), "{line}");
        }
        assert!(unfold(&"(a|b)".repeat(20), &Sets::new()).unwrap_err().contains("more than"));
    }
}
