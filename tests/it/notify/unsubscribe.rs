//! The link by which somebody ends e-mails.

use super::office::{Office, page};
use carehub::{
    accounts::Role,
    notify::{Channel, Content, kind::Kind, outbox::Delivery, told::Told},
};
use reqwest::Method;
use serde_json::json;

fn told() -> Content {
    Content::Told(Told { kind: Kind::NewMessage, path: "/notifications".into(), confirm: None })
}

#[actix_web::test]
async fn e_mails_that_something_is_new_are_ended_by_one_click_and_by_no_look() {
    let office = Office::open().await;
    let ada = office.practice.person("Ada", Role::Client).await;
    office.queue(&ada, Channel::Email, told(), Delivery::default()).await;
    let mail = office.mail.nth(&ada.email, 1).await;
    // Long headers go on in the next line.
    let text = mail.text.replace("\r\n ", " ");
    let link = text.split_once("List-Unsubscribe: <").unwrap().1.split_once('>').unwrap().0.replace(' ', "");
    assert!(text.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{text}");
    let path = &link[link.find("/unsubscribe/").unwrap()..];
    let call = |method: Method, path: String| office.practice.request(method, &path).send();
    let chosen = "SELECT document->'channels'->>'newMessage' FROM notification_preferences";
    for method in [Method::GET, Method::HEAD] {
        call(method, path.to_owned()).await.unwrap();
    }
    assert!(office.practice.database.query(chosen).await.is_empty(), "looking changes nothing");
    let shown = call(Method::GET, path.to_owned()).await.unwrap();
    assert_eq!(shown.status(), 200);
    assert!(shown.text().await.unwrap().contains("<form method=\"post\">"));
    for at in [path.len() - 2, "/unsubscribe/".len()] {
        let mut other = path.to_owned().into_bytes();
        other[at] = if other[at] == b'0' { b'1' } else { b'0' };
        let other = String::from_utf8(other).unwrap();
        assert_eq!(call(Method::POST, other).await.unwrap().status(), 404);
    }
    let request =
        office.practice.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(request.body("List-Unsubscribe=One-Click").send().await.unwrap().status(), 200);
    let left = office.practice.database.query(chosen).await;
    assert!(left.len() == 1 && !left[0].contains("email"), "{left:?}");
    let audited = "SELECT detail->>'by' FROM audit_events WHERE action = 'email.unsubscribed'";
    assert_eq!(office.practice.database.query(audited).await, ["link"]);
    let shown = ada.get("portal/account/notifications").await.expect(200);
    assert!(!shown.to_string().contains(&json!(link).to_string()));
}

#[actix_web::test]
async fn calls_to_an_emergency_and_what_is_about_an_account_cannot_be_ended() {
    let office = Office::open().await;
    let kim = office.practice.person("Kim", Role::Clinician).await;
    office.queue(&kim, Channel::Email, page(false), Delivery::default()).await;
    let mail = office.mail.nth(&kim.email, 1).await;
    assert!(!mail.text.contains("List-Unsubscribe"), "{}", mail.text);
}
