//! The course of an escalation, from raised to resolved: what happened and what follows from it. Pure; decides by the
//! instants it is given. Whatever happens, one that is open is due some time, or somebody has it, or it came to its last
//! resort.

use super::{model::State, policy::Plan};
use crate::ids::UserId;
use chrono::{DateTime, TimeDelta, Utc};

/// Where an escalation stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Course {
    pub state: State,
    /// Of the plan, from 0.
    pub step: usize,
    /// Only grows, also when it is raised anew.
    pub round: i32,
    /// With which it was raised last.
    pub first_round: i32,
    /// When the last emergency was heard.
    pub heard_at: DateTime<Utc>,
    /// When the engine has to look again. None: not by itself.
    pub due_at: Option<DateTime<Utc>>,
    pub acknowledged: Option<(UserId, DateTime<Utc>)>,
    /// Asked by whoever has it to take it over.
    pub handed_to: Option<UserId>,
    pub exhausted_at: Option<DateTime<Utc>>,
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Happened {
    /// Time went by.
    Time(Facts),
    /// The step that was begun reaches nobody: there is no one, they have no channel, or every page was lost.
    NobodyReached(Facts),
    Acknowledged {
        by: UserId,
    },
    HandedOver {
        by: UserId,
        to: UserId,
    },
    /// Somebody who was called passes it on.
    Skipped,
    Resolved,
}

/// What the store knows beside the row.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// Staff have written to the client since it was acknowledged, or since the last emergency after that.
    pub answered: bool,
    /// Somebody was called in this round.
    pub reached: bool,
}

/// What is to be done in the same transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    Nothing,
    /// Call the people of the step.
    Page,
    /// Call this one person.
    PageOne(UserId),
    /// Take back every page that is not sent yet.
    Cancel,
    /// Nobody came.
    LastResort,
}

/// What follows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transition {
    pub course: Course,
    pub effect: Effect,
    /// For the audit log; None: nothing that anybody did or saw.
    pub action: Option<&'static str>,
}

/// Why something cannot be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// Somebody has it.
    Taken(UserId),
    /// Only who has it hands it over.
    NotTheirs,
    /// It is resolved, or there is nobody left to pass it on to.
    Over,
}

impl Course {
    /// Just raised.
    pub fn raised(at: DateTime<Utc>) -> Self {
        Self {
            state: State::Raised,
            step: 0,
            round: 0,
            first_round: 0,
            heard_at: at,
            due_at: Some(at),
            acknowledged: None,
            handed_to: None,
            exhausted_at: None,
        }
    }

    /// What follows from what happened; None: nothing.
    ///
    /// # Errors
    /// What people do, at a time when it cannot be done.
    pub fn advance(&self, plan: &Plan, happened: Happened, now: DateTime<Utc>) -> Result<Option<Transition>, Refusal> {
        match happened {
            Happened::Time(facts) => Ok(self.time_went_by(plan, facts, now)),
            Happened::NobodyReached(facts) if self.state == State::Paging => Ok(Some(self.next(plan, facts, now))),
            Happened::NobodyReached(_) => Ok(None),
            Happened::Acknowledged { by } => self.acknowledged(plan, by, now),
            Happened::HandedOver { by, to } => self.handed_over(by, to).map(Some),
            // The engine, woken by it, calls the next people: their time has come.
            Happened::Skipped => match (self.state, self.acknowledged) {
                (State::Raised | State::Paging, _) => Ok(Some(self.look_again(Some(now), Some("escalation.skipped")))),
                (State::Acknowledged, Some((by, _))) => Err(Refusal::Taken(by)),
                _ => Err(Refusal::Over),
            },
            Happened::Resolved if self.state == State::Resolved => Err(Refusal::Over),
            Happened::Resolved => {
                let course = Self { state: State::Resolved, due_at: None, handed_to: None, ..self.clone() };
                Ok(Some(Transition { course, effect: Effect::Cancel, action: Some("escalation.resolved") }))
            }
        }
    }

    fn time_went_by(&self, plan: &Plan, facts: Facts, now: DateTime<Utc>) -> Option<Transition> {
        if self.due_at.is_none_or(|due| due > now) {
            return None;
        }
        match (self.state, self.acknowledged) {
            (State::Raised, _) => Some(self.begin(now, "escalation.started")),
            (State::Paging, _) => Some(self.next(plan, facts, now)),
            (State::Exhausted, _) if self.exhausted_at.is_none_or(|at| self.heard_at > at) => Some(self.anew(now)),
            (State::Acknowledged, Some((_, at))) if !facts.answered => {
                let silent_at = at.max(self.heard_at) + delta(plan.silence);
                if now >= silent_at { Some(self.anew(now)) } else { Some(self.look_again(Some(silent_at), None)) }
            }
            (State::Acknowledged, _) => Some(self.look_again(None, Some("escalation.answered"))),
            (State::Exhausted | State::Resolved, _) => Some(self.look_again(None, None)),
        }
    }

    fn look_again(&self, due_at: Option<DateTime<Utc>>, action: Option<&'static str>) -> Transition {
        Transition { course: Self { due_at, ..self.clone() }, effect: Effect::Nothing, action }
    }

    /// The first step of a round. How long it lasts is said by `with_time_to_acknowledge`, once it is known that it
    /// reaches somebody: until then it is due.
    fn begin(&self, now: DateTime<Utc>, action: &'static str) -> Transition {
        let course = Self { state: State::Paging, step: 0, due_at: Some(now), ..self.clone() };
        Transition { course, effect: Effect::Page, action: Some(action) }
    }

    /// From the first step again, as if it had just been raised.
    fn anew(&self, now: DateTime<Utc>) -> Transition {
        let round = self.round + 1;
        let course =
            Self { round, first_round: round, acknowledged: None, handed_to: None, exhausted_at: None, ..self.clone() };
        course.begin(now, "escalation.reraised")
    }

    fn next(&self, plan: &Plan, facts: Facts, now: DateTime<Utc>) -> Transition {
        if self.step + 1 < plan.steps.len() {
            let course = Self { step: self.step + 1, due_at: Some(now), ..self.clone() };
            return Transition { course, effect: Effect::Page, action: Some("escalation.advanced") };
        }
        let rounds = self.round - self.first_round + 1;
        // Whoever was not there in a whole round is not there in the next one, which would follow in the same instant.
        if rounds < i32::from(plan.rounds) && facts.reached {
            let course = Self { round: self.round + 1, ..self.clone() };
            return course.begin(now, "escalation.repeated");
        }
        let course = Self { state: State::Exhausted, due_at: None, exhausted_at: Some(now), ..self.clone() };
        Transition { course, effect: Effect::LastResort, action: Some("escalation.exhausted") }
    }

    fn acknowledged(&self, plan: &Plan, by: UserId, now: DateTime<Utc>) -> Result<Option<Transition>, Refusal> {
        match (self.state, self.acknowledged) {
            (State::Resolved, _) => return Err(Refusal::Over),
            (State::Acknowledged, Some((holder, _))) if holder == by => return Ok(None),
            (State::Acknowledged, Some((holder, _))) if self.handed_to != Some(by) => {
                return Err(Refusal::Taken(holder));
            }
            _ => {}
        }
        let course = Self {
            state: State::Acknowledged,
            acknowledged: Some((by, now)),
            handed_to: None,
            due_at: Some(now + delta(plan.silence)),
            ..self.clone()
        };
        Ok(Some(Transition { course, effect: Effect::Cancel, action: Some("escalation.acknowledged") }))
    }

    /// Until the other one takes it, it stays where it is: nobody lets go of what nobody else has.
    fn handed_over(&self, by: UserId, to: UserId) -> Result<Transition, Refusal> {
        match (self.state, self.acknowledged) {
            (State::Acknowledged, Some((holder, _))) if holder == by => {}
            (State::Resolved, _) => return Err(Refusal::Over),
            _ => return Err(Refusal::NotTheirs),
        }
        // A round of its own, so that somebody who was called before is called again.
        let course = Self { handed_to: Some(to), round: self.round + 1, ..self.clone() };
        Ok(Transition { course, effect: Effect::PageOne(to), action: Some("escalation.handedOver") })
    }

    /// The step that was begun reaches somebody: they have their time.
    pub fn with_time_to_acknowledge(self, plan: &Plan, now: DateTime<Utc>) -> Self {
        let within = plan.steps.get(self.step).map_or(TimeDelta::zero(), |step| delta(step.acknowledge_within));
        Self { due_at: Some(now + within), ..self }
    }

    /// When an answer is due that somebody waits for: the client is told.
    pub fn answer_due_at(&self) -> Option<DateTime<Utc>> {
        matches!(self.state, State::Paging | State::Acknowledged).then_some(self.due_at).flatten()
    }
}

fn delta(duration: std::time::Duration) -> TimeDelta {
    // A plan's times are minutes; what does not fit is longer than anybody lives.
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::days(36_500))
}

#[cfg(test)]
mod tests;
