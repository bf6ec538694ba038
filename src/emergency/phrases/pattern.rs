//! What a line of a list says: words, `(a|b)` one of them, `[a|b]` one of them or nothing, `@name` one of a named set,
//! `~` up to three words of any kind, `^` and `$` where the message begins and ends. Read once, when the lists are; never while a message waits.

use std::{collections::HashMap, iter::Peekable, str::Chars};

/// More brackets within each other are a slip.
const DEEPEST: usize = 8;

/// A line, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Pattern {
    /// Words as they are written; none, too.
    Words(String),
    /// Where the message begins.
    Begin,
    /// Where it ends.
    End,
    /// Up to three words of any kind.
    Gap,
    /// One after the other.
    All(Vec<Pattern>),
    /// One of them.
    Any(Vec<Pattern>),
}

/// Named sets.
pub type Sets = HashMap<String, Pattern>;

/// Reads a line.
///
/// # Errors
/// What is wrong with it, in words.
pub fn read(line: &str, sets: &Sets) -> Result<Pattern, String> {
    let mut reader = Reader { rest: line.chars().peekable(), sets };
    reader.alternatives(None, 0).map_err(|error| format!("{line:?}: {error}"))
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    sets: &'a Sets,
}

impl Reader<'_> {
    /// Reads up to `end`: what stands between the bars.
    fn alternatives(&mut self, end: Option<char>, depth: usize) -> Result<Pattern, String> {
        if depth > DEEPEST {
            return Err("too many brackets within each other".into());
        }
        let (mut alternatives, mut parts, mut words) = (Vec::new(), Vec::new(), String::new());
        loop {
            let next = self.rest.next();
            if let Some(c) = next
                && !matches!(c, '|' | '(' | '[' | ')' | ']' | '@' | '^' | '$' | '~')
            {
                words.push(c);
                continue;
            }
            parts.push(Pattern::Words(std::mem::take(&mut words)));
            match next {
                _ if next == end => {
                    alternatives.push(Pattern::All(parts));
                    return Ok(Pattern::Any(alternatives));
                }
                Some('|') if end.is_some() => alternatives.push(Pattern::All(std::mem::take(&mut parts))),
                Some('(') => parts.push(self.alternatives(Some(')'), depth + 1)?),
                Some('[') => {
                    let inside = self.alternatives(Some(']'), depth + 1)?;
                    parts.push(Pattern::Any(vec![inside, Pattern::Words(String::new())]));
                }
                Some('@') => parts.push(self.set()?),
                Some('~') => parts.push(Pattern::Gap),
                Some('^') => parts.push(Pattern::Begin),
                Some('$') => parts.push(Pattern::End),
                Some(c) => return Err(format!("{c:?} has no beginning")),
                None => return Err("a bracket is not closed".into()),
            }
        }
    }

    fn set(&mut self) -> Result<Pattern, String> {
        let mut name = String::new();
        while let Some(c) = self.rest.next_if(|c| c.is_ascii_alphanumeric()) {
            name.push(c);
        }
        self.sets.get(&name).cloned().ok_or_else(|| format!("there is no set @{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_in_a_line_is_told() {
        for line in ["(a|b", "a)", "a|b", "@nobody", "[a", &"(".repeat(20)] {
            assert!(read(line, &Sets::new()).is_err(), "{line}");
        }
        assert!(read("^ (a|b) [c|d e] $", &Sets::new()).is_ok());
    }
}
