//! Which channels a notice takes and when (pure): once when it is told, and again for each channel when its turn has come.
//!
//! A push is a try: where no device confirms it, everything else that was chosen follows. A gateway's "taken" is no
//! confirmation.

use super::person::Person;
use crate::notify::{Channel, kind::Kind};
use chrono::{DateTime, TimeDelta, Utc};

/// So long a device has to confirm a push.
pub const CONFIRM_WITHIN: TimeDelta = TimeDelta::minutes(5);

/// One channel's turn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Way {
    pub channel: Channel,
    pub due_at: DateTime<Utc>,
    /// Together with others.
    pub digest: bool,
    /// Only where no device confirmed the push.
    pub fallback: bool,
}

/// The ways of a notice that is told now.
pub fn plan(kind: Kind, person: &Person, now: DateTime<Utc>) -> Vec<Way> {
    let wanted = |channel: &Channel| person.preferences.channels(kind).contains(channel) && person.reach.by(*channel);
    let loud = |at| match person.preferences.quiet_hours_of(kind) {
        Some(quiet) => quiet.next_loud(person.zone, at),
        None => at,
    };
    let pushed_at = wanted(&Channel::Push).then(|| loud(now));
    let way = |channel: Channel| {
        let digest = person.preferences.digest_of(kind).filter(|_| channel == Channel::Email);
        let (due_at, fallback) = match (channel, digest, pushed_at) {
            (Channel::Push, ..) => (loud(now), false),
            (_, Some(rhythm), _) => (loud(rhythm.next(person.zone, now)), false),
            (_, None, Some(pushed_at)) => (loud(pushed_at + CONFIRM_WITHIN), true),
            (_, None, None) => (loud(now), false),
        };
        Way { channel, due_at, digest: digest.is_some(), fallback }
    };
    kind.channels().iter().copied().filter(wanted).map(way).collect()
}

/// What is known of a notice when a channel's turn has come.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    pub kind: Kind,
    pub channel: Channel,
    pub fallback: bool,
    pub read: bool,
    pub cancelled: bool,
    /// A device confirmed the push.
    pub confirmed: bool,
    pub expires_at: Option<DateTime<Utc>>,
}

/// What becomes of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Now, and no later than this: whatever is tried again must not be tried in quiet hours.
    Send { until: Option<DateTime<Utc>> },
    /// It is quiet until then.
    Wait { until: DateTime<Utc> },
    /// Nobody needs it any more.
    Drop { because: &'static str },
}

impl Turn {
    /// Whether it leaves.
    pub fn judge(&self, person: &Person, now: DateTime<Utc>) -> Verdict {
        let moot = [
            (self.cancelled, "cancelled"),
            (self.read, "read"),
            (self.fallback && self.confirmed, "confirmed"),
            (self.expires_at.is_some_and(|at| at <= now), "expired"),
            (!person.is_active, "inactive"),
            (!person.preferences.channels(self.kind).contains(&self.channel), "notWanted"),
            (!person.reach.by(self.channel), "unreachable"),
        ];
        if let Some((_, because)) = moot.into_iter().find(|(is_so, _)| *is_so) {
            return Verdict::Drop { because };
        }
        let Some(quiet) = person.preferences.quiet_hours_of(self.kind) else {
            return Verdict::Send { until: self.expires_at };
        };
        let loud = quiet.next_loud(person.zone, now);
        if loud > now {
            return Verdict::Wait { until: loud };
        }
        Verdict::Send { until: [self.expires_at, quiet.next_quiet(person.zone, now)].into_iter().flatten().min() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::{ContactPointId, PracticeId, UserId},
        notices::{person::Reach, preferences::Preferences},
    };
    use proptest::prelude::*;

    fn person(preferences: &str, zone: &str) -> Person {
        Person {
            id: UserId::new(),
            practice: PracticeId::new(),
            is_staff: false,
            is_active: true,
            language: "en".into(),
            zone: zone.parse().unwrap(),
            preferences: serde_json::from_str::<Preferences>(preferences).unwrap(),
            reach: Reach {
                email: Some("ada@example.org".into()),
                sms: Some(ContactPointId::new()),
                push: vec![ContactPointId::new()],
            },
        }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn turn(way: &Way, kind: Kind) -> Turn {
        let Way { channel, fallback, .. } = *way;
        Turn { kind, channel, fallback, read: false, cancelled: false, confirmed: false, expires_at: None }
    }

    const NOON: &str = "2026-11-10T18:00:00Z"; // in Chicago

    #[test]
    fn the_others_wait_for_a_device_to_confirm_the_push() {
        let (ada, now) = (person("{}", "America/Chicago"), at(NOON));
        let ways = plan(Kind::AppointmentReminder, &ada, now);
        let shown: Vec<_> = ways.iter().map(|way| (way.channel, way.due_at - now, way.fallback)).collect();
        assert_eq!(
            shown,
            [
                (Channel::Push, TimeDelta::zero(), false),
                (Channel::Sms, CONFIRM_WITHIN, true),
                (Channel::Email, CONFIRM_WITHIN, true)
            ]
        );
        let sms = turn(&ways[1], Kind::AppointmentReminder);
        assert_eq!(sms.judge(&ada, now), Verdict::Send { until: None });
        let confirmed = Turn { confirmed: true, ..sms };
        assert_eq!(confirmed.judge(&ada, now), Verdict::Drop { because: "confirmed" });
    }

    #[test]
    fn without_a_browser_that_takes_push_the_others_do_not_wait() {
        let mut ada = person("{}", "America/Chicago");
        ada.reach.push.clear();
        let ways = plan(Kind::BillIssued, &ada, at(NOON));
        let email = Way { channel: Channel::Email, due_at: at(NOON), digest: false, fallback: false };
        assert_eq!(ways, [email]);
    }

    #[test]
    fn in_quiet_hours_the_push_waits_for_the_morning_and_the_others_for_the_push() {
        let ada = person(r#"{"quietHours": {"from": "21:00", "until": "08:00"}}"#, "America/Chicago");
        let night = at("2026-11-10T05:00:00Z");
        let due: Vec<_> = plan(Kind::BillIssued, &ada, night).iter().map(|way| way.due_at).collect();
        assert_eq!(due, [at("2026-11-10T14:00:00Z"), at("2026-11-10T14:05:00Z")]);
        let security = plan(Kind::Security, &ada, night);
        assert_eq!(security[0].due_at, night);
        assert_eq!(turn(&security[0], Kind::Security).judge(&ada, night), Verdict::Send { until: None });
    }

    #[test]
    fn a_digest_collects_e_mails_and_nothing_else() {
        let digest =
            r#"{"digest": {"at": "09:00", "kinds": ["billIssued"]}, "channels": {"billIssued": ["sms", "email"]}}"#;
        let ada = person(digest, "America/Chicago");
        let ways = plan(Kind::BillIssued, &ada, at(NOON));
        let shown: Vec<_> = ways.iter().map(|way| (way.channel, way.due_at, way.digest)).collect();
        let tomorrow = at("2026-11-11T15:00:00Z");
        assert_eq!(shown, [(Channel::Sms, at(NOON), false), (Channel::Email, tomorrow, true)]);
    }

    #[test]
    fn what_nobody_needs_any_more_is_dropped() {
        let ada = person(r#"{"channels": {"formDue": ["sms"]}}"#, "America/Chicago");
        let sms = Way { channel: Channel::Sms, due_at: at(NOON), digest: false, fallback: false };
        let plain = turn(&sms, Kind::BillIssued);
        let because = |turn: Turn, person: &Person| match turn.judge(person, at(NOON)) {
            Verdict::Drop { because } => because,
            other => panic!("{other:?}"),
        };
        assert_eq!(because(plain, &ada), "notWanted");
        let wanted = Turn { kind: Kind::FormDue, ..plain };
        assert_eq!(because(Turn { read: true, ..wanted }, &ada), "read");
        assert_eq!(because(Turn { cancelled: true, ..wanted }, &ada), "cancelled");
        assert_eq!(because(Turn { expires_at: Some(at(NOON)), ..wanted }, &ada), "expired");
        assert_eq!(because(wanted, &Person { is_active: false, ..ada.clone() }), "inactive");
        // STOP.
        let stopped = Person { reach: Reach { sms: None, ..ada.reach.clone() }, ..ada };
        assert_eq!(because(wanted, &stopped), "unreachable");
    }

    proptest! {
        /// A hub that looks when it can (it may be away for hours), and a provider that takes its time.
        #[test]
        fn a_notice_never_leaves_in_quiet_hours_and_is_never_lost(
            zone in prop::sample::select(vec!["America/New_York", "Europe/Madrid", "Australia/Lord_Howe"]),
            told in 1_772_000_000i64..1_796_000_000,
            from in 0u32..1440,
            until in 0u32..1440,
            pauses in prop::collection::vec(1i64..40_000, 80),
            failures in 0usize..4,
        ) {
            let clock = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
            let text = format!(r#"{{"quietHours": {{"from": "{}", "until": "{}"}}}}"#, clock(from), clock(until));
            let ada = person(&text, zone);
            let quiet = ada.preferences.quiet_hours.unwrap();
            let told = DateTime::from_timestamp(told, 0).unwrap();
            for way in plan(Kind::AppointmentConfirmed, &ada, told) {
                let turn = turn(&way, Kind::AppointmentConfirmed);
                let (mut now, mut due, mut failed, mut sent) = (told, way.due_at, 0, None);
                // Of pauses that all fall into a short day nothing can come: a last look at every hour of two days.
                for pause in pauses.iter().copied().chain(std::iter::repeat_n(1_800, 100)) {
                    now += TimeDelta::seconds(pause);
                    if now < due || sent.is_some() {
                        continue;
                    }
                    match turn.judge(&ada, now) {
                        Verdict::Wait { until } => due = until,
                        Verdict::Drop { because } => prop_assert!(false, "lost: {}", because),
                        Verdict::Send { until } => {
                            prop_assert!(!quiet.is_quiet(ada.zone, now));
                            // The last instant at which the provider may be tried.
                            if let Some(last) = until {
                                prop_assert!(!quiet.is_quiet(ada.zone, last - TimeDelta::seconds(1)));
                            }
                            if failed < failures { failed += 1 } else { sent = Some(now) }
                        }
                    }
                }
                let loud_minutes = (1440 + from - until) % 1440;
                prop_assert!(sent.is_some() || (loud_minutes > 0 && loud_minutes < 150), "{loud_minutes} {failed}");
            }
        }
    }
}
