//! Another time, proposed for an appointment that is confirmed: it stays what it was until its client takes the other one.

use super::{Office, ahead, id, instant, z};
use crate::support::practice::Caller;
use carehub::{accounts::Role, appointments::upkeep, clock::Clock};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::{Value, json};

const REMINDERS: &str = "SELECT extract(epoch FROM lower(a.during) - n.due_at)::bigint / 60 FROM notifications n
    JOIN appointments a ON a.id = n.about WHERE n.kind = 'appointmentReminder' AND n.cancelled_at IS NULL ORDER BY 1 DESC";

/// A confirmed appointment, for which another time is proposed.
struct Proposed {
    office: Office,
    bea: Caller,
    appointment: String,
}

impl Proposed {
    async fn open(at: DateTime<Utc>, other: DateTime<Utc>) -> Self {
        let office = Office::open().await;
        let bea = office.client("Bea").await;
        let appointment = office.confirmed(&office.ann, at).await;
        let proposed = Self { office, bea, appointment };
        proposed.propose(other).await;
        proposed
    }

    async fn propose(&self, other: DateTime<Utc>) -> Value {
        let path = format!("ehr/appointments/{}/propose", self.appointment);
        self.office.maya.post(&path, json!({"startsAt": other})).await.expect(200)
    }

    fn own(&self, act: &str) -> String {
        format!("portal/appointments/{}/{act}", self.appointment)
    }

    /// Its state, when it is, and when it is proposed to be.
    async fn stands(&self) -> (String, DateTime<Utc>, Option<DateTime<Utc>>) {
        let shown = self.office.ann.get(&format!("portal/appointments/{}", self.appointment)).await.expect(200);
        let proposal = Some(&shown["proposal"]["startsAt"]).filter(|at| !at.is_null()).map(instant);
        (shown["state"].as_str().unwrap().to_owned(), instant(&shown["startsAt"]), proposal)
    }

    /// Of these hours ahead those that somebody else may choose.
    async fn free_for_others<const N: usize>(&self, hours: [i64; N]) -> Vec<i64> {
        let free = self.office.free(&self.bea, ahead(hours[0]), hours[N - 1] - hours[0] + 1).await;
        hours.into_iter().filter(|hour| free.contains(&ahead(*hour))).collect()
    }

    async fn told(&self, kind: &str) -> Vec<String> {
        let rows = "SELECT u.name FROM notifications n JOIN users u ON u.id = n.user_id WHERE n.kind =";
        self.office.sql(&format!("{rows} '{kind}' ORDER BY n.id")).await
    }
}

fn confirmed(at: i64, proposal: Option<i64>) -> (String, DateTime<Utc>, Option<DateTime<Utc>>) {
    ("confirmed".to_owned(), ahead(at), proposal.map(ahead))
}

#[actix_web::test]
async fn what_is_confirmed_stays_so_and_both_times_are_kept_until_the_other_one_is_accepted() {
    let it = Proposed::open(ahead(48), ahead(50)).await;
    assert_eq!(it.stands().await, confirmed(48, Some(50)));
    assert_eq!(it.told("appointmentChanged").await, ["Ann Field"]);
    assert_eq!(it.office.sql(REMINDERS).await, ["1440", "60"], "of the time that is confirmed");
    assert_eq!(it.free_for_others([48, 49, 50, 51]).await, [49, 51]);
    for hour in [48, 50] {
        it.office.request(&it.bea, ahead(hour)).await.refused(409, "conflict");
        let booking = json!({"client": it.bea.id, "clinician": it.office.maya.id, "startsAt": ahead(hour)});
        it.office.flo.post("ehr/appointments", booking).await.refused(409, "conflict");
    }
    // Nobody else answers it, and nothing is to be confirmed.
    it.bea.post(&it.own("accept"), json!({})).await.refused(404, "notFound");
    it.bea.post(&it.own("decline"), json!({})).await.refused(404, "notFound");
    let desk = it.office.flo.get("ehr/appointments?status=requested").await.expect(200);
    assert_eq!(desk["items"], json!([]));
    let accepted = it.office.ann.post(&it.own("accept"), json!({})).await.expect(200);
    assert_eq!((&accepted["proposal"], instant(&accepted["startsAt"])), (&Value::Null, ahead(50)));
    assert_eq!(it.stands().await, confirmed(50, None));
    assert_eq!(it.free_for_others([48, 49, 50, 51]).await, [48, 49, 51]);
    assert_eq!(it.told("appointmentConfirmed").await, ["Ann Field", "Maya Lind"]);
    assert_eq!(it.office.sql(REMINDERS).await, ["1440", "60"], "of the new time alone");
    for act in ["accept", "decline"] {
        it.office.ann.post(&it.own(act), json!({})).await.refused(409, "conflict");
    }
    assert_eq!(it.office.sql("SELECT sequence FROM appointments").await, ["2"], "calendars hear of the move");
}

#[actix_web::test]
async fn whoever_declines_keeps_what_they_had_and_the_other_time_is_free() {
    let it = Proposed::open(ahead(48), ahead(50)).await;
    it.office.rule(json!({"mayView": false})).await;
    it.office.ann.post(&it.own("decline"), json!({})).await.refused(403, "forbidden");
    // It costs nothing, and can be done though clients cancel by telephone.
    it.office.rule(json!({"mayView": true, "mayCancel": false})).await;
    it.office.ann.post(&it.own("decline"), json!({})).await.expect(200);
    assert_eq!(it.stands().await, confirmed(48, None));
    assert_eq!(it.free_for_others([48, 49, 50, 51]).await, [49, 50, 51]);
    assert_eq!(it.told("appointmentChanged").await, ["Ann Field", "Maya Lind"]);
    assert_eq!(it.office.sql(REMINDERS).await, ["1440", "60"]);
    for act in ["accept", "decline"] {
        it.office.ann.post(&it.own(act), json!({})).await.refused(409, "conflict");
    }
    it.office.request(&it.bea, ahead(50)).await.expect(201);
    let sequences = "SELECT max(sequence) FROM appointments WHERE state = 'confirmed'";
    assert_eq!(it.office.sql(sequences).await, ["1"], "calendars have nothing to hear of");
}

#[actix_web::test]
async fn the_practice_takes_a_proposal_back_or_makes_another_in_its_place() {
    let it = Proposed::open(ahead(48), ahead(50)).await;
    it.propose(ahead(52)).await;
    assert_eq!(it.stands().await, confirmed(48, Some(52)));
    assert_eq!(it.free_for_others([48, 49, 50, 51, 52]).await, [49, 50, 51]);
    let path = format!("ehr/appointments/{}/", it.appointment);
    let propose =
        async |at: DateTime<Utc>| it.office.maya.post(&format!("{path}propose"), json!({"startsAt": at})).await;
    // Not what it has, nor what somebody else has; that leaves the proposal before.
    propose(ahead(48)).await.refused(422, "invalid");
    it.office.confirmed(&it.bea, ahead(54)).await;
    propose(ahead(54)).await.refused(409, "conflict");
    assert_eq!(it.stands().await, confirmed(48, Some(52)));
    // A little later than it is: the two overlap one another, and nobody else.
    let later = ahead(48) + TimeDelta::minutes(30);
    propose(later).await.expect(200);
    assert_eq!(it.free_for_others([47, 48, 49, 50, 51, 52]).await, [47, 50, 51, 52]);
    let tom = it.office.practice.person("Tom", Role::Clinician).await;
    tom.post(&format!("{path}withdraw"), json!({})).await.refused(404, "notFound");
    let shown = it.office.flo.post(&format!("{path}withdraw"), json!({})).await.expect(200);
    assert_eq!((&shown["state"], &shown["proposal"]), (&json!("confirmed"), &Value::Null));
    it.office.flo.post(&format!("{path}withdraw"), json!({})).await.refused(409, "conflict");
    assert_eq!(it.free_for_others([47, 48, 49, 50, 51, 52]).await, [47, 49, 50, 51, 52]);
    propose(later).await.expect(200);
    it.office.ann.post(&it.own("accept"), json!({})).await.expect(200);
    let (state, at, _) = it.stands().await;
    assert_eq!((state.as_str(), at), ("confirmed", later));
}

#[actix_web::test]
async fn whatever_else_becomes_of_the_appointment_ends_the_proposal() {
    for act in ["cancelled by its client", "cancelled by the practice", "moved"] {
        let it = Proposed::open(ahead(48), ahead(50)).await;
        let path = format!("ehr/appointments/{}/", it.appointment);
        let elsewhere = json!({"startsAt": ahead(53)});
        match act {
            "cancelled by its client" => it.office.ann.put(&it.own("cancel"), json!({})).await,
            "cancelled by the practice" => it.office.maya.post(&format!("{path}cancel"), json!({})).await,
            _ => it.office.maya.put(&format!("{path}reschedule"), elsewhere).await,
        }
        .expect(200);
        assert_eq!(it.stands().await.2, None, "{act}");
        assert_eq!(it.free_for_others([48, 50]).await, [48, 50], "{act}");
        it.office.ann.post(&it.own("accept"), json!({})).await.refused(409, "conflict");
    }
    // By its client, to where both would be in the way of anybody else.
    let it = Proposed::open(ahead(48), ahead(50)).await;
    it.office.ann.put(&it.own("reschedule"), json!({"startsAt": ahead(50)})).await.expect(200);
    assert_eq!(it.stands().await, ("rescheduled".to_owned(), ahead(50), None));
    assert_eq!(it.free_for_others([48, 49, 50]).await, [48, 49]);
    // And whoever comes is here.
    let it = Proposed::open(ahead(2), ahead(50)).await;
    it.office.maya.post(&format!("ehr/appointments/{}/check-in", it.appointment), json!({})).await.expect(200);
    assert_eq!((it.stands().await.2, it.free_for_others([50]).await), (None, vec![50]));
}

#[actix_web::test]
async fn a_proposal_is_over_when_one_of_the_two_times_begins() {
    // The earlier time that was proposed has gone by; the appointment has begun, and the later one is still ahead.
    for (column, other, left) in [("proposed", 3, None), ("during", 50, Some(50))] {
        let it = Proposed::open(ahead(48), ahead(other)).await;
        let past = format!(
            "UPDATE appointments SET {column} = tstzrange(at, at + interval '50 minutes'),
                {column}_taken = tstzrange(at, at + interval '1 hour')
            FROM (SELECT now() - interval '1 minute' AS at) past"
        );
        it.office.sql(&past.replace("during_taken", "taken")).await;
        let (state, _, proposal) = it.stands().await;
        assert_eq!((state.as_str(), proposal), ("confirmed", None));
        for act in ["accept", "decline"] {
            it.office.ann.post(&it.own(act), json!({})).await.refused(409, "conflict");
        }
        // Free without any loop.
        if let Some(left) = left {
            assert_eq!(it.free_for_others([left]).await, [left]);
            it.office.request(&it.bea, ahead(left)).await.expect(201);
        }
        assert_eq!(it.stands().await.0, "confirmed");
    }
}

#[actix_web::test]
async fn what_a_proposal_leaves_is_offered_to_whoever_waits() {
    let wait = async |office: &Office, client: &Caller| {
        let wish = json!({"clinician": office.maya.id, "from": ahead(49), "until": ahead(60)});
        client.post("portal/appointments/waitlist", wish).await.expect(201);
    };
    let offered = async |client: &Caller| -> Vec<DateTime<Utc>> {
        let found = client.get("portal/appointments").await.expect(200);
        let of = |one: &&Value| one["state"] == "offered";
        found["items"].as_array().unwrap().iter().filter(of).map(|one| instant(&one["startsAt"])).collect()
    };
    // Declined.
    let it = Proposed::open(ahead(48), ahead(50)).await;
    wait(&it.office, &it.bea).await;
    it.office.ann.post(&it.own("decline"), json!({})).await.expect(200);
    assert_eq!(offered(&it.bea).await, [ahead(50)]);
    // Not answered before the appointment began.
    let it = Proposed::open(ahead(48), ahead(50)).await;
    wait(&it.office, &it.bea).await;
    it.office
        .sql("UPDATE appointments SET during = tstzrange(at, at + interval '50 minutes'), taken = tstzrange(at, at + interval '1 hour')
            FROM (SELECT now() - interval '1 minute' AS at) past")
        .await;
    let mut conn = it.office.practice.database.connect().await;
    upkeep::look(&mut conn, Clock::system().now()).await.unwrap();
    assert_eq!(offered(&it.bea).await, [ahead(50)]);
    assert_eq!(it.stands().await.0, "confirmed");
    assert_eq!(it.office.sql("SELECT count(*) FROM appointments WHERE proposed IS NOT NULL").await, ["0"]);
    upkeep::look(&mut conn, Clock::system().now()).await.unwrap();
    // Taken: what it leaves is the time that it had.
    let it = Proposed::open(ahead(52), ahead(50)).await;
    wait(&it.office, &it.bea).await;
    it.office.ann.post(&it.own("accept"), json!({})).await.expect(200);
    assert_eq!(offered(&it.bea).await, [ahead(52)]);
}

/// I9.
#[actix_web::test]
async fn a_time_that_is_proposed_and_asked_for_at_once_is_one_persons() {
    let office = Office::open().await;
    let mut others = Vec::new();
    for n in 0..6 {
        others.push(office.client(&format!("Client {n}")).await);
    }
    let appointment = office.confirmed(&office.ann, ahead(48)).await;
    let path = format!("ehr/appointments/{appointment}/propose");
    for hour in [50, 52, 54] {
        let body = json!({"startsAt": ahead(hour)});
        let (proposed, asked) = tokio::join!(
            office.maya.post(&path, body),
            join_all(others.iter().map(|other| office.request(other, ahead(hour))))
        );
        let won = asked.iter().filter(|answer| answer.status == 201).count() + usize::from(proposed.status == 200);
        assert_eq!(won, 1, "{proposed:?} {asked:?}");
    }
    let claims = "SELECT count(*) FROM appointments a JOIN appointments b ON a.id < b.id AND a.claimed && b.claimed
        WHERE a.state <> 'cancelled' AND b.state <> 'cancelled'";
    assert_eq!(office.sql(claims).await, ["0"]);
}

#[actix_web::test]
async fn one_of_a_series_keeps_its_time_too_and_a_series_that_moves_leaves_its_proposals_behind() {
    let office = Office::open().await;
    let new = json!({"client": office.ann.id, "clinician": office.maya.id, "startsAt": ahead(48),
        "rule": "FREQ=DAILY;COUNT=3"});
    let made = office.maya.post("ehr/appointments", new).await.expect(201);
    let second = id(&made["items"][1]);
    let path = format!("ehr/appointments/{second}");
    let shown = office.maya.post(&format!("{path}/propose"), json!({"startsAt": ahead(75)})).await.expect(200);
    assert_eq!((instant(&shown["startsAt"]), instant(&shown["proposal"]["startsAt"])), (ahead(72), ahead(75)));
    let bea = office.client("Bea").await;
    office.request(&bea, ahead(72)).await.refused(409, "conflict");
    let first = format!("ehr/appointments/{}/series", id(&made["items"][0]));
    let moved = json!({"scope": "all", "startsAt": ahead(49), "mode": "video", "leaveTaken": false});
    office.maya.put(&first, moved).await.expect(200);
    let shown = office.maya.get(&path).await.expect(200);
    assert_eq!((z(instant(&shown["startsAt"])), &shown["proposal"]), (z(ahead(73)), &Value::Null));
    office.request(&bea, ahead(75)).await.expect(201);
}
