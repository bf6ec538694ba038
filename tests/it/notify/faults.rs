//! Providers that refuse, hang, answer late, or answer what no provider would (F21, F22, X3).

use super::office::{Office, page};
use crate::support::{Database, MailServer, eventually, people::master_key, twilio::Instead};
use carehub::{
    accounts::{Role, roster},
    clock::Clock,
    config::Config,
    crypto::Keyring,
    ids::PracticeId,
    notify::{
        Channel,
        deliver::Providers,
        outbox::{self, Delivery, Recipient},
        push,
        relay::{Relay, RelayParts},
        transport::Transport,
    },
};
use chrono::TimeDelta;
use secrecy::SecretString;
use std::{
    net::TcpListener,
    sync::Arc,
    time::{Duration, Instant},
};

const KIM: &str = "+15125550123";

/// F21: a mail server is away for an hour.
#[actix_web::test]
async fn an_hour_without_a_mail_server_loses_nothing_and_wears_nobody_out() {
    const MAILS: usize = 30;
    tokio::task::LocalSet::new().run_until(async {
        let (database, practice, clock) = (Database::fresh().await, PracticeId::new(), Clock::movable());
        let mut conn = database.connect().await;
        roster::insert_practice(&mut conn, practice, "Elm Street", "America/Chicago").await.unwrap();
        // A port where nobody listens yet.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let settings = [("DATABASE_URL", database.service_url()), ("SMTP_URL", format!("smtp://{address}")),
            ("CAREHUB_MAIL_FROM", "portal@example.org".to_owned())];
        let find = |name: &str| settings.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
        let config = Config::from_sources(find, "").unwrap();
        let keyring = Arc::new(Keyring::new(master_key()));
        let providers = Providers {
            email: Transport::from_config(&config).unwrap(),
            sms: None,
            push: push::start(&config, &keyring).await.unwrap(),
        };
        let parts = RelayParts {
            database_url: SecretString::from(database.service_url()),
            keyring: keyring.clone(),
            clock: clock.clone(),
            providers,
            hub: "https://portal.example.org".parse().unwrap(),
        };
        for n in 0..MAILS {
            let to = Recipient { practice, user: None, channel: Channel::Email, address: format!("{n}@example.com"), language: "en".into() };
            let delivery = Delivery { urgent: n % 2 == 0, ..Delivery::default() };
            outbox::queue(&mut conn, &keyring, &to, page(false), delivery).await.unwrap();
        }
        let relay = Relay::start(parts).unwrap();
        let tried = async |moved: TimeDelta| {
            relay.wake();
            let due = format!(
                "SELECT count(*) FROM outbox WHERE state = 'waiting' AND due_at <= now() + interval '{} seconds'",
                moved.num_seconds()
            );
            eventually("all that is due to be tried", Duration::from_secs(20), async || {
                relay.wake();
                (database.query(&due).await == ["0"]).then_some(())
            })
            .await;
        };
        let step = TimeDelta::seconds(20);
        for n in 0..180 {
            tried(step * n).await;
            clock.advance(step);
        }
        let left = "SELECT concat_ws(' ', count(*), bool_and(attempts BETWEEN 4 AND 20), bool_and(last_error = 'unreachable'),
            count(DISTINCT due_at) > 20) FROM outbox WHERE state = 'waiting'";
        assert_eq!(database.query(left).await, [format!("{MAILS} t t t")]);
        let server = MailServer::start_on(TcpListener::bind(address).unwrap());
        clock.advance(TimeDelta::hours(2));
        eventually("everything to arrive", Duration::from_secs(30), async || {
            (database.query("SELECT count(*) FROM outbox WHERE state = 'sent'").await == [MAILS.to_string()]).then_some(())
        })
        .await;
        for n in 0..MAILS {
            assert_eq!(server.arrived(&format!("{n}@example.com")).len(), 1, "{n}");
        }
        relay.stop().await;
    }).await;
}

/// F21: it takes everything and says nothing. Pages by other ways, and to others, leave meanwhile.
#[actix_web::test]
async fn a_mail_server_that_hangs_holds_up_no_text_message_and_no_ten_thousand_reminders_hold_up_a_page() {
    let office = Office::open().await;
    let kim = office.person("Kim", Role::Clinician, KIM).await;
    office.mail.fall_silent(&kim.email, true);
    for _ in 0..12 {
        office.page(&kim, Channel::Email).await;
    }
    office.mail.nth(&kim.email, 2).await;
    let filler = "INSERT INTO outbox (id, practice_id, recipient_id, channel, kind, key_id, sealed)
        SELECT gen_random_uuid(), o.practice_id, o.recipient_id, 'sms', 'reminder', o.key_id, 'x'
        FROM outbox o, generate_series(1, 10000) WHERE o.channel = 'sms'";
    office.practice.database.query(filler).await;
    let since = Instant::now();
    office.page(&kim, Channel::Sms).await;
    office.twilio.nth(KIM, 2).await;
    assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
}

/// X3, F22: whatever Twilio's address answers, no row believes it.
#[actix_web::test]
async fn what_no_provider_would_answer_is_bounded_tried_again_and_never_believed() {
    let office = Office::open().await;
    let kim = office.person("Kim", Role::Clinician, KIM).await;
    let elsewhere = format!("http://{}/elsewhere", office.twilio.address);
    let say = |status: u16, kind: &'static str, body: String, location: Option<String>| Instead::Say {
        status,
        kind,
        body,
        location,
    };
    for (odd, code) in [
        (say(200, "text/html", "<html>Welcome to this hotel's network</html>".into(), None), "http 200"),
        (say(201, "text/html", "<html></html>".into(), None), "answer"),
        (say(201, "application/json", r#"{"sid": "SM'; DROP TABLE outbox; --"}"#.into(), None), "answer"),
        (say(201, "application/json", r#"{"sid": ["#.into(), None), "answer"),
        (say(201, "application/json", format!(r#"{{"sid": "{}"}}"#, "x".repeat(10 << 20)), None), "tooLarge"),
        (say(307, "text/plain", String::new(), Some(elsewhere)), "http 307"),
        (say(500, "application/json", "null".into(), None), "http 500"),
    ] {
        let before = office.twilio.requests();
        office.twilio.once(odd);
        let id = office.page(&kim, Channel::Sms).await;
        office.becomes(id, &format!("waiting 1 {code} kept")).await;
        assert_eq!(office.twilio.requests(), before + 1, "{code}");
        office.practice.database.query(&format!("UPDATE outbox SET state = 'cancelled' WHERE id = '{id}'")).await;
    }
    // A provider that hangs is left after a while, and asked again.
    office.twilio.once(Instead::Hang);
    let id = office.page(&kim, Channel::Sms).await;
    office.becomes(id, "waiting 1 timeout kept").await;
    office.becomes(id, "sent 2 kept").await;
    let log = office.practice.hub.logged();
    assert!(!log.contains("hotel") && !log.contains("DROP TABLE") && !log.contains(&KIM[2..]), "{log}");
}
