//! What was given up.

use super::office::{Office, page};
use crate::support::twilio::Instead;
use carehub::{
    accounts::Role,
    notify::{Channel, outbox::Delivery},
};
use serde_json::{Value, json};

const KIM: &str = "+15125550123";

#[actix_web::test]
async fn what_was_given_up_is_listed_without_its_words_and_sent_again_once() {
    let office = Office::open().await;
    let admin = office.practice.person("Alma", Role::Admin).await;
    let kim = office.person("Kim", Role::Clinician, KIM).await;
    office.twilio.once(Instead::Refuse { status: 400, code: 30007, retry_after: None });
    let id = office.page(&kim, Channel::Sms).await;
    office.becomes(id, "failed 1 twilio 30007 kept").await;
    let list = admin.get("admin/undelivered").await.expect(200);
    let item = &list["items"][0];
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    for (key, value) in [
        ("id", json!(id)),
        ("kind", json!("page")),
        ("channel", json!("sms")),
        ("state", json!("failed")),
        ("code", json!("twilio 30007")),
        ("tries", json!(1)),
        ("canBeResent", json!(true)),
    ] {
        assert_eq!(item[key], value, "{key}");
    }
    assert_eq!(item["recipient"]["name"], "Kim");
    assert!(!list.to_string().contains("s3cret") && !list.to_string().contains(&KIM[2..]), "{list}");
    let resend = format!("admin/undelivered/{id}/resend");
    admin.post(&resend, json!({})).await.expect(202);
    office.twilio.nth(KIM, 2).await;
    office.becomes(id, "sent 1 kept").await;
    admin.post(&resend, json!({})).await.refused(409, "conflict");
    assert_eq!(admin.get("admin/undelivered").await.expect(200)["items"], json!([]));
    let audited =
        "SELECT concat_ws(' ', object_kind, detail->>'channel') FROM audit_events WHERE action = 'message.resent'";
    assert_eq!(office.practice.database.query(audited).await, ["outbox sms"]);
}

#[actix_web::test]
async fn an_e_mail_that_bounced_goes_to_the_address_of_now() {
    let office = Office::open().await;
    let admin = office.practice.person("Alma", Role::Admin).await;
    let kim = office.practice.person("Kim", Role::Clinician).await;
    office.mail.refuse(&kim.email, 550, 1);
    let id = office.page(&kim, Channel::Email).await;
    office.becomes(id, "bounced 1 smtp 550 kept").await;
    office.practice.database.query("UPDATE users SET email = 'kim@example.com' WHERE name = 'Kim'").await;
    admin.post(&format!("admin/undelivered/{id}/resend"), json!({})).await.expect(202);
    assert_eq!(office.mail.nth("kim@example.com", 1).await.header("Subject"), "Somebody needs you now");
}

#[actix_web::test]
async fn what_is_over_or_not_kept_any_more_is_not_sent_again_and_says_so() {
    let office = Office::open().await;
    let admin = office.practice.person("Alma", Role::Admin).await;
    let kim = office.person("Kim", Role::Clinician, KIM).await;
    let over = Delivery { expires_at: Some(carehub::clock::Clock::system().now()), ..Delivery::default() };
    let expired = office.queue(&kim, Channel::Sms, page(false), over).await[0];
    office.becomes(expired, "failed 1 expired").await;
    office.twilio.once(Instead::Refuse { status: 400, code: 30007, retry_after: None });
    let old = office.page(&kim, Channel::Sms).await;
    office.becomes(old, "failed 1 twilio 30007 kept").await;
    let age = format!("UPDATE outbox SET settled_at = now() - interval '8 days' WHERE id = '{old}'");
    office.practice.database.query(&age).await;
    let mut conn = office.practice.database.connect().await;
    let swept = carehub::notify::due::sweep(&mut conn, &carehub::clock::Clock::system()).await.unwrap();
    assert_eq!((swept, office.row(old).await), (1, "failed 1 twilio 30007".to_owned()));
    for id in [expired, old] {
        admin.post(&format!("admin/undelivered/{id}/resend"), json!({})).await.refused(409, "conflict");
    }
    let list = admin.get("admin/undelivered").await.expect(200);
    assert!(list["items"].as_array().unwrap().iter().all(|item| item["canBeResent"] == Value::Bool(false)));
}
