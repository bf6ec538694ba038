//! Where a plan would reach nobody. Pure: what is known of the practice is an argument. A plan with a hole is refused
//! before it matters; the words say what to do.

use super::plan::{Plan, Step, Target};
use crate::{
    accounts::Person,
    emergency::rota::{Layer, coverage::Covered, duty::Absence},
    ids::UserId,
    notify::Channel,
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};
use utoipa::ToSchema;

/// A client does not wait longer for a step of the first round.
const LATEST_START: Duration = Duration::from_secs(3_600);
/// More nobody reads; the first ones are mended first.
const MOST: usize = 100;

/// What kind of hole.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum HoleKind {
    /// Nobody is on call, or no clinician is there.
    NobodyOnDuty,
    /// Somebody who would be called has no verified address for any of the step's channels.
    NoWayToPerson,
    /// The step calls nobody in time, or by nothing that reaches out of the hub.
    NeverReached,
    /// The hub has no provider for a channel.
    ChannelNotConfigured,
    /// There is nothing left when nobody answers.
    NoLastResort,
}

/// A hole, with words for whoever mends it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Hole {
    pub kind: HoleKind,
    pub message: String,
    /// Of the plan, the first is 1.
    pub step: Option<usize>,
    pub user: Option<Person>,
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

/// What is known of the practice.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Of the practice.
    pub zone: Tz,
    /// By layer, over the time that is looked at.
    pub coverage: Vec<(Layer, Vec<Covered>)>,
    pub clinicians: Vec<UserId>,
    /// Who looks after open threads.
    pub assignees: Vec<UserId>,
    /// The verified channels of everybody above.
    pub channels: HashMap<UserId, BTreeSet<Channel>>,
    pub people: HashMap<UserId, Person>,
    /// For which the hub has a provider.
    pub configured: BTreeSet<Channel>,
}

/// All of them; none: the plan may be switched on.
pub fn holes(plan: &Plan, facts: &Facts) -> Vec<Hole> {
    let mut finder = Finder { facts, found: Vec::new() };
    finder.channels(plan);
    let mut starts = Duration::ZERO;
    for (at, step) in (1..).zip(&plan.steps) {
        finder.step(at, step, starts);
        starts += step.acknowledge_within;
    }
    if plan.steps.iter().all(|step| step.target == Target::Assigned) {
        finder.add(
            HoleKind::NobodyOnDuty,
            None,
            "A thread that nobody has taken yet has no assigned clinician, and no other step calls anybody: add a step \
             for whoever is on call.",
        );
    }
    if plan.last_resort.phone.is_none() {
        finder.add(
            HoleKind::NoLastResort,
            None,
            "When nobody answers, there is nothing left: give the practice's telephone as the last resort.",
        );
    }
    finder.found.truncate(MOST);
    finder.found
}

struct Finder<'a> {
    facts: &'a Facts,
    found: Vec<Hole>,
}

impl Finder<'_> {
    fn add(&mut self, kind: HoleKind, step: Option<usize>, message: impl Into<String>) {
        self.found.push(Hole { kind, message: message.into(), step, user: None, from: None, until: None });
    }

    fn channels(&mut self, plan: &Plan) {
        let used: BTreeSet<Channel> = plan.steps.iter().flat_map(|step| step.channels.iter().copied()).collect();
        for channel in used.difference(&self.facts.configured) {
            let message = format!(
                "The plan calls by {}, and this hub has no provider for it: take it out of all steps, or let the \
                 operator set one up.",
                words(*channel)
            );
            self.add(HoleKind::ChannelNotConfigured, None, message);
        }
    }

    fn step(&mut self, at: usize, step: &Step, starts: Duration) {
        let whom = step.target.in_words();
        if starts > LATEST_START {
            let message = format!(
                "Step {at} ({whom}) would begin only after {} minutes: nobody in danger waits that long. Shorten the \
                 steps before it.",
                starts.as_secs() / 60
            );
            self.add(HoleKind::NeverReached, Some(at), message);
        }
        let outside: BTreeSet<Channel> =
            step.channels.iter().copied().filter(|channel| *channel != Channel::InApp).collect();
        if outside.is_empty() {
            let message = format!(
                "Step {at} ({whom}) calls only within Carehub: whoever is not looking at it is not reached. Add e-mail, \
                 text messages or push."
            );
            self.add(HoleKind::NeverReached, Some(at), message);
        } else if outside.is_disjoint(&self.facts.configured) {
            let message =
                format!("Step {at} ({whom}) is never reached: this hub has no provider for any of its channels.");
            self.add(HoleKind::NeverReached, Some(at), message);
        }
        self.duty(at, step.target);
        if !outside.is_empty() {
            self.ways(at, step.target, &outside);
        }
    }

    fn duty(&mut self, at: usize, target: Target) {
        let facts = self.facts;
        if target == Target::AllClinicians && facts.clinicians.is_empty() {
            let message = format!("Step {at} calls all clinicians, and the practice has none who can sign in.");
            self.add(HoleKind::NobodyOnDuty, Some(at), message);
        }
        for hole in facts.covered(target).iter().filter(|covered| covered.is_hole()) {
            self.found.push(Hole {
                kind: HoleKind::NobodyOnDuty,
                message: format!("Step {at} ({}): {}", target.in_words(), facts.nobody(hole)),
                step: Some(at),
                user: None,
                from: Some(hole.span.from),
                until: Some(hole.span.until),
            });
        }
    }

    fn ways(&mut self, at: usize, target: Target, outside: &BTreeSet<Channel>) {
        let facts = self.facts;
        let called: BTreeSet<UserId> = match target {
            Target::Assigned => facts.assignees.iter().copied().collect(),
            Target::AllClinicians => facts.clinicians.iter().copied().collect(),
            Target::OnCall | Target::Backup => {
                facts.covered(target).iter().flat_map(|covered| covered.who.iter().copied()).collect()
            }
        };
        for user in called {
            if facts.channels.get(&user).is_some_and(|channels| !channels.is_disjoint(outside)) {
                continue;
            }
            let by = outside.iter().map(|channel| words(*channel)).collect::<Vec<_>>().join(" or ");
            let message = format!(
                "Step {at} ({}) calls {} by {by}, and they have confirmed no address for it: let them do so in their \
                 account, or add a channel that they have.",
                target.in_words(),
                facts.name(user)
            );
            let (kind, user) = (HoleKind::NoWayToPerson, facts.people.get(&user).cloned());
            self.found.push(Hole { kind, message, step: Some(at), user, from: None, until: None });
        }
    }
}

impl Facts {
    /// Why nobody is on call, and when.
    pub fn nobody(&self, hole: &Covered) -> String {
        let time = |at: DateTime<Utc>| at.with_timezone(&self.zone).format("%a %-d %b %Y, %H:%M").to_string();
        let span = format!("nobody is on call from {} to {}", time(hole.span.from), time(hole.span.until));
        if hole.missing.is_empty() {
            return format!("{span}: there is no shift. Add one, or let somebody cover.");
        }
        let absent = |(user, absence): &(UserId, Absence)| match absence {
            Absence::OnLeave => format!("{} is on leave", self.name(*user)),
            Absence::CannotSignIn => format!("{} can no longer sign in", self.name(*user)),
        };
        let why = hole.missing.iter().map(absent).collect::<Vec<_>>().join(" and ");
        format!("{span}: {why}. Let somebody cover.")
    }

    /// None for targets that are of no layer.
    fn covered(&self, target: Target) -> &[Covered] {
        let layer = target.layer();
        let map = self.coverage.iter().find(|(of, _)| Some(*of) == layer);
        map.map_or(&[], |(_, map)| map)
    }

    fn name(&self, user: UserId) -> &str {
        self.people.get(&user).map_or("somebody", |person| &person.name)
    }
}

fn words(channel: Channel) -> &'static str {
    match channel {
        Channel::InApp => "Carehub itself",
        Channel::Email => "e-mail",
        Channel::Sms => "text message",
        Channel::Push => "push",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{accounts::Role, emergency::rota::Span};
    use uuid::Uuid;

    fn user(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    fn at(day: u32) -> DateTime<Utc> {
        format!("2026-11-{day:02}T04:00:00Z").parse().unwrap()
    }

    fn covered(from: u32, until: u32, who: &[u128]) -> Covered {
        let span = Span { from: at(from), until: at(until) };
        Covered { span, who: who.iter().copied().map(user).collect(), missing: Vec::new() }
    }

    /// 1 is on call, 2 their backup; both are clinicians, 1 looks after threads.
    fn facts() -> Facts {
        let channels = BTreeSet::from([Channel::InApp, Channel::Email]);
        let person = |n, name: &str| (user(n), Person { id: user(n), name: name.into(), role: Role::Clinician });
        Facts {
            zone: Tz::America__Chicago,
            coverage: vec![(Layer::OnCall, vec![covered(1, 30, &[1])]), (Layer::Backup, vec![covered(1, 30, &[2])])],
            clinicians: vec![user(1), user(2)],
            assignees: vec![user(1)],
            channels: HashMap::from([(user(1), channels.clone()), (user(2), channels.clone())]),
            people: HashMap::from([person(1, "Maya"), person(2, "Tom")]),
            configured: channels,
        }
    }

    fn plan() -> Plan {
        let mut plan = Plan::built_in();
        for step in &mut plan.steps {
            step.channels = vec![Channel::InApp, Channel::Email];
        }
        plan.last_resort.phone = Some("+15125550100".into());
        plan
    }

    fn found(change: impl FnOnce(&mut Plan, &mut Facts)) -> Vec<(HoleKind, Option<usize>, String)> {
        let (mut plan, mut facts) = (plan(), facts());
        change(&mut plan, &mut facts);
        holes(&plan, &facts).into_iter().map(|hole| (hole.kind, hole.step, hole.message)).collect()
    }

    #[test]
    fn a_plan_that_reaches_somebody_at_every_time_has_no_hole() {
        assert_eq!(found(|_, _| {}), []);
    }

    #[test]
    fn every_way_to_reach_nobody_is_a_hole() {
        use HoleKind::*;
        type Case = (HoleKind, Option<usize>, &'static str, fn(&mut Plan, &mut Facts));
        let cases: [Case; 11] = [
            (
                NobodyOnDuty,
                Some(2),
                "from Mon 9 Nov 2026, 22:00 to Tue 10 Nov 2026, 22:00: there is no shift",
                |_, f| {
                    f.coverage[0].1 = vec![covered(1, 10, &[1]), covered(10, 11, &[]), covered(11, 30, &[1])];
                },
            ),
            (NobodyOnDuty, Some(3), "Tom is on leave", |_, f| {
                f.coverage[1].1 = vec![Covered { missing: vec![(user(2), Absence::OnLeave)], ..covered(1, 30, &[]) }];
            }),
            (NobodyOnDuty, Some(3), "Tom can no longer sign in", |_, f| {
                let missing = vec![(user(2), Absence::CannotSignIn)];
                f.coverage[1].1 = vec![Covered { missing, ..covered(1, 30, &[]) }];
            }),
            (NobodyOnDuty, Some(4), "has none who can sign in", |_, f| f.clinicians.clear()),
            (NobodyOnDuty, None, "no assigned clinician", |plan, _| plan.steps.truncate(1)),
            (NoWayToPerson, Some(3), "calls Tom by e-mail", |plan, f| {
                f.channels.insert(user(2), BTreeSet::from([Channel::InApp]));
                plan.steps.pop();
            }),
            (NoWayToPerson, Some(1), "calls Maya by e-mail", |plan, f| {
                f.channels.remove(&user(1));
                f.coverage[0].1 = vec![covered(1, 30, &[2])];
                plan.steps.pop();
            }),
            (NeverReached, Some(2), "calls only within Carehub", |plan, _| {
                plan.steps[1].channels = vec![Channel::InApp]
            }),
            (NeverReached, Some(2), "calls only within Carehub", |plan, _| plan.steps[1].channels.clear()),
            (NeverReached, Some(4), "would begin only after 66 minutes", |plan, _| {
                plan.steps[0].acknowledge_within = Duration::from_secs(1_560);
                plan.steps[1].acknowledge_within = Duration::from_secs(1_200);
                plan.steps[2].acknowledge_within = Duration::from_secs(1_200);
            }),
            (NoLastResort, None, "telephone", |plan, _| plan.last_resort.phone = None),
        ];
        for (kind, step, words, change) in cases {
            let found = found(change);
            assert_eq!(found.len(), 1, "{words}: {found:?}");
            assert_eq!((found[0].0, found[0].1), (kind, step), "{found:?}");
            assert!(found[0].2.contains(words), "{found:?}");
        }
    }

    #[test]
    fn a_channel_without_a_provider_is_named_once_and_a_step_that_has_only_such_is_never_reached() {
        let found = found(|plan, facts| {
            plan.steps[0].channels.push(Channel::Sms);
            plan.steps[1].channels = vec![Channel::InApp, Channel::Sms];
            facts.channels.get_mut(&user(1)).unwrap().insert(Channel::Sms);
        });
        let kinds: Vec<_> = found.iter().map(|(kind, step, _)| (*kind, *step)).collect();
        assert_eq!(kinds, [(HoleKind::ChannelNotConfigured, None), (HoleKind::NeverReached, Some(2))]);
    }

    #[test]
    fn more_holes_than_anybody_reads_are_not_listed() {
        let found = found(|_, facts| {
            facts.coverage[0].1 = (0..300).map(|_| covered(1, 2, &[])).collect();
        });
        assert_eq!(found.len(), MOST);
    }
}
