//! Push services and mail servers that answer what none would (X3), and addresses that try to be headers (I6). For Twilio,
//! see `faults`.

use super::office::{Office, page};
use crate::support::{
    odd_server::{OddServer, Says},
    people::master_key,
    practice::Caller,
};
use carehub::{
    accounts::Role,
    crypto::Keyring,
    ids::OutboxId,
    notify::{
        Channel, Mail,
        outbox::{self, Delivery, Recipient},
    },
};
use serde_json::json;

const TEN_MIB: usize = 10 << 20;
const KEYS: (&str, &str) = (
    "_ordMnz7uTCmrpBTeUV4Bw",
    "BLn9b-VR0ca83knDNZ32dCHGyjJp-1riX9ZTN40MqV8K_LpQmLqxC_DoHvqvFXO_nGdAB4W9dogZb_sM-uV4JbY",
);
/// Memory that an answer may cost, also while it is refused.
const MEMORY_KIB: u64 = 64 << 10;

async fn subscribe(who: &Caller, service: &OddServer) {
    let keys = json!({"auth": KEYS.0, "p256dh": KEYS.1});
    let subscription = json!({"endpoint": service.url("/send/x"), "keys": keys});
    who.post("ehr/push-subscriptions", subscription).await.expect(201);
}

/// One address by which this person is called, and its row.
async fn call(office: &Office, who: &Caller, channel: Channel) -> OutboxId {
    let delivery = Delivery { urgent: true, ..Delivery::default() };
    office.queue(who, channel, page(false), delivery).await.pop().unwrap()
}

#[actix_web::test]
async fn what_no_push_service_would_answer_is_bounded_and_tried_again_and_leads_nowhere() {
    let office = Office::open_with(&[("CAREHUB_OUTGOING_LOOPBACK", "true")]).await;
    let elsewhere = OddServer::answering("201 Created", b"");
    let redirect = format!("307 Temporary Redirect\r\nlocation: {}", elsewhere.url("/"));
    let before = office.practice.hub.resident_kib();
    let huge = vec![b'x'; TEN_MIB];
    for (service, code) in [
        (OddServer::answering("201 Created", &huge), "tooLarge"),
        (OddServer::answering("500 Oops", &huge), "tooLarge"),
        (OddServer::answering(&redirect, b""), "push 307"),
        (OddServer::answering("302 Found\r\nlocation: file:///etc/passwd", b""), "push 302"),
        (OddServer::answering("503 Busy\r\ncontent-type: text/html", b"<html>hotel</html>"), "push 503"),
        (OddServer::start(Says::Answers(b"<html>hotel</html>".to_vec())), "brokenOff"),
        (OddServer::start(Says::Nothing), "timeout"),
    ] {
        let kim = office.practice.person("Kim", Role::Clinician).await;
        subscribe(&kim, &service).await;
        let id = call(&office, &kim, Channel::Push).await;
        office.becomes(id, &format!("waiting 1 {code} kept")).await;
        assert_eq!(service.came(), 1, "{code}: asked once, and again later");
        office.practice.database.query(&format!("UPDATE outbox SET state = 'cancelled' WHERE id = '{id}'")).await;
    }
    assert_eq!(elsewhere.came(), 0, "a redirect was followed");
    let grown = office.practice.hub.resident_kib().saturating_sub(before);
    assert!(grown < MEMORY_KIB, "{grown} KiB");
    assert!(!office.practice.hub.logged().contains("hotel"));
}

#[actix_web::test]
async fn what_no_mail_server_would_say_is_bounded_and_tried_again() {
    for says in [
        Says::First(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html>hotel</html>\r\n".to_vec()),
        Says::First(b"220 \xff\xfe hotel\r\n".to_vec()),
        Says::First(Vec::new()),
    ] {
        let server = OddServer::start(says);
        let url = format!("smtp://{}", server.address);
        let office = Office::open_with(&[("SMTP_URL", &url)]).await;
        let before = office.practice.hub.resident_kib();
        let kim = office.practice.person("Kim", Role::Clinician).await;
        let id = call(&office, &kim, Channel::Email).await;
        let tried = async || (office.row(id).await.split(' ').count() > 3).then_some(());
        crate::support::eventually("a try", std::time::Duration::from_secs(40), tried).await;
        let row = office.row(id).await;
        assert!(row.ends_with(" kept") && !row.contains("hotel"), "{row}");
        assert!(server.came() >= 1);
        let grown = office.practice.hub.resident_kib().saturating_sub(before);
        assert!(grown < MEMORY_KIB, "{grown} KiB");
        assert!(!office.practice.hub.logged().contains("hotel"));
    }
}

/// I6: whatever stands in an address or in a practice's name, an e-mail has its own headers and its own recipient.
#[actix_web::test]
async fn no_line_break_in_an_address_or_a_name_becomes_a_header_or_a_recipient() {
    const EVE: &str = "eve@example.net";
    let office = Office::open().await;
    let mut conn = office.practice.database.connect().await;
    let keyring = Keyring::new(master_key());
    let at = carehub::clock::Clock::system().now();
    let send = async |conn: &mut _, address: String, practice: String| {
        let to = Recipient {
            practice: office.practice.id,
            user: None,
            channel: Channel::Email,
            address,
            language: "en".into(),
        };
        let mail =
            Mail::Invitation { practice, path: "/invitation#x".into(), expires_at: at + chrono::TimeDelta::days(1) };
        outbox::queue(conn, &keyring, &to, mail, Delivery::default()).await.unwrap()
    };
    for (n, injected) in [
        format!("\r\nBcc: {EVE}"),
        format!("\nBcc: {EVE}"),
        format!("\rBcc: {EVE}"),
        format!("\r\n\r\nRCPT TO:<{EVE}>\r\nDATA\r\n"),
        format!(">, <{EVE}"),
        format!(", {EVE}"),
        format!("\u{2028}Bcc: {EVE}"),
        "\0".to_owned(),
    ]
    .into_iter()
    .enumerate()
    {
        let id = send(&mut conn, format!("kim{n}@example.org{injected}"), "Elm Street".into()).await;
        office.becomes(id, "bounced 1 address kept").await;
        let address = format!("lee{n}@example.org");
        send(&mut conn, address.clone(), format!("Elm Street{injected}")).await;
        let arrived = office.mail.nth(&address, 1).await;
        let head = arrived.text.split("\r\n\r\n").next().unwrap_or_default();
        let headers = head.lines().filter(|line| !line.starts_with([' ', '\t']));
        for header in headers {
            let name = header.split(':').next().unwrap_or_default().to_ascii_lowercase();
            assert!(!["bcc", "cc", "rcpt to", "data"].contains(&&*name), "{header}");
        }
        assert_eq!(arrived.header("To"), address);
    }
    assert!(office.mail.arrived(EVE).is_empty());
}
