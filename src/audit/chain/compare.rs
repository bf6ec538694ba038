//! Where the rows of a table differ from what their block holds of them. Pure.

use super::rows::DIGEST_BYTES;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A row that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The event's id, or the entry's thread.
    pub id: Uuid,
    /// The entry's place in its thread.
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub fingerprint: [u8; DIGEST_BYTES],
}

/// The first difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It is not what it was when it was sealed.
    Changed(Found),
    /// It was not there when its block was sealed.
    Inserted(Found),
    /// So many are missing before this one; None: at the end of the block.
    Removed { count: usize, before: Option<Found> },
}

/// Compares in order. `sealed` holds digests, one after another.
pub fn first_difference(sealed: &[u8], found: &[Found]) -> Option<Difference> {
    let (sealed, _) = sealed.as_chunks::<DIGEST_BYTES>();
    let same = sealed.iter().zip(found).take_while(|(sealed, found)| **sealed == found.fingerprint).count();
    let (sealed, found) = (&sealed[same..], &found[same..]);
    let (Some(expected), Some(next)) = (sealed.first(), found.first()) else {
        return match (sealed.len(), found.first()) {
            (0, None) => None,
            (0, Some(further)) => Some(Difference::Inserted(*further)),
            (count, _) => Some(Difference::Removed { count, before: None }),
        };
    };
    // What is met here now: is it what was sealed further on, or is what was sealed here met further on?
    if let Some(count) = sealed.iter().position(|sealed| *sealed == next.fingerprint) {
        return Some(Difference::Removed { count, before: Some(*next) });
    }
    if found.iter().any(|found| found.fingerprint == *expected) {
        return Some(Difference::Inserted(*next));
    }
    Some(Difference::Changed(*next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(n: u8) -> Found {
        Found { id: Uuid::from_u128(n.into()), seq: 0, at: DateTime::UNIX_EPOCH, fingerprint: [n; DIGEST_BYTES] }
    }

    fn compare(sealed: &[u8], found: &[u8]) -> Option<Difference> {
        let sealed: Vec<u8> = sealed.iter().flat_map(|n| [*n; DIGEST_BYTES]).collect();
        first_difference(&sealed, &found.iter().copied().map(row).collect::<Vec<_>>())
    }

    #[test]
    fn the_first_row_that_differs_is_named() {
        assert_eq!(compare(&[1, 2, 3], &[1, 2, 3]), None);
        assert_eq!(compare(&[], &[]), None);
        assert_eq!(compare(&[1, 2, 3], &[1, 9, 3]), Some(Difference::Changed(row(9))));
        assert_eq!(compare(&[1, 2, 3], &[1, 8, 9]), Some(Difference::Changed(row(8))));
        assert_eq!(compare(&[1, 2, 3], &[1, 9, 2, 3]), Some(Difference::Inserted(row(9))));
        assert_eq!(compare(&[1, 2, 3], &[1, 2, 3, 9]), Some(Difference::Inserted(row(9))));
        assert_eq!(compare(&[1, 2, 3], &[1, 3]), Some(Difference::Removed { count: 1, before: Some(row(3)) }));
        assert_eq!(compare(&[1, 2, 3], &[3]), Some(Difference::Removed { count: 2, before: Some(row(3)) }));
        assert_eq!(compare(&[1, 2, 3], &[1]), Some(Difference::Removed { count: 2, before: None }));
    }
}
