//! What calendar programs read, judged by a parser that is not ours.

use super::{Office, ahead, id};
use crate::support::{hostile, python};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use std::{io::Write, process::Stdio};

/// Reads a file as strictly as the library does, and tells what it holds.
const READ: &str = r#"
import json, sys
from icalendar import Calendar
data = sys.stdin.buffer.read()
assert data.endswith(b"\r\n") and b"\n" not in data.replace(b"\r\n", b""), "lines end in CR LF"
assert all(len(line) <= 75 for line in data.split(b"\r\n")), "lines are folded"
assert not any(byte < 32 or byte == 127 for byte in data.replace(b"\r\n", b"")), "nothing else controls anything"
# As the least careful program splits them.
assert data.decode().splitlines() == data.decode().split("\r\n")[:-1], "a line ends there and nowhere else"
calendar = Calendar.from_ical(data)
events = [{
    "uid": str(event["UID"]), "sequence": int(event["SEQUENCE"]), "status": str(event["STATUS"]), "summary": str(event["SUMMARY"]),
    "from": event.decoded("DTSTART").isoformat(), "until": event.decoded("DTEND").isoformat(),
    "zone": str(event.decoded("DTSTART").tzinfo), "stamp": event.decoded("DTSTAMP").isoformat(), "class": str(event["CLASS"]),
    "errors": [str(error) for error in event.errors], "properties": sorted(event.keys()),
} for event in calendar.walk("VEVENT")]
print(json.dumps({"within": [part.name for part in calendar.walk()], "version": str(calendar["VERSION"]), "method": str(calendar["METHOD"]), "prodid": str(calendar["PRODID"]),
    "errors": [str(error) for error in calendar.errors], "events": events}))
"#;

fn parsed(text: &str) -> Value {
    // The package brings a program, beside which lies its Python.
    let python = python::program("icalendar", "6.3.1", "icalendar").with_file_name("python");
    let mut child = std::process::Command::new(python)
        .args(["-c", READ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}\n{text}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn text(office: &Office, path: &str, token: Option<&str>) -> (u16, String, String) {
    let request = office.practice.request(Method::GET, path);
    let request = token.into_iter().fold(request, |request, token| request.bearer_auth(token));
    let answer = request.send().await.unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (answer.status().as_u16(), kind, answer.text().await.unwrap())
}

#[actix_web::test]
async fn another_parser_reads_the_file_and_what_became_of_the_appointment() {
    let office = Office::open().await;
    let at = ahead(50);
    let appointment = id(&office.request(&office.ann, at).await.expect(201));
    let path = format!("/api/v1/portal/appointments/{appointment}/calendar.ics");
    let read = async || {
        let (status, kind, text) = text(&office, &path, Some(&office.ann.token)).await;
        assert_eq!((status, kind.as_str()), (200, "text/calendar; charset=utf-8"));
        let read = parsed(&text);
        assert_eq!((&read["version"], &read["errors"]), (&json!("2.0"), &json!([])));
        let event = read["events"][0].clone();
        assert_eq!(
            (&event["summary"], &event["class"]),
            (&json!("Appointment"), &json!("PRIVATE")),
            "nothing is told of it"
        );
        assert_eq!(event["uid"], json!(format!("{appointment}@carehub")));
        assert_eq!((&event["errors"], &event["zone"]), (&json!([]), &json!("UTC")));
        (read["method"].clone(), event)
    };
    let (method, asked) = read().await;
    assert_eq!((method, &asked["status"]), (json!("PUBLISH"), &json!("TENTATIVE")));
    assert_eq!(asked["from"], at.to_rfc3339());
    assert_eq!(asked["until"], (at + TimeDelta::minutes(50)).to_rfc3339());
    office.maya.post(&format!("ehr/appointments/{appointment}/confirm"), json!({})).await.expect(200);
    let (_, confirmed) = read().await;
    assert_eq!(confirmed["status"], "CONFIRMED");
    let moved = json!({"startsAt": at + TimeDelta::hours(2)});
    office.maya.put(&format!("ehr/appointments/{appointment}/reschedule"), moved).await.expect(200);
    let (_, moved) = read().await;
    assert_eq!(moved["from"], (at + TimeDelta::hours(2)).to_rfc3339());
    office.ann.put(&format!("portal/appointments/{appointment}/cancel"), json!({})).await.expect(200);
    let (method, cancelled) = read().await;
    assert_eq!((method, &cancelled["status"]), (json!("CANCEL"), &json!("CANCELLED")));
    let sequences = [&asked, &confirmed, &moved, &cancelled].map(|event| event["sequence"].as_i64().unwrap());
    assert!(sequences.is_sorted_by(|one, next| one < next), "{sequences:?}");
}

/// Z6.
#[actix_web::test]
async fn a_feed_is_read_by_its_address_alone_shows_ones_own_and_ends_when_it_is_ended() {
    let office = Office::open().await;
    let bea = office.client("Bea").await;
    office.confirmed(&office.ann, ahead(30)).await;
    office.confirmed(&office.ann, ahead(200)).await;
    let others = office.confirmed(&bea, ahead(31)).await;
    let note = json!({"clinician": office.maya.id, "startsAt": ahead(33), "note": "About the canary"});
    office.ann.post("portal/appointments/request", note).await.expect(201);
    let make = async |names: bool| {
        let made = office.ann.post("portal/appointments/feed", json!({"showsNames": names})).await.expect(201);
        let url = made["url"].as_str().unwrap().to_owned();
        url[url.find("/api/").unwrap()..].to_owned()
    };
    let plain = make(false).await;
    let (status, kind, body) = text(&office, &plain, None).await;
    assert_eq!((status, kind.as_str()), (200, "text/calendar; charset=utf-8"));
    let read = parsed(&body);
    assert_eq!(read["events"].as_array().unwrap().len(), 3);
    for told in ["Maya", "Lind", "Ann", "canary", "Bea", &others, "video", "@example"] {
        assert!(!body.contains(told), "{told} is in the feed");
    }
    // Whom one sees is named only where one asked for it; the address before ends.
    let named = make(true).await;
    assert_eq!(text(&office, &plain, None).await.0, 404);
    let (_, _, body) = text(&office, &named, None).await;
    assert_eq!(parsed(&body)["events"][0]["summary"], "Appointment with Maya Lind");
    assert!(!body.contains("canary"));
    let spanish = format!("UPDATE users SET language = 'es' WHERE id = '{}'", office.ann.id);
    office.sql(&spanish).await;
    let (_, _, body) = text(&office, &named, None).await;
    assert_eq!(parsed(&body)["events"][0]["summary"], "Cita con Maya Lind");
    // Kept as a digest, in no log, and every reading on record.
    let secret = named.rsplit('/').next().unwrap().trim_end_matches(".ics");
    let stored = format!("SELECT count(*) FROM calendar_feeds WHERE encode(digest, 'escape') LIKE '%{secret}%'");
    assert_eq!(office.sql(&stored).await, ["0"]);
    assert!(!office.practice.hub.logged().contains(secret), "the address is in the log");
    let reads = format!(
        "SELECT count(*) FROM audit_events WHERE action = 'calendarFeed.read' AND client_id = '{}'",
        office.ann.id
    );
    assert_eq!(office.sql(&reads).await, ["3"]);
    assert_eq!(office.ann.get("portal/appointments/feed").await.expect(200)["showsNames"], true);
    office.ann.delete("portal/appointments/feed").await.expect(204);
    let unknown = format!("/api/v1/portal/calendar/{}.ics", "A".repeat(43));
    let gone = text(&office, &named, None).await;
    assert_eq!((gone.0, &gone), (404, &text(&office, &unknown, None).await));
}

/// B4. Names that are checked where they are given have been given elsewhere, too: imported, or told by another system.
#[actix_web::test]
async fn whatever_somebody_is_called_is_one_property_of_a_calendar_and_no_more() {
    let office = Office::open().await;
    let appointment = office.confirmed(&office.ann, ahead(30)).await;
    let made = office.ann.post("portal/appointments/feed", json!({"showsNames": true})).await.expect(201);
    let url = made["url"].as_str().unwrap();
    let feed = &url[url.find("/api/").unwrap()..];
    let (_, _, body) = text(&office, feed, None).await;
    let usual = parsed(&body);
    for name in hostile::CALENDAR.iter().chain(hostile::MARKUP) {
        // In quotation marks of PostgreSQL's own, which no name holds.
        office.sql(&format!("UPDATE users SET name = $name${name}$name$ WHERE role <> 'admin'")).await;
        let (status, _, body) = text(&office, feed, None).await;
        assert_eq!(status, 200, "{name:?}");
        let read = parsed(&body);
        let lines = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        let plain = name.replace(lines, " ");
        // This parser takes an escaped backslash before an n for the end of a line; what is written is RFC 5545's.
        if !name.contains('\\') {
            assert_eq!(read["events"][0]["summary"], format!("Appointment with {plain}"), "{body}");
        }
        assert_eq!(read["events"][0]["properties"], usual["events"][0]["properties"], "{name:?}");
        assert_eq!((&read["within"], &read["errors"]), (&json!(["VCALENDAR", "VEVENT"]), &json!([])), "{name:?}");
        let one = format!("/api/v1/portal/appointments/{appointment}/calendar.ics");
        let (_, _, body) = text(&office, &one, Some(&office.ann.token)).await;
        assert_eq!(parsed(&body)["events"][0]["summary"], "Appointment", "nobody is named in it");
    }
}
