//! Bodies a storm sends: of all lengths and scripts, so that what comes back altered is noticed.

use fastrand::Rng;

/// Pieces that have broken systems before: quotes, escapes, surrogate pairs, joiners, right-to-left.
const PIECES: [&str; 16] = [
    "plain words ",
    "\"quoted\" ",
    "back\\slash ",
    "line\nbreak ",
    "tab\tstop ",
    "é à ü ",
    "日本語 ",
    "مرحبا ",
    "שלום ",
    "👩‍⚕️ ",
    "𝕬𝖇𝖈 ",
    "e\u{301} ",
    "</script> ",
    "%s {0} ",
    "\u{2028} ",
    "{\"type\":\"sent\"} ",
];

/// A body that starts with `number`, so that no two are alike, and needs no trimming.
pub fn body(rng: &mut Rng, number: u64) -> String {
    let mut text = format!("{number:x} ");
    // Mostly short, now and then long.
    let pieces = if rng.u8(..) < 8 { rng.usize(50..150) } else { rng.usize(0..6) };
    for _ in 0..pieces {
        text.push_str(PIECES[rng.usize(..PIECES.len())]);
    }
    text.push('.');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_within_the_protocols_limits_and_all_different() {
        let mut rng = Rng::with_seed(1);
        let bodies: Vec<String> = (0..2000).map(|number| body(&mut rng, number)).collect();
        assert!(bodies.iter().all(|body| body.trim() == body && (1..=8_000).contains(&body.chars().count())));
        assert_eq!(bodies.iter().collect::<std::collections::HashSet<_>>().len(), 2000);
    }
}
