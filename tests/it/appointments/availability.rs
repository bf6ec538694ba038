//! When clinicians are there.

use super::{Office, ahead, around_the_clock, id, instant, z};
use carehub::accounts::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

#[actix_web::test]
async fn the_week_is_shown_as_it_was_put_and_what_a_colleague_changed_is_not_overwritten() {
    let office = Office::open().await;
    let tom = office.practice.person("Tom", Role::Clinician).await;
    let empty = tom.get("ehr/availability").await.expect(200);
    assert_eq!(
        (&empty["revision"], &empty["hours"], &empty["timeZone"]),
        (&json!(0), &json!([]), &json!("America/Chicago"))
    );
    let mut week = around_the_clock(0);
    week["timeZone"] = json!("Europe/Berlin");
    week["roomUrl"] = json!("https://meet.example.org/tom");
    let put = tom.put("ehr/availability", week.clone()).await.expect(200);
    for key in ["timeZone", "hours", "bufferMinutes", "roomUrl"] {
        assert_eq!(put[key], week[key], "{key}");
    }
    tom.put("ehr/availability", week.clone()).await.refused(409, "conflict");
    week["revision"] = json!(i64::MAX);
    tom.put("ehr/availability", week.clone()).await.refused(409, "conflict");
    // The front desk keeps everybody's; a colleague does not.
    week["revision"] = json!(1);
    week["user"] = json!(tom.id);
    office.maya.put("ehr/availability", week.clone()).await.refused(403, "forbidden");
    assert_eq!(office.flo.put("ehr/availability", week.clone()).await.expect(200)["revision"], 2);
    office.maya.get(&format!("ehr/availability?user={}", tom.id)).await.refused(403, "forbidden");
    let stranger = office.practice.stranger("Zed", Role::Clinician).await;
    week["user"] = json!(stranger.id);
    office.flo.put("ehr/availability", week).await.refused(422, "invalid");
}

#[actix_web::test]
async fn hours_that_make_no_sense_are_refused_field_by_field() {
    let office = Office::open().await;
    let with = |key: &str, value: Value| {
        let mut week = around_the_clock(1);
        week[key] = value;
        week
    };
    let hours = |starts: &str, ends: &str| json!([{"weekday": 1, "starts": starts, "ends": ends}]);
    for (body, pointer) in [
        (with("timeZone", json!("Mars/Olympus")), "/timeZone"),
        (with("sessionMinutes", json!(4)), "/sessionMinutes"),
        (with("bufferMinutes", json!(241)), "/bufferMinutes"),
        (with("stepMinutes", json!(0)), "/stepMinutes"),
        (with("horizonDays", json!(366)), "/horizonDays"),
        (with("hours", json!([{"weekday": 8, "starts": "09:00", "ends": "10:00"}])), "/hours/0/weekday"),
        (with("hours", hours("nine", "10:00")), "/hours/0/starts"),
        (with("hours", hours("10:00", "09:00")), "/hours/0/ends"),
        (with("hours", Value::Array(vec![hours("09:00", "10:00")[0].clone(); 71])), "/hours"),
        (with("roomUrl", json!("http://127.0.0.1/")), "/roomUrl"),
    ] {
        let refused = office.maya.put("ehr/availability", body).await.refused(422, "invalid");
        let pointers: Vec<_> =
            refused["errors"].as_array().unwrap().iter().map(|error| error["pointer"].clone()).collect();
        assert!(pointers.contains(&json!(pointer)), "{pointer}: {refused}");
    }
}

#[actix_web::test]
async fn being_away_takes_times_away_and_leaves_what_is_booked() {
    let office = Office::open().await;
    let from = ahead(40);
    let booked = office.confirmed(&office.ann, from + TimeDelta::hours(1)).await;
    let away = json!({"open": false, "startsAt": from, "endsAt": from + TimeDelta::hours(4)});
    let key = uuid::Uuid::now_v7();
    let again = away.clone();
    let away = id(&office.maya.post_once(key, "ehr/availability/exceptions", away).await.expect(201));
    // Sent again, it is noted once; the key stands for nothing else.
    let path = "ehr/availability/exceptions";
    assert_eq!(id(&office.maya.post_once(key, path, again.clone()).await.expect(200)), away);
    let mut other = again;
    other["open"] = json!(true);
    office.maya.post_once(key, path, other).await.refused(409, "conflict");
    assert_eq!(office.free(&office.ann, from, 6).await, [4, 5].map(|hour| from + TimeDelta::hours(hour)));
    office.request(&office.ann, from).await.refused(409, "conflict");
    assert_eq!(office.ann.get(&format!("portal/appointments/{booked}")).await.expect(200)["state"], "confirmed");
    let tom = office.practice.person("Tom", Role::Clinician).await;
    tom.delete(&format!("ehr/availability/exceptions/{away}")).await.refused(404, "notFound");
    office.flo.delete(&format!("ehr/availability/exceptions/{away}")).await.expect(204);
    assert_eq!(office.free(&office.ann, from, 4).await, [0, 2, 3].map(|hour| from + TimeDelta::hours(hour)));
    for (from, until) in [(from, from), (ahead(-5), ahead(-4)), (from, ahead(24 * 800))] {
        let body = json!({"open": true, "startsAt": from, "endsAt": until});
        office.maya.post("ehr/availability/exceptions", body).await.refused(422, "invalid");
    }
}

#[actix_web::test]
async fn a_policy_that_was_changed_meanwhile_is_not_overwritten_and_nonsense_is_refused() {
    let office = Office::open().await;
    let built_in = office.alma.get("admin/appointment-policy").await.expect(200);
    assert_eq!((&built_in["windowMinutes"], &built_in["mayBook"]), (&json!(1440), &json!(false)));
    // No revision is too large to be a wrong one.
    let mut far = built_in.clone();
    far["revision"] = json!(i64::MAX);
    office.alma.put("admin/appointment-policy", far.clone()).await.refused(409, "conflict");
    office.alma.put("admin/appointment-policy", built_in.clone()).await.expect(200);
    office.alma.put("admin/appointment-policy", far).await.refused(409, "conflict");
    office.alma.put("admin/appointment-policy", built_in.clone()).await.refused(409, "conflict");
    for (key, value, pointer) in [
        ("windowMinutes", json!(20_161), "/windowMinutes"),
        ("fee", json!({"amount": -1, "currency": "USD"}), "/fee/amount"),
        ("fee", json!({"amount": 1, "currency": "usd"}), "/fee/currency"),
        ("fee", json!({"amount": 1, "currency": "EUR"}), "/fee/currency"),
        ("reminderMinutes", json!([1, 60]), "/reminderMinutes"),
        ("reminderMinutes", json!([5, 6, 7, 8, 9, 10]), "/reminderMinutes"),
        ("phone", json!("1".repeat(41)), "/phone"),
    ] {
        let mut policy = built_in.clone();
        policy["revision"] = json!(1);
        policy[key] = value;
        let refused = office.alma.put("admin/appointment-policy", policy).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], pointer);
    }
    // A late fee is one that the practice can charge.
    let mut billing = office.flo.get("ehr/billing/settings").await.expect(200);
    billing["currency"] = json!("EUR");
    office.flo.put("ehr/billing/settings", billing).await.expect(200);
    let policy = office.alma.get("admin/appointment-policy").await.expect(200);
    assert_eq!(policy["fee"]["currency"], "EUR");
    office.alma.put("admin/appointment-policy", policy).await.expect(200);
    let slots =
        format!("portal/slots?clinician={}&from=2026-01-01T00:00:00Z&until=2027-01-01T00:00:00Z", office.maya.id);
    office.ann.get(&slots).await.refused(422, "invalid");
    let slots = office.maya.get(&format!("ehr/slots?clinician={}", office.maya.id)).await.expect(200);
    assert!(instant(&slots["items"][0]["startsAt"]) >= ahead(0));
}

#[actix_web::test]
async fn free_times_beyond_a_thousand_are_gone_on_to_from_where_the_answer_says() {
    let office = Office::open().await;
    let mut often = around_the_clock(1);
    often["sessionMinutes"] = json!(5);
    often["bufferMinutes"] = json!(0);
    often["stepMinutes"] = json!(5);
    office.maya.put("ehr/availability", often).await.expect(200);
    let (from, until) = (ahead(1), ahead(24 * 8));
    for (caller, door) in [(&office.ann, "portal"), (&office.maya, "ehr")] {
        let (mut found, mut answers, mut next) = (Vec::new(), 0, Some(z(from)));
        while let Some(from) = next {
            let path = format!("{door}/slots?clinician={}&from={from}&until={}", office.maya.id, z(until));
            let page = caller.get(&path).await.expect(200);
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 1_000, "{} in one answer", items.len());
            found.extend(items.iter().map(|slot| instant(&slot["startsAt"])));
            next = page["next"].as_str().map(str::to_owned);
            answers += 1;
        }
        let all: Vec<_> = (0..).map(|step| from + TimeDelta::minutes(5 * step)).take_while(|at| *at < until).collect();
        assert_eq!((found == all, found.len(), answers), (true, all.len(), 3), "{door}: none twice, none left out");
    }
    // As many as one answer holds, and not one more.
    let path = |minutes| {
        let until = z(from + TimeDelta::minutes(minutes));
        format!("portal/slots?clinician={}&from={}&until={until}", office.maya.id, z(from))
    };
    assert_eq!(office.ann.get(&path(5_000)).await.expect(200)["next"], Value::Null);
    let more = office.ann.get(&path(5_001)).await.expect(200);
    assert_eq!(
        (more["items"].as_array().unwrap().len(), &more["next"]),
        (1_000, &json!(z(from + TimeDelta::minutes(5_000))))
    );
}
