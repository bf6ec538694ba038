//! B4: what people write about appointments, and are called, is text on every page of both sides.

use super::Room;
use crate::support::{Browser, Screen, browser, hostile};
use carehub::{accounts::Role, clock::Clock};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// Of the corpus, as short as a telephone number may be.
const TELEPHONE: &str = "<img src=x onerror='window.hit = 1'>";
/// A link may hold such words; whoever meets there is led to it all the same.
const ROOM: &str = "https://meet.example.org/?\"><img src=x onerror='window.hit = 1'>";

fn ahead(hours: i64) -> DateTime<Utc> {
    let hour = Clock::system().now().timestamp() / 3_600 * 3_600;
    DateTime::from_timestamp(hour, 0).unwrap() + TimeDelta::hours(hours)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_words_about_appointments_are_text_to_clients_and_to_the_practice() {
    let room = Room::new().await;
    let client = room.practice.person(hostile::MARKUP[1], Role::Client).await;
    let clinician = room.practice.person(hostile::MARKUP[3], Role::Clinician).await;
    let admin = room.practice.person("Ruth Okoro", Role::Admin).await;
    room.practice.cares(&clinician, &client).await;
    let mut hours = super::around_the_clock();
    for words in hostile::MARKUP {
        hours["roomUrl"] = json!(words);
        clinician.put("ehr/availability", hours.clone()).await.refused(422, "invalid");
    }
    hours["roomUrl"] = ROOM.into();
    clinician.put("ehr/availability", hours).await.expect(200);
    let mut policy = admin.get("admin/appointment-policy").await.expect(200);
    policy["phone"] = TELEPHONE.into();
    let policy = admin.put("admin/appointment-policy", policy).await.expect(200);

    let mut made = Vec::new();
    let begun = ahead(30);
    for (place, words) in hostile::MARKUP.iter().enumerate() {
        let at = begun + TimeDelta::hours(3 * place as i64);
        let wish = json!({"clinician": clinician.id, "startsAt": at, "note": words, "mode": "video"});
        let asked = client.post("portal/appointments/request", wish).await.expect(201);
        let id = asked["id"].as_str().unwrap().to_owned();
        let act =
            async |act: &str, body| clinician.post(&format!("ehr/appointments/{id}/{act}"), body).await.expect(200);
        let other = json!({"startsAt": at + TimeDelta::hours(1)});
        match place % 4 {
            0 => {}
            1 => drop(act("propose", other).await),
            2 => {
                act("confirm", json!({})).await;
                act("propose", other).await;
            }
            _ => {
                act("confirm", json!({})).await;
                act("cancel", json!({})).await;
            }
        }
        made.push((id, *words));
    }
    let wish = json!({"clinician": clinician.id, "mode": "phone", "from": ahead(0), "until": ahead(24 * 30)});
    let waits = client.post("portal/appointments/waitlist", wish).await.expect(201);
    let offer = format!("ehr/appointments/waitlist/{}/offer", waits["id"].as_str().unwrap());
    clinician.post(&offer, json!({"startsAt": begun + TimeDelta::hours(100)})).await.expect(201);
    let mut by_telephone = policy;
    by_telephone["mayCancel"] = false.into();
    admin.put("admin/appointment-policy", by_telephone).await.expect(200);

    let [window] = browser::open(&room.practice.hub.url(""), [Screen::Desktop]).await;
    // A call that was under way when somebody signed out.
    window.forgive(&["status of 401"]);
    for who in [&client, &clinician] {
        window.sign_in(who).await;
        for (id, words) in &made {
            window.go(&format!("/{}/appointments/{id}", who.door())).await;
            window.shows("main .record", &[clinician.name.as_str(), words]).await;
            if who.role != Role::Client {
                window.shows("main .record", &[client.name.as_str()]).await;
            }
            window.is_inert().await;
        }
        let (doctor, patient) = (clinician.name.as_str(), client.name.as_str());
        let pages = match who.role {
            Role::Client => vec![
                ("/portal/appointments", "care-appointments .record", doctor),
                ("/portal/appointments", "care-own-waitlist .record", doctor),
                ("/portal/appointments/new", "care-appointment-request", doctor),
                ("/portal/notifications", "main", ""),
            ],
            _ => vec![
                ("/ehr/appointments", "care-schedule", patient),
                ("/ehr/appointments/requests", "care-staff-appointments .record", patient),
                ("/ehr/appointments/requests", "care-waitlist .record", patient),
                ("/ehr/availability", "main", ""),
                ("/ehr/notifications", "main", ""),
            ],
        };
        for (path, css, words) in pages {
            window.go(path).await;
            if path == "/ehr/appointments" {
                window.click("[data-view=day]").await;
                // Whatever the hour, there are some on the day after tomorrow.
                window.press_button("After").await;
                window.press_button("After").await;
            }
            window.shows(css, &[words]).await;
            window.settled().await;
            window.is_inert().await;
        }
        // What a press opens says it, too.
        window.go(&format!("/{}/appointments/{}", who.door(), made[2].0)).await;
        window.press_by_key(if who.role == Role::Client { "Move" } else { "Propose another time" }).await;
        let said = if who.role == Role::Client { TELEPHONE } else { client.name.as_str() };
        window.shows("dialog", &[said]).await;
        window.is_inert().await;
        window.must_be_content().await;
        // A dialog is in the way of everything else.
        window.reload().await;
        window.sign_out().await;
    }
    window.sign_in(&admin).await;
    window.go("/ehr/admin/appointment-policy").await;
    window
        .wait(
            "the number",
            &format!("[...document.querySelectorAll('input')].some(({{ value }}) => value === {})", json!(TELEPHONE)),
        )
        .await;
    window.is_inert().await;
    window.must_be_content().await;
}

impl Browser {
    /// Waits until something says these words, to the letter.
    async fn shows(&self, css: &str, words: &[&str]) {
        for words in words {
            let script = format!(
                "[...document.querySelectorAll({})].some(({{ textContent }}) => textContent.includes({}))",
                json!(css),
                json!(words)
            );
            self.wait(&format!("{words:?} in {css}"), &script).await;
        }
    }
}
