//! Appointments, through the calls that people make.

mod availability;
mod booking;
mod calendar;
mod course;
mod figures;
mod proposals;
mod room;
mod series;
mod waitlist;

use crate::support::practice::{Answer, Caller, Practice};
use carehub::{accounts::Role, clock::Clock};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

/// A practice whose clinician is there around the clock.
struct Office {
    practice: Practice,
    ann: Caller,
    maya: Caller,
    flo: Caller,
    alma: Caller,
}

impl Office {
    async fn open() -> Self {
        Self::open_with(&[]).await
    }

    async fn open_with(settings: &[(&str, &str)]) -> Self {
        let practice = Practice::start_with(settings).await;
        let office = Self {
            ann: practice.person("Ann Field", Role::Client).await,
            maya: practice.person("Maya Lind", Role::Clinician).await,
            flo: practice.person("Flo Gray", Role::Staff).await,
            alma: practice.person("Alma Reyes", Role::Admin).await,
            practice,
        };
        office.practice.cares(&office.maya, &office.ann).await;
        office.maya.put("ehr/availability", around_the_clock(0)).await.expect(200);
        office
    }

    /// A client whom Maya looks after, too.
    async fn client(&self, name: &str) -> Caller {
        let client = self.practice.person(name, Role::Client).await;
        self.practice.cares(&self.maya, &client).await;
        client
    }

    /// Puts these rules in place of the built-in ones.
    async fn rule(&self, changes: Value) {
        let mut policy = self.alma.get("admin/appointment-policy").await.expect(200);
        policy.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        self.alma.put("admin/appointment-policy", policy).await.expect(200);
    }

    /// Asks for a time.
    async fn request(&self, client: &Caller, at: DateTime<Utc>) -> Answer {
        client.post("portal/appointments/request", json!({"clinician": self.maya.id, "startsAt": at})).await
    }

    /// An appointment that is confirmed, by its id.
    async fn confirmed(&self, client: &Caller, at: DateTime<Utc>) -> String {
        let id = id(&self.request(client, at).await.expect(201));
        self.maya.post(&format!("ehr/appointments/{id}/confirm"), json!({})).await.expect(200);
        id
    }

    /// The beginnings that a client may choose among, from `from` on.
    async fn free(&self, client: &Caller, from: DateTime<Utc>, hours: i64) -> Vec<DateTime<Utc>> {
        let until = from + TimeDelta::hours(hours);
        let path = format!("portal/slots?clinician={}&from={}&until={}", self.maya.id, z(from), z(until));
        let found = client.get(&path).await.expect(200);
        found["items"].as_array().unwrap().iter().map(|slot| instant(&slot["startsAt"])).collect()
    }

    /// A query of one column.
    async fn sql(&self, text: &str) -> Vec<String> {
        self.practice.database.query(text).await
    }
}

/// An hour for each, every hour, from an hour ahead on.
fn around_the_clock(revision: i64) -> Value {
    let hours: Vec<Value> =
        (1..=7).map(|weekday| json!({"weekday": weekday, "starts": "00:00", "ends": "00:00"})).collect();
    json!({"revision": revision, "timeZone": "UTC", "hours": hours, "sessionMinutes": 50, "bufferMinutes": 10,
        "stepMinutes": 60, "noticeMinutes": 0, "horizonDays": 60, "roomUrl": null})
}

thread_local! {
    /// One a test, so that none sees a full hour strike between two of its steps.
    static BEGUN: DateTime<Utc> = Clock::system().now();
}

/// The full hour so many hours ahead.
fn ahead(hours: i64) -> DateTime<Utc> {
    let now = BEGUN.with(|begun| *begun);
    DateTime::from_timestamp(now.timestamp() / 3_600 * 3_600, 0).unwrap() + TimeDelta::hours(hours)
}

fn z(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}
