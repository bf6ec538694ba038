//! Who is on call over a span of time, and where nobody is.

use super::{
    duty::{Absence, Rota},
    shift::{Layer, Span},
};
use crate::ids::UserId;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// A time during which the same people are on call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Covered {
    pub span: Span,
    /// None: a hole.
    pub who: Vec<UserId>,
    /// In a hole: who should be there. None: no shift at all.
    pub missing: Vec<(UserId, Absence)>,
}

impl Covered {
    /// Nobody is on call.
    pub fn is_hole(&self) -> bool {
        self.who.is_empty()
    }
}

impl Rota {
    /// Without gaps from the first instant to the last; neighbours differ.
    pub fn coverage(&self, layer: Layer, within: Span) -> Vec<Covered> {
        let mut map: Vec<Covered> = Vec::new();
        let starts: Vec<DateTime<Utc>> = self.changes(layer, within).into_iter().collect();
        for (at, from) in starts.iter().copied().enumerate() {
            let until = starts.get(at + 1).copied().unwrap_or(within.until);
            let who = self.on_call(layer, from);
            let missing = if who.is_empty() { self.missing(layer, from) } else { Vec::new() };
            match map.last_mut() {
                Some(before) if before.who == who && before.missing == missing => before.span.until = until,
                _ => map.push(Covered { span: Span { from, until }, who, missing }),
            }
        }
        map
    }

    /// The instants at which something may change.
    fn changes(&self, layer: Layer, within: Span) -> BTreeSet<DateTime<Utc>> {
        let covers = self.covers.iter().filter(|cover| cover.layer == layer).map(|cover| cover.span);
        let leaves = self.leaves.iter().map(|leave| leave.span);
        let shifts = self.spans(layer, within).map(|(_, span)| span);
        let edges = shifts.chain(covers).chain(leaves).flat_map(|span| [span.from, span.until]);
        edges.filter(|at| within.contains(*at)).chain((!within.is_empty()).then_some(within.from)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emergency::rota::{Cover, Leave, Shift};
    use chrono::{NaiveTime, TimeDelta, Weekday};
    use chrono_tz::Tz;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn start() -> DateTime<Utc> {
        "2026-10-20T00:00:00Z".parse().unwrap()
    }

    fn user() -> impl Strategy<Value = UserId> {
        (1_u128..5).prop_map(|n| UserId(Uuid::from_u128(n)))
    }

    fn layer() -> impl Strategy<Value = Layer> {
        prop::sample::select(Layer::ALL.to_vec())
    }

    fn time() -> impl Strategy<Value = NaiveTime> {
        (0_u32..24, prop::sample::select(vec![0, 15, 30])).prop_map(|(h, m)| NaiveTime::from_hms_opt(h, m, 0).unwrap())
    }

    prop_compose! {
        fn shift()(layer in layer(), user in user(), weekday in 0_u8..7, starts in time(), ends in time()) -> Shift {
            Shift { layer, user, weekday: Weekday::try_from(weekday).unwrap(), starts, ends }
        }
    }

    prop_compose! {
        fn span()(from in 0_i64..60_000, minutes in 1_i64..10_000) -> Span {
            let from = start() + TimeDelta::minutes(from);
            Span { from, until: from + TimeDelta::minutes(minutes) }
        }
    }

    prop_compose! {
        fn rota()(
            zone in prop::sample::select(vec!["America/Chicago", "Europe/Berlin", "Australia/Sydney"]),
            shifts in prop::collection::vec(shift(), 0..12),
            covers in prop::collection::vec((layer(), user(), span()), 0..4),
            leaves in prop::collection::vec((user(), span()), 0..4),
            gone in prop::option::of(user()),
        ) -> Rota {
            let covers = covers.into_iter().map(|(layer, user, span)| Cover { layer, user, span }).collect();
            let leaves = leaves.into_iter().map(|(user, span)| Leave { user, span }).collect();
            let working = (1..5).map(|n| UserId(Uuid::from_u128(n))).filter(|user| Some(*user) != gone).collect();
            Rota { zone: zone.parse().unwrap(), shifts, covers, leaves, working }
        }
    }

    proptest! {
        // Four weeks around the ends of summer in the north, and the beginning in the south.
        #[test]
        fn the_map_says_at_every_moment_who_is_on_call(
            rota in rota(), layer in layer(), moments in prop::collection::vec(0_i64..28 * 1_440, 50),
        ) {
            let within = Span { from: start(), until: start() + TimeDelta::days(28) };
            let map = rota.coverage(layer, within);
            prop_assert_eq!((map[0].span.from, map[map.len() - 1].span.until), (within.from, within.until));
            for pair in map.windows(2) {
                prop_assert_eq!(pair[0].span.until, pair[1].span.from);
                prop_assert!(pair[0].who != pair[1].who || pair[0].missing != pair[1].missing);
            }
            for moment in moments {
                let at = within.from + TimeDelta::minutes(moment);
                let there = map.iter().find(|covered| covered.span.contains(at)).unwrap();
                prop_assert_eq!(&there.who, &rota.on_call(layer, at), "{}", at);
                prop_assert!(there.is_hole() || there.missing.is_empty());
            }
        }
    }

    #[test]
    fn an_empty_span_has_no_map_and_an_empty_rota_is_one_hole() {
        let rota = Rota { zone: Tz::UTC, shifts: vec![], covers: vec![], leaves: vec![], working: Default::default() };
        assert!(rota.coverage(Layer::OnCall, Span { from: start(), until: start() }).is_empty());
        let within = Span { from: start(), until: start() + TimeDelta::days(30) };
        assert_eq!(rota.coverage(Layer::OnCall, within), [Covered { span: within, who: vec![], missing: vec![] }]);
    }
}
