//! The hub is killed while it tells people: everybody is told, and nobody twice.

use super::desk::Desk;
use crate::support::{Database, Hub, MailServer, eventually};
use carehub::notices::{Kind, Notice};
use std::{collections::HashSet, time::Duration};
use uuid::Uuid;

const PEOPLE: usize = 60;
const KILLS: u64 = 8;

async fn hub(database: &Database, mail: &MailServer) -> Hub {
    let from = ("CAREHUB_MAIL_FROM", "Elm Street <portal@example.org>");
    Hub::start_with(database, &[("SMTP_URL", &*mail.url()), from]).await
}

#[actix_web::test]
async fn a_hub_killed_between_planning_and_sending_tells_everybody_once() {
    let mut desk = Desk::open().await;
    let mail = MailServer::start();
    let mut people = Vec::new();
    for _ in 0..PEOPLE {
        people.push(desk.person("clinician", "America/Chicago").await);
    }
    for person in &people {
        desk.tell(&Notice::new(*person, Kind::AppointmentConfirmed, Some(Uuid::now_v7()))).await;
    }
    let mut running = hub(&desk.database, &mail).await;
    let mut interrupted = false;
    for kill in 0..KILLS {
        // Sooner and later within the first moments, in which it tells, plans, queues and sends.
        tokio::time::sleep(Duration::from_millis(150 * kill)).await;
        running.kill();
        let left = "SELECT count(*) FROM notifications WHERE told IS NULL
            UNION ALL SELECT count(*) FROM notification_deliveries WHERE state = 'planned'
            UNION ALL SELECT count(*) FROM outbox WHERE state = 'waiting'";
        interrupted |= desk.database.query(left).await.iter().any(|count| count != "0");
        // As after the minutes for which the dead one had taken rows of the outbox.
        desk.database.query("UPDATE outbox SET due_at = now() WHERE state = 'waiting'").await;
        running.start_again().await;
    }
    assert!(interrupted, "no kill came in between");
    eventually("everybody to be told", Duration::from_secs(30), async || {
        let sent = "SELECT count(*) FROM outbox WHERE state = 'sent'";
        (desk.database.query(sent).await == [PEOPLE.to_string()]).then_some(())
    })
    .await;
    let rows = "SELECT count(*) FROM outbox UNION ALL SELECT count(*) FROM notification_deliveries";
    assert_eq!(desk.database.query(rows).await, [PEOPLE.to_string(), PEOPLE.to_string()]);
    for person in people {
        let arrived = mail.arrived(&format!("{person}@example.org"));
        let ids: HashSet<&str> = arrived.iter().map(|mail| mail.header("Message-ID")).collect();
        // Killed between sending and noting it, the same e-mail goes again, and mail programs show it once.
        assert_eq!(ids.len(), 1, "{arrived:?}");
    }
}
