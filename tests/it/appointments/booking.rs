//! Taking a time: nobody gets what somebody else has.

use super::{Office, ahead, id, instant, z};
use crate::support::Hub;
use carehub::{
    accounts::{Role, access::Viewer},
    appointments::book::{self, HELD_FOR, Request},
    audit::Actor,
    ids::AppointmentId,
};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;
use uuid::Uuid;

/// I9, and four times as many.
#[actix_web::test]
async fn of_two_hundred_clients_who_ask_for_one_time_at_once_exactly_one_gets_it() {
    let office = Office::open().await;
    let mut clients = Vec::new();
    for _ in 0..200 {
        clients.push(office.client("Cleo").await);
    }
    let at = ahead(30);
    let since = std::time::Instant::now();
    let answers = join_all(clients.iter().map(|client| office.request(client, at))).await;
    println!("200 simultaneous bookings of one time: {:?}", since.elapsed());
    let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!(count(201), 1);
    // A store that is asked by too many at once may say that it is busy; nothing else.
    assert_eq!(count(409) + count(503), 199, "{answers:?}");
    for (client, answer) in clients.iter().zip(&answers) {
        if answer.status == 503 {
            office.request(client, at).await.refused(409, "conflict");
        }
    }
    assert_eq!(office.sql("SELECT count(*) FROM appointments").await, ["1"]);
}

#[actix_web::test]
async fn of_two_hundred_clients_on_two_hubs_of_one_store_exactly_one_gets_the_time_and_the_others_are_told_so() {
    let office = Office::open().await;
    let second = Hub::start(&office.practice.database).await;
    let at = ahead(30);
    // Two at the same moment, one on each hub, again and again.
    let bea = office.client("Bea").await.through(&second);
    for hours in 40..50 {
        let (here, there) = tokio::join!(office.request(&office.ann, ahead(hours)), office.request(&bea, ahead(hours)));
        let (won, lost) = if here.status == 201 { (here, there) } else { (there, here) };
        let made = id(&won.expect(201));
        let refused = lost.refused(409, "conflict");
        assert_eq!(refused["detail"], book::TAKEN);
        // The practice has an answer for each, so that neither has too many open.
        office.maya.post(&format!("ehr/appointments/{made}/confirm"), json!({})).await.expect(200);
    }
    let mut clients = Vec::new();
    for place in 0..200 {
        let client = office.client("Cleo").await;
        clients.push(if place % 2 == 0 { client } else { client.through(&second) });
    }
    let since = std::time::Instant::now();
    let answers = join_all(clients.iter().map(|client| office.request(client, at))).await;
    println!("200 simultaneous bookings of one time on two hubs: {:?}", since.elapsed());
    let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(201), count(409) + count(503)), (1, 199), "{answers:?}");
    for (client, answer) in clients.iter().zip(answers) {
        let told = if answer.status == 503 { office.request(client, at).await } else { answer };
        if told.status != 201 {
            assert_eq!(told.refused(409, "conflict")["detail"], book::TAKEN);
        }
    }
    let taken = format!("SELECT count(*) FROM appointments WHERE lower(during) = '{}'", z(at));
    assert_eq!(office.sql(&taken).await, ["1"]);
    let told = "SELECT count(*) FROM notifications WHERE kind = 'appointmentRequested'";
    assert_eq!(office.sql(told).await, ["11"], "the clinician, of each once");
}

#[actix_web::test]
async fn the_database_itself_lets_no_clinician_have_two_clients_at_once() {
    let office = Office::open().await;
    let at = ahead(30);
    let first = id(&office.request(&office.ann, at).await.expect(201));
    // Past all code: a row beside it, and one moved onto it.
    let beside = |shift: i64, state: &str| {
        format!(
            "INSERT INTO appointments (id, practice_id, client_id, clinician_id, state, mode, during, taken, room, made_by,
                made_at, changed_at, cancelled_by)
            SELECT '{}', practice_id, client_id, clinician_id, '{state}', mode, tstzrange(lower(during) + interval '{shift}
                minutes', upper(during) + interval '{shift} minutes'), tstzrange(lower(taken) + interval '{shift} minutes',
                upper(taken) + interval '{shift} minutes'), room, made_by, now(), now(),
                CASE WHEN '{state}' = 'cancelled' THEN 'client' END
            FROM appointments WHERE id = '{first}'",
            Uuid::now_v7()
        )
    };
    for shift in [-59, -1, 0, 1, 59] {
        let refused = "RAISE 'it was taken'; EXCEPTION WHEN exclusion_violation THEN NULL";
        office.sql(&format!("DO $$ BEGIN {}; {refused}; END $$", beside(shift, "confirmed"))).await;
    }
    for (shift, state) in [(0, "cancelled"), (60, "confirmed"), (-60, "confirmed")] {
        office.sql(&beside(shift, state)).await;
    }
}

#[actix_web::test]
async fn a_request_that_is_sent_again_asks_once_and_anothers_id_is_refused() {
    let office = Office::open().await;
    let (ann, bea) = (&office.ann, office.client("Bea").await);
    let body = json!({"id": Uuid::now_v7(), "clinician": office.maya.id, "startsAt": ahead(30), "note": "Sleep"});
    let answers = join_all((0..10).map(|_| ann.post("portal/appointments/request", body.clone()))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| [200, 201].contains(&answer.status) && answer.body["note"] == "Sleep"));
    bea.post("portal/appointments/request", body).await.refused(409, "conflict");
    assert_eq!(office.sql("SELECT count(*) FROM appointments").await, ["1"]);
    let told = "SELECT count(*) FROM notifications WHERE kind = 'appointmentRequested'";
    assert_eq!(office.sql(told).await, ["1"], "the clinician, once");
    let sealed = "SELECT count(*) FROM appointments WHERE note_sealed::text LIKE '%Sleep%' OR note_sealed IS NULL";
    assert_eq!(office.sql(sealed).await, ["0"]);
}

#[actix_web::test]
async fn a_time_is_kept_for_ten_minutes_while_the_request_is_filled_in() {
    let office = Office::open().await;
    let bea = office.client("Bea").await;
    let at = ahead(30);
    let hold = json!({"clinician": office.maya.id, "startsAt": at});
    office.ann.post("portal/appointments/hold", hold.clone()).await.expect(201);
    bea.post("portal/appointments/hold", hold.clone()).await.refused(409, "conflict");
    office.request(&bea, at).await.refused(409, "conflict");
    assert!(!office.free(&bea, at, 1).await.contains(&at));
    assert!(office.free(&office.ann, at, 1).await.contains(&at), "to herself it is free");
    // She looks at another one: the first is free again.
    let other = json!({"clinician": office.maya.id, "startsAt": at + TimeDelta::hours(1)});
    office.ann.post("portal/appointments/hold", other).await.expect(201);
    assert!(office.free(&bea, at, 1).await.contains(&at));
    assert_eq!(office.ann.get("portal/appointments").await.expect(200)["items"], json!([]));
    office.request(&office.ann, at).await.expect(201);
    assert_eq!(office.sql("SELECT count(*) FROM appointments WHERE state = 'held'").await, ["0"]);
}

#[actix_web::test]
async fn what_is_kept_is_free_again_when_the_clock_says_so() {
    let office = Office::open().await;
    let bea = office.client("Bea").await;
    let mut conn = office.practice.database.connect().await;
    let (at, now) = (ahead(30), carehub::clock::Clock::system().now());
    let viewer = |id| Viewer { user: id, practice: office.practice.id, role: Role::Client };
    let request = || Request {
        id: AppointmentId::new(),
        clinician: office.maya.id,
        starts_at: at,
        mode: Default::default(),
        note: None,
    };
    let actor = Actor::hub();
    book::hold(&mut conn, viewer(office.ann.id), &actor, &request(), now).await.unwrap();
    let early = now + HELD_FOR - TimeDelta::seconds(1);
    assert!(book::hold(&mut conn, viewer(bea.id), &actor, &request(), early).await.is_err());
    book::hold(&mut conn, viewer(bea.id), &actor, &request(), now + HELD_FOR).await.unwrap();
    let holder = format!("SELECT client_id = '{}' FROM appointments", bea.id);
    assert_eq!(office.sql(&holder).await, ["t"]);
}

#[actix_web::test]
async fn a_client_asks_for_free_times_of_their_own_clinicians_and_for_five_at_most() {
    let office = Office::open().await;
    let tom = office.practice.person("Tom", Role::Clinician).await;
    tom.put("ehr/availability", super::around_the_clock(0)).await.expect(200);
    let zed = office.practice.stranger("Zed", Role::Clinician).await;
    zed.put("ehr/availability", super::around_the_clock(0)).await.expect(200);
    let ask = async |clinician, at| {
        office.ann.post("portal/appointments/request", json!({"clinician": clinician, "startsAt": at})).await
    };
    let mut refusals = Vec::new();
    for clinician in [tom.id.0, zed.id.0, office.ann.id.0, Uuid::now_v7()] {
        refusals.push(ask(clinician, ahead(30)).await.refused(422, "invalid"));
        let slots = office.ann.get(&format!("portal/slots?clinician={clinician}")).await;
        slots.refused(422, "invalid");
    }
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "a colleague, a stranger and nobody look alike");
    for at in [ahead(-1), ahead(30) + TimeDelta::minutes(30), ahead(24 * 90)] {
        ask(office.maya.id.0, at).await.refused(409, "conflict");
    }
    for hour in 30..35 {
        ask(office.maya.id.0, ahead(hour)).await.expect(201);
    }
    ask(office.maya.id.0, ahead(40)).await.refused(409, "conflict");
}

#[actix_web::test]
async fn who_has_nobody_in_their_care_team_asks_whoever_of_the_practice_takes_appointments() {
    let office = Office::open().await;
    let new = office.practice.person("New", Role::Client).await;
    let terms = new.get("portal/appointments/terms").await.expect(200);
    assert_eq!(terms["clinicians"][0]["id"], json!(office.maya.id));
    office.request(&new, ahead(30)).await.expect(201);
}

#[actix_web::test]
async fn the_practice_switches_each_thing_on_and_off_by_itself() {
    let office = Office::open().await;
    let appointment = office.confirmed(&office.ann, ahead(50)).await;
    office.rule(json!({"mayView": false})).await;
    for path in ["portal/appointments".to_owned(), format!("portal/appointments/{appointment}")] {
        office.ann.get(&path).await.refused(403, "forbidden");
    }
    office.rule(json!({"mayView": true, "mayRequest": false})).await;
    office.ann.get("portal/appointments").await.expect(200);
    office.request(&office.ann, ahead(30)).await.refused(403, "forbidden");
    office.rule(json!({"mayRequest": true, "mayBook": true})).await;
    let booked = office.request(&office.ann, ahead(30)).await.expect(201);
    assert_eq!(booked["state"], "confirmed");
    office.rule(json!({"mayCancel": false})).await;
    let cancel = format!("portal/appointments/{appointment}/cancel");
    let refused = office.ann.put(&cancel, json!({"acceptFee": true})).await.refused(409, "conflict");
    assert_eq!(refused["reason"], "phoneOnly");
    let moved = format!("portal/appointments/{appointment}/reschedule");
    let refused = office.ann.put(&moved, json!({"startsAt": ahead(55)})).await.refused(409, "conflict");
    assert_eq!(refused["reason"], "phoneOnly");
    // What was never settled is taken back or declined all the same.
    office.rule(json!({"mayBook": false})).await;
    let asked = id(&office.request(&office.ann, ahead(40)).await.expect(201));
    let proposed = id(&office.request(&office.ann, ahead(41)).await.expect(201));
    let other = json!({"startsAt": ahead(43)});
    office.maya.post(&format!("ehr/appointments/{proposed}/propose"), other).await.expect(200);
    for id in [asked, proposed] {
        office.ann.put(&format!("portal/appointments/{id}/cancel"), json!({})).await.expect(200);
    }
    let shown = office.ann.get("portal/appointments").await.expect(200);
    assert_eq!(shown["items"].as_array().unwrap().len(), 2);
    assert_eq!(instant(&shown["items"][0]["startsAt"]), ahead(30), "the nearest first");
}

#[actix_web::test]
async fn nobody_sees_or_touches_an_appointment_that_is_not_theirs() {
    let office = Office::open().await;
    let appointment = office.confirmed(&office.ann, ahead(30)).await;
    let bea = office.client("Bea").await;
    let tom = office.practice.person("Tom", Role::Clinician).await;
    let eve = office.practice.stranger("Eve", Role::Admin).await;
    let unknown = Uuid::now_v7();
    for id in [appointment.as_str(), &unknown.to_string()] {
        for path in ["", "/join", "/calendar.ics"] {
            bea.get(&format!("portal/appointments/{id}{path}")).await.refused(404, "notFound");
        }
        bea.put(&format!("portal/appointments/{id}/cancel"), json!({})).await.refused(404, "notFound");
        for other in [&tom, &eve] {
            other.get(&format!("ehr/appointments/{id}")).await.refused(404, "notFound");
            for act in ["confirm", "check-in", "complete", "no-show", "cancel"] {
                other.post(&format!("ehr/appointments/{id}/{act}"), json!({})).await.refused(404, "notFound");
            }
        }
    }
    for other in [&tom, &eve] {
        assert_eq!(other.get("ehr/appointments?status=all").await.expect(200)["items"], json!([]));
    }
    // The front desk sees all of the practice's; who broke the glass sees this client's, and that stands in the log.
    assert_eq!(office.flo.get("ehr/appointments").await.expect(200)["items"][0]["id"], json!(appointment));
    let reason = json!({"reason": "She called in distress."});
    tom.post(&format!("ehr/clients/{}/break-glass", office.ann.id), reason).await.expect(201);
    tom.get(&format!("ehr/appointments/{appointment}")).await.expect(200);
    let seen =
        format!("SELECT emergency FROM audit_events WHERE actor_id = '{}' AND action = 'appointment.viewed'", tom.id);
    assert_eq!(office.sql(&seen).await, ["t"]);
}

#[actix_web::test]
async fn a_list_goes_on_where_it_ended() {
    let office = Office::open().await;
    for hour in [30, 33, 31, 32] {
        office.request(&office.ann, ahead(hour)).await.expect(201);
    }
    let mut found = Vec::new();
    let mut path = "portal/appointments?limit=3".to_owned();
    loop {
        let page = office.ann.get(&path).await.expect(200);
        found.extend(page["items"].as_array().unwrap().iter().map(|one| instant(&one["startsAt"])));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("portal/appointments?limit=3&cursor={next}");
    }
    assert_eq!(found, [30, 31, 32, 33].map(ahead));
    office.ann.get("portal/appointments?limit=201").await.refused(422, "invalid");
    let from = z(ahead(32));
    let week = office.maya.get(&format!("ehr/appointments?status=requested&from={from}")).await.expect(200);
    assert_eq!(week["items"].as_array().unwrap().len(), 2);
}

#[actix_web::test]
async fn who_is_erased_leaves_times_free_and_words_unreadable_and_is_given_theirs_before() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open_with(&[("CAREHUB_TOMBSTONES", folder.path().to_str().unwrap())]).await;
    let at = ahead(30);
    let body = json!({"clinician": office.maya.id, "startsAt": at, "note": "About my sleep"});
    office.ann.post("portal/appointments/request", body).await.expect(201);
    let exported = format!("admin/clients/{}/export", office.ann.id);
    let exported = office.alma.get(&exported).await.expect(200);
    assert_eq!(exported["appointments"][0]["words"], "About my sleep");
    let erase = format!("admin/clients/{}/erasure", office.ann.id);
    office.alma.post(&erase, json!({"reason": "Asked for.", "confirm": office.ann.email})).await.expect(201);
    let bea = office.client("Bea").await;
    office.request(&bea, at).await.expect(201);
    let past = office.maya.get("ehr/appointments?status=cancelled").await.expect(200);
    assert_eq!(past["items"][0]["note"], json!(null));
}
