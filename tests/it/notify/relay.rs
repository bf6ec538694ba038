use crate::support::{Database, Hub, MailServer, eventually, people::master_key};
use carehub::{
    accounts::roster,
    clock::Clock,
    crypto::Keyring,
    ids::PracticeId,
    notify::{
        Channel, Mail,
        mail::SecurityNotice,
        outbox::{self, Recipient},
    },
};
use chrono::TimeDelta;
use std::time::Duration;

struct Office {
    database: Database,
    mail: MailServer,
    practice: PracticeId,
}

impl Office {
    async fn open() -> Self {
        let (database, practice) = (Database::fresh().await, PracticeId::new());
        roster::insert_practice(&mut database.connect().await, practice, "Elm Street", "America/Chicago")
            .await
            .unwrap();
        Self { database, mail: MailServer::start(), practice }
    }

    async fn hub(&self) -> Hub {
        let settings = [("SMTP_URL", &*self.mail.url()), ("CAREHUB_MAIL_FROM", "Elm Street <portal@example.org>")];
        Hub::start_with(&self.database, &settings).await
    }

    async fn queue(&self, to: &str, mail: Mail) {
        let address = to.to_owned();
        let recipient =
            Recipient { practice: self.practice, user: None, channel: Channel::Email, address, language: "en".into() };
        let keyring = Keyring::new(master_key());
        outbox::mail(&mut self.database.connect().await, &keyring, &recipient, mail).await.unwrap();
    }

    async fn is(&self, row: &str) {
        let look = "SELECT concat_ws(' ', state, attempts, last_error, length(sealed) > 0) FROM outbox";
        eventually(&format!("the row to be {row:?}"), Duration::from_secs(10), async || {
            (self.database.query(look).await == [row]).then_some(())
        })
        .await;
    }

    async fn make_due(&self) {
        self.database.query("UPDATE outbox SET due_at = now() WHERE state = 'waiting'").await;
    }
}

fn reset(expires_in: TimeDelta) -> Mail {
    Mail::ResetPassword { path: "/reset-password#s3cret".into(), expires_at: Clock::system().now() + expires_in }
}

const ADA: &str = "ada@example.com";

#[actix_web::test]
async fn an_e_mail_reaches_the_mail_server_and_its_link_is_kept_nowhere() {
    let office = Office::open().await;
    let hub = office.hub().await;
    office.queue(ADA, reset(TimeDelta::hours(1))).await;
    let arrived = office.mail.nth(ADA, 1).await;
    office.is("sent 1 f").await;
    assert_eq!(arrived.header("From"), "\"Elm Street\" <portal@example.org>");
    assert_eq!(arrived.header("Subject"), "Choose a new password");
    assert_eq!(arrived.secret("/reset-password"), "s3cret");
    assert!(
        arrived.text.contains(&format!("http://localhost:{}/reset-password#s3cret", hub.address.port())),
        "{}",
        arrived.text
    );
    assert_eq!(office.mail.arrived(ADA).len(), 1);
    let log = hub.logged();
    assert!(!log.contains("s3cret") && !log.contains("ada@"), "{log}");
}

#[actix_web::test]
async fn a_mail_server_that_says_later_is_asked_again_and_one_that_says_never_is_not() {
    let office = Office::open().await;
    let hub = office.hub().await;
    office.mail.refuse(ADA, 451, 1);
    office.queue(ADA, reset(TimeDelta::hours(1))).await;
    office.is("waiting 1 smtp 451 t").await;
    office.make_due().await;
    office.is("sent 2 f").await;
    office.database.query("DELETE FROM outbox").await;
    office.mail.refuse(ADA, 550, 1);
    office.queue(ADA, reset(TimeDelta::hours(1))).await;
    office.is("bounced 1 smtp 550 t").await;
    assert_eq!(office.mail.arrived(ADA).len(), 1);
    // What the server said names the address.
    assert!(!hub.logged().contains("not wanted"), "{}", hub.logged());
}

#[actix_web::test]
async fn a_link_that_is_over_is_not_sent() {
    let office = Office::open().await;
    office.queue(ADA, reset(TimeDelta::seconds(-1))).await;
    let _hub = office.hub().await;
    office.is("failed 1 expired f").await;
    assert!(office.mail.arrived(ADA).is_empty());
}

#[actix_web::test]
async fn two_hubs_send_each_e_mail_once() {
    const MAILS: usize = 40;
    let office = Office::open().await;
    let mail = Mail::Security { notice: SecurityNotice::PasswordChanged, at: Clock::system().now() };
    for n in 0..MAILS {
        office.queue(&format!("{n}@example.com"), mail.clone()).await;
    }
    let _hubs = (office.hub().await, office.hub().await);
    let left = "SELECT count(*) FROM outbox WHERE state <> 'sent'";
    eventually("all e-mails to be sent", Duration::from_secs(20), async || {
        (office.database.query(left).await == ["0"]).then_some(())
    })
    .await;
    for n in 0..MAILS {
        assert_eq!(office.mail.arrived(&format!("{n}@example.com")).len(), 1, "{n}");
    }
}

#[actix_web::test]
async fn a_hub_killed_while_it_sends_leaves_the_e_mail_to_the_next_with_the_same_id() {
    let office = Office::open().await;
    office.mail.fall_silent(ADA, true);
    let mut hub = office.hub().await;
    office.queue(ADA, reset(TimeDelta::hours(1))).await;
    let first = office.mail.nth(ADA, 1).await;
    hub.kill();
    office.mail.fall_silent(ADA, false);
    office.is("waiting 1 t").await;
    // As after the five minutes for which the dead one had taken it.
    office.make_due().await;
    let _next = office.hub().await;
    let second = office.mail.nth(ADA, 2).await;
    office.is("sent 2 f").await;
    assert_eq!(first.header("Message-ID"), second.header("Message-ID"));
}

#[actix_web::test]
async fn without_a_mail_server_the_demo_writes_files_that_only_its_owner_reads() {
    use std::os::unix::fs::PermissionsExt;
    let office = Office::open().await;
    let folder = tempfile::tempdir().unwrap();
    let _hub = Hub::start_with(&office.database, &[("CAREHUB_DATA_DIR", folder.path().to_str().unwrap())]).await;
    office.queue(ADA, reset(TimeDelta::hours(1))).await;
    office.is("sent 1 f").await;
    let mut files = std::fs::read_dir(folder.path().join("mail")).unwrap();
    let file = files.next().unwrap().unwrap().path();
    assert!(files.next().is_none());
    assert!(file.extension().is_some_and(|kind| kind == "eml"));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(std::fs::read_to_string(&file).unwrap().contains("/reset-password#s3cret"));
}
