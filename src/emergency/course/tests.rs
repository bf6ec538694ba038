use super::*;
use crate::emergency::policy::Plan;
use proptest::prelude::*;

const START: DateTime<Utc> = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
const REACHED: Facts = Facts { answered: false, reached: true };

fn plan() -> Plan {
    Plan::built_in()
}

fn later(seconds: i64) -> DateTime<Utc> {
    START + TimeDelta::seconds(seconds)
}

/// What the engine does: carries out what is due, and gives a step that reaches somebody its time.
fn tick(course: &Course, facts: Facts, there: bool, now: DateTime<Utc>) -> (Course, Vec<Effect>) {
    let (mut course, mut effects, mut happened) = (course.clone(), Vec::new(), Happened::Time(facts));
    loop {
        let Some(transition) = course.advance(&plan(), happened, now).unwrap() else { return (course, effects) };
        effects.push(transition.effect);
        course = transition.course;
        if transition.effect != Effect::Page {
            return (course, effects);
        }
        if there {
            return (course.with_time_to_acknowledge(&plan(), now), effects);
        }
        happened = Happened::NobodyReached(Facts { reached: false, ..facts });
    }
}

#[test]
fn the_course_goes_through_all_steps_and_rounds_and_ends_in_the_last_resort() {
    let (mut course, mut now, mut called) = (Course::raised(START), START, Vec::new());
    while course.state != State::Exhausted {
        let (next, effects) = tick(&course, REACHED, true, now);
        if effects == [Effect::Page] {
            called.push((next.round, next.step));
        } else {
            assert_eq!(effects, [Effect::LastResort]);
        }
        course = next;
        now = course.due_at.unwrap_or(now);
    }
    let steps = plan().steps.len();
    let all: Vec<_> =
        (0..i32::from(plan().rounds)).flat_map(|round| (0..steps).map(move |step| (round, step))).collect();
    assert_eq!(called, all);
    let within: i64 = plan().steps.iter().map(|step| step.acknowledge_within.as_secs() as i64).sum();
    assert_eq!(course.exhausted_at, Some(later(within * i64::from(plan().rounds))));
}

#[test]
fn before_it_is_due_nothing_happens() {
    let (course, _) = tick(&Course::raised(START), REACHED, true, START);
    assert_eq!(course.due_at, Some(later(180)));
    assert_eq!(course.advance(&plan(), Happened::Time(REACHED), later(179)), Ok(None));
}

#[test]
fn where_nobody_is_there_at_all_the_last_resort_comes_in_the_same_instant() {
    let (course, effects) = tick(&Course::raised(START), Facts::default(), false, START);
    assert_eq!((course.state, course.exhausted_at), (State::Exhausted, Some(START)));
    assert_eq!(effects.len(), plan().steps.len() + 1, "every step is tried once, not once a round: {effects:?}");
}

#[test]
fn of_two_who_take_it_the_first_has_it_and_the_second_is_told_who() {
    let (course, _) = tick(&Course::raised(START), REACHED, true, START);
    let (maya, tom) = (UserId::new(), UserId::new());
    let taken = course.advance(&plan(), Happened::Acknowledged { by: maya }, later(5)).unwrap().unwrap();
    assert_eq!((taken.effect, taken.course.acknowledged), (Effect::Cancel, Some((maya, later(5)))));
    let course = taken.course;
    assert_eq!(course.advance(&plan(), Happened::Acknowledged { by: tom }, later(6)), Err(Refusal::Taken(maya)));
    assert_eq!(course.advance(&plan(), Happened::Acknowledged { by: maya }, later(7)), Ok(None));
}

#[test]
fn whoever_hands_it_over_has_it_until_the_other_takes_it() {
    let (maya, tom, eve) = (UserId::new(), UserId::new(), UserId::new());
    let course = Course {
        state: State::Acknowledged,
        acknowledged: Some((maya, START)),
        due_at: Some(later(1_800)),
        ..Course::raised(START)
    };
    assert_eq!(course.advance(&plan(), Happened::HandedOver { by: eve, to: tom }, later(1)), Err(Refusal::NotTheirs));
    let handed = course.advance(&plan(), Happened::HandedOver { by: maya, to: tom }, later(1)).unwrap().unwrap();
    assert_eq!((handed.effect, handed.course.acknowledged), (Effect::PageOne(tom), Some((maya, START))));
    let course = handed.course;
    assert_eq!(course.advance(&plan(), Happened::Acknowledged { by: eve }, later(2)), Err(Refusal::Taken(maya)));
    let taken = course.advance(&plan(), Happened::Acknowledged { by: tom }, later(2)).unwrap().unwrap();
    assert_eq!((taken.course.acknowledged, taken.course.handed_to), (Some((tom, later(2))), None));
}

#[test]
fn it_is_raised_anew_when_whoever_has_it_stays_silent_and_not_when_they_answered() {
    let maya = UserId::new();
    let course = Course::raised(START);
    let course = course.advance(&plan(), Happened::Acknowledged { by: maya }, START).unwrap().unwrap().course;
    assert_eq!(course.due_at, Some(later(1_800)));
    let answered = Facts { answered: true, reached: true };
    let (quiet, effects) = tick(&course, answered, true, later(1_800));
    assert_eq!((quiet.state, quiet.due_at, effects.as_slice()), (State::Acknowledged, None, &[Effect::Nothing][..]));
    let (anew, effects) = tick(&course, REACHED, true, later(1_800));
    assert_eq!((anew.state, anew.step, effects.as_slice()), (State::Paging, 0, &[Effect::Page][..]));
    assert!(anew.round > course.round && anew.acknowledged.is_none());
}

#[test]
fn a_further_emergency_starts_the_time_to_answer_again_and_what_was_exhausted_at_once() {
    let course = Course::raised(START).advance(&plan(), Happened::Acknowledged { by: UserId::new() }, START);
    let mut course = course.unwrap().unwrap().course;
    // As raising does it.
    (course.heard_at, course.due_at) = (later(1_000), Some(later(1_000)));
    let (course, effects) = tick(&course, REACHED, true, later(1_000));
    assert_eq!((course.due_at, effects.as_slice()), (Some(later(2_800)), &[Effect::Nothing][..]));
    let (mut exhausted, _) = tick(&Course::raised(START), Facts::default(), false, START);
    (exhausted.heard_at, exhausted.due_at) = (later(60), Some(later(60)));
    let (course, effects) = tick(&exhausted, REACHED, true, later(60));
    assert_eq!((course.state, effects.as_slice()), (State::Paging, &[Effect::Page][..]));
}

#[test]
fn passing_it_on_calls_the_next_people_at_once() {
    let (course, _) = tick(&Course::raised(START), REACHED, true, START);
    let skipped = course.advance(&plan(), Happened::Skipped, later(1)).unwrap().unwrap();
    let (course, effects) = tick(&skipped.course, REACHED, true, later(1));
    assert_eq!((course.step, effects.as_slice()), (1, &[Effect::Page][..]));
}

fn happenings() -> impl Strategy<Value = Vec<(u8, u16, bool, bool, u8)>> {
    prop::collection::vec((0..8u8, 0..2_000u16, any::<bool>(), any::<bool>(), 0..3u8), 0..200)
}

proptest! {
    /// Whatever happens in whatever order: nothing that is open is forgotten, rounds and steps only go on, nobody is
    /// called twice for one step of one round, and it ends once time goes on and nobody comes.
    #[test]
    fn nothing_that_is_open_is_ever_forgotten(happenings in happenings()) {
        let people = [UserId::new(), UserId::new(), UserId::new()];
        let (mut course, mut now) = (Course::raised(START), START);
        let mut called = std::collections::HashSet::new();
        for (what, seconds, answered, there, who) in happenings {
            now += TimeDelta::seconds(i64::from(seconds));
            let by = people[usize::from(who)];
            let facts = Facts { answered, reached: there };
            let happened = match what {
                0..=2 => Happened::Time(facts),
                3 => Happened::Acknowledged { by },
                4 => Happened::HandedOver { by, to: people[(usize::from(who) + 1) % 3] },
                5 => Happened::Skipped,
                6 if seconds > 1_900 => Happened::Resolved,
                7 => {
                    course.heard_at = now;
                    if !matches!(course.state, State::Raised | State::Paging | State::Resolved) {
                        course.due_at = Some(now);
                    }
                    Happened::Time(facts)
                }
                _ => Happened::NobodyReached(facts),
            };
            let Ok(Some(transition)) = course.advance(&plan(), happened, now) else { continue };
            let before = std::mem::replace(&mut course, transition.course);
            prop_assert!(course.round >= before.round && course.step < plan().steps.len());
            prop_assert!(before.state != State::Resolved, "what is over stays over");
            if transition.effect == Effect::Page {
                prop_assert!(called.insert((course.round, course.step)), "called twice");
                if there {
                    course = course.with_time_to_acknowledge(&plan(), now);
                }
            }
            match course.state {
                State::Raised | State::Paging => prop_assert!(course.due_at.is_some()),
                State::Acknowledged => prop_assert!(course.acknowledged.is_some()),
                State::Exhausted => prop_assert!(course.exhausted_at.is_some()),
                State::Resolved => prop_assert!(course.due_at.is_none()),
            }
        }
        // From here on nobody does anything.
        for _ in 0..200 {
            let Some(due) = course.due_at else { break };
            now = now.max(due);
            course = tick(&course, REACHED, true, now).0;
        }
        // Whoever has it and answered stays the one who has it, until they close it.
        let ended = matches!(course.state, State::Exhausted | State::Resolved | State::Acknowledged);
        prop_assert!(ended, "{course:?}");
    }
}
