use super::{Clinic, phq9};
use crate::support::eventually;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

#[actix_web::test]
async fn a_hub_killed_between_the_submission_and_the_first_page_calls_somebody_when_it_is_back() {
    let mut clinic = Clinic::open().await;
    let path = format!("portal/assessments/{}/submit", clinic.assign("phq-9").await);
    // Nobody can be called while this is locked: the hub dies with nothing but the commit.
    let (client, connection) =
        tokio_postgres::connect(&clinic.practice.database.url, tokio_postgres::NoTls).await.unwrap();
    let holding = tokio::spawn(connection);
    client.batch_execute("BEGIN; LOCK TABLE pages IN EXCLUSIVE MODE").await.unwrap();
    clinic.ada.post(&path, phq9(0, 2)).await.expect(201);
    clinic.practice.hub.kill();
    assert_eq!(clinic.count("SELECT count(*) FROM escalations WHERE cause = 'assessment'").await, "1");
    client.batch_execute("COMMIT").await.unwrap();
    drop(client);
    let _ = holding.await;
    assert_eq!(clinic.count("SELECT count(*) FROM pages").await, "0", "nobody was called before the kill");
    clinic.practice.hub.start_again().await;
    let called = async || (clinic.count("SELECT count(*) FROM pages").await != "0").then_some(());
    eventually("a page", PATIENCE, called).await;
    // Asked again, the client learns that it is submitted, and nothing is raised twice.
    clinic.ada.post(&path, phq9(0, 2)).await.expect(200);
    assert_eq!(clinic.count("SELECT count(*) || ' ' || sum(emergencies) FROM escalations").await, "1 1");
}
