//! Text messages: reports, STOP and START, and what is not Twilio.

use super::office::{Office, page};
use crate::support::{
    node::NodeServer,
    twilio::{self, ACCOUNT, FROM, Instead, Text, sign},
};
use carehub::{
    accounts::Role,
    notify::{Channel, outbox::Delivery},
};
use std::time::{Duration, Instant};

const KIM: &str = "+15125550123";

#[actix_web::test]
async fn a_page_says_that_somebody_is_needed_and_where_and_nothing_else() {
    let office = Office::open().await;
    let kim = office.person("Kim", Role::Clinician, KIM).await;
    let id = office.page(&kim, Channel::Sms).await;
    let sent = office.twilio.nth(KIM, 2).await;
    let link = format!("http://localhost:{}/ack/s3cret", office.practice.hub.address.port());
    assert_eq!(sent.body, format!("Carehub: Somebody needs you in Carehub now. {link}"));
    office.becomes(id, "sent 1 kept").await;
    assert_eq!(sent.report("delivered", None).await, 204);
    office.becomes(id, "delivered 1").await;
    // Late, and again.
    assert_eq!(sent.report("sent", None).await, 204);
    assert_eq!(sent.report("undelivered", Some(30003)).await, 204);
    assert_eq!(office.row(id).await, "delivered 1");
    office.queue(&kim, Channel::Sms, page(true), Delivery::default()).await;
    assert!(office.twilio.nth(KIM, 3).await.body.contains("DRILL"));
}

#[actix_web::test]
async fn what_twilio_could_not_deliver_is_known_at_once_and_may_be_sent_again() {
    let office = Office::open().await;
    let kim = office.person("Kim", Role::Clinician, KIM).await;
    let id = office.page(&kim, Channel::Sms).await;
    let sent = office.twilio.nth(KIM, 2).await;
    office.becomes(id, "sent 1 kept").await;
    assert_eq!(sent.report("undelivered", Some(30008)).await, 204);
    office.becomes(id, "failed 1 twilio 30008 kept").await;
}

#[actix_web::test]
async fn a_report_that_comes_before_twilios_answer_counts() {
    let office = Office::open().await;
    let kim = office.person("Kim", Role::Clinician, KIM).await;
    office.twilio.once(Instead::Hang);
    let id = office.page(&kim, Channel::Sms).await;
    let sent = office.twilio.nth(KIM, 2).await;
    assert_eq!(sent.report("delivered", None).await, 204);
    office.becomes(id, "delivered 1").await;
    assert_eq!(office.twilio.texts(KIM).len(), 2, "the code and one page");
}

#[actix_web::test]
async fn reports_and_answers_that_twilio_did_not_sign_change_nothing() {
    let office = Office::open().await;
    let kim = office.person("Kim", Role::Clinician, KIM).await;
    let id = office.page(&kim, Channel::Sms).await;
    let sent = office.twilio.nth(KIM, 2).await;
    office.becomes(id, "sent 1 kept").await;
    let url = sent.callback.clone().unwrap();
    let form = |account: &str, status: &str| {
        let own = |text: &str| text.to_owned();
        vec![
            ("AccountSid", own(account)),
            ("MessageSid", own(&sent.sid)),
            ("MessageStatus", own(status)),
            ("To", own(KIM)),
        ]
    };
    let delivered = form(ACCOUNT, "delivered");
    let elsewhere = format!("{}/hooks/twilio/status", "https://portal.example.org");
    let foreign = form("AC00000000000000000000000000000000", "delivered");
    for (form, signature) in [
        (&delivered, String::new()),
        (&delivered, "AAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned()),
        (&delivered, sign(&elsewhere, &delivered)),
        (&delivered, sign(&url, &form(ACCOUNT, "failed"))),
        // Signed with our token, about another account.
        (&foreign, sign(&url, &foreign)),
    ] {
        assert_eq!(twilio::post(&url, form, &signature).await.status(), 403, "{signature}");
    }
    let inbound = office.practice.hub.url("/hooks/twilio/inbound");
    let stop = vec![("AccountSid", ACCOUNT.to_owned()), ("Body", "STOP".to_owned()), ("From", KIM.to_owned())];
    assert_eq!(twilio::post(&inbound, &stop, "x").await.status(), 403);
    // A good signature of another message of ours does not settle this one.
    let other = Text { sid: format!("SM{}", "ff".repeat(16)), ..sent.clone() };
    assert_eq!(other.report("delivered", None).await, 204);
    assert_eq!(office.row(id).await, "sent 1 kept");
    assert_eq!(kim.get("ehr/account/phone").await.expect(200)["optedOutAt"], serde_json::Value::Null);
}

#[actix_web::test]
async fn stop_stops_in_english_and_spanish_and_start_starts_again() {
    let office = Office::open().await;
    let kim = office.person("Kim", Role::Clinician, KIM).await;
    let hub = &office.practice.hub;
    for (n, (stop, recognised)) in [("Stop.", Some("STOP")), ("ALTO", None), ("parar", None)].into_iter().enumerate() {
        let said = twilio::answer(hub, KIM, stop, recognised).await;
        assert_eq!(said.contains("<Message>"), recognised.is_none(), "{said}");
        let id = {
            let found = office.queue(&kim, Channel::Sms, page(false), Delivery::default()).await;
            assert!(found.is_empty(), "a number that opted out is no way to somebody");
            office.practice.database.query("SELECT count(*) FROM contact_points WHERE opted_out_at IS NOT NULL").await
        };
        assert_eq!(id, ["1"]);
        twilio::answer(hub, KIM, "START", Some("START")).await;
        office.page(&kim, Channel::Sms).await;
        // After the code, and before the next STOP.
        office.twilio.nth(KIM, n + 2).await;
    }
    let audited = "SELECT string_agg(action, ' ' ORDER BY at) FROM audit_events WHERE action LIKE 'phone.opted%'";
    let expected = ["phone.optedOut", "phone.optedIn"].repeat(3).join(" ");
    assert_eq!(office.practice.database.query(audited).await, [expected]);
}

#[actix_web::test]
async fn what_was_queued_before_stop_is_not_sent_after_it() {
    let office = Office::open().await;
    let kim = office.person("Kim", Role::Clinician, KIM).await;
    let later = Delivery {
        not_before: Some(carehub::clock::Clock::system().now() + chrono::TimeDelta::hours(1)),
        ..Delivery::default()
    };
    let id = office.queue(&kim, Channel::Sms, page(false), later).await[0];
    twilio::answer(&office.practice.hub, KIM, "STOP", Some("STOP")).await;
    office.make_due().await;
    office.becomes(id, "failed 1 optedOut kept").await;
    assert_eq!(office.twilio.texts(KIM).len(), 1);
}

#[actix_web::test]
async fn a_number_that_twilio_knows_to_have_opted_out_is_believed() {
    let office = Office::open().await;
    let kim = office.person("Kim", Role::Clinician, KIM).await;
    office.twilio.once(Instead::Refuse { status: 400, code: 21610, retry_after: None });
    let id = office.page(&kim, Channel::Sms).await;
    office.becomes(id, "failed 1 twilio 21610 kept").await;
    assert!(kim.get("ehr/account/phone").await.expect(200)["optedOutAt"].is_string());
}

#[actix_web::test]
async fn whoever_answers_anything_else_is_told_that_nobody_reads_it_and_where_help_is() {
    let office = Office::open().await;
    let said = twilio::answer(&office.practice.hub, "+15125550199", "I do not want to live & <b>", None).await;
    for word in ["988", "911", "Nobody reads", "Nadie lee"] {
        assert!(said.contains(word), "{said}");
    }
    assert!(!said.contains("live"), "{said}");
    let hub = office.practice.hub.logged();
    assert!(!hub.contains("want to live"), "{hub}");
    let said = twilio::answer(&office.practice.hub, "+15125550199", "Ayuda", None).await;
    assert!(said.contains("988") && said.contains("ALTO"), "{said}");
}

#[actix_web::test]
async fn twilio_that_is_busy_is_asked_again_when_it_says_and_not_before() {
    let office = Office::open().await;
    let kim = office.person("Kim", Role::Clinician, KIM).await;
    office.twilio.once(Instead::Refuse { status: 429, code: 20429, retry_after: Some(4) });
    let since = Instant::now();
    let id = office.page(&kim, Channel::Sms).await;
    office.becomes(id, "waiting 1 twilio 20429 kept").await;
    office.twilio.nth(KIM, 2).await;
    assert!(since.elapsed() >= Duration::from_secs(4), "{:?}", since.elapsed());
    office.becomes(id, "sent 2 kept").await;
}

#[actix_web::test]
async fn a_message_is_what_twilios_published_description_wants() {
    let prism = NodeServer::start("twilio.mjs").await;
    let office = Office::open_with(&[("TWILIO_API_URL", &prism.url)]).await;
    let kim = office.practice.person("Kim", Role::Clinician).await;
    kim.put("ehr/account/phone", serde_json::json!({"number": KIM})).await.expect(202);
    let look = "SELECT concat_ws(' ', state, attempts, provider_id ~ '^(SM|MM)') FROM outbox WHERE channel = 'sms'";
    crate::support::eventually("the message to be taken", Duration::from_secs(30), async || {
        (office.practice.database.query(look).await == ["sent 1 t"]).then_some(())
    })
    .await;
    // And a request that is not is refused by the same server.
    let path = format!("{}/2010-04-01/Accounts/{ACCOUNT}/Messages.json", prism.url);
    let request =
        reqwest::Client::new().post(path).basic_auth(ACCOUNT, Some("x")).body(format!("From={FROM}&StatusCallback=7"));
    let refused = request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
    assert_eq!(refused.status(), 422, "{}", refused.text().await.unwrap());
}
