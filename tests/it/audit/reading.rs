//! Reading the log: clients see who opened their record, administrators see all of their practice.

use crate::support::practice::{Caller, Practice};
use carehub::accounts::Role;
use serde_json::{Value, json};

async fn opened(practice: &Practice) -> (Caller, Caller, String) {
    let client = practice.person("Cleo Client", Role::Client).await;
    let clinician = practice.person("Anna Adler", Role::Clinician).await;
    let thread = client.open("Sleep", "I cannot sleep.").await;
    clinician.get(&format!("ehr/threads/{thread}")).await.expect(200);
    (client, clinician, thread)
}

fn items(answer: &Value) -> &Vec<Value> {
    answer["items"].as_array().unwrap()
}

#[tokio::test]
async fn a_client_sees_who_opened_their_record_and_nobody_elses() {
    let practice = Practice::start().await;
    let (client, clinician, thread) = opened(&practice).await;
    let (other, _, _) = opened(&practice).await;
    let log = client.get("portal/privacy/access-log").await.expect(200);
    let [access] = items(&log).as_slice() else { panic!("one access: {log}") };
    assert_eq!(
        (&access["action"], &access["emergency"], &access["thread"]),
        (&json!("thread.viewed"), &json!(false), &json!(thread))
    );
    assert_eq!(access["by"], json!({"id": clinician.id, "name": "Anna Adler", "role": "clinician"}));
    // Neither from where, nor with which program, nor in which session.
    for hidden in ["address", "userAgent", "session", "detail"] {
        assert!(access.get(hidden).is_none(), "{hidden}");
    }
    assert_eq!(items(&other.get("portal/privacy/access-log").await.expect(200)).len(), 1);
    // Under break-glass it is marked.
    let helper = practice.person("Bert Beck", Role::Clinician).await;
    let claimed = clinician.claim(&thread).await;
    assert_eq!(claimed.status, 200);
    let reason = json!({"reason": "She called in distress and nobody else is here."});
    helper.post(&format!("ehr/clients/{}/break-glass", client.id), reason).await.expect(201);
    helper.get(&format!("ehr/threads/{thread}")).await.expect(200);
    let log = client.get("portal/privacy/access-log?limit=1").await.expect(200);
    assert_eq!((&items(&log)[0]["emergency"], &items(&log)[0]["by"]["name"]), (&json!(true), &json!("Bert Beck")));
    // It goes on where the page ended.
    let cursor = log["next"].as_str().unwrap();
    let rest = client.get(&format!("portal/privacy/access-log?cursor={cursor}")).await.expect(200);
    assert!(items(&rest).iter().any(|access| access["action"] == "breakGlass.granted"), "{rest}");
    assert!(items(&rest).iter().all(|access| access["id"] != items(&log)[0]["id"]));
}

#[tokio::test]
async fn an_administrator_reads_the_log_of_their_practice_and_is_in_it() {
    let practice = Practice::start().await;
    let (client, clinician, _) = opened(&practice).await;
    let admin = practice.person("Ada Admin", Role::Admin).await;
    let stranger = practice.stranger("Otto Other", Role::Admin).await;
    let all = admin.get("admin/audit").await.expect(200);
    assert!(items(&all).len() >= 2, "{all}");
    let viewed = admin.get("admin/audit?action=thread.viewed").await.expect(200);
    let [row] = items(&viewed).as_slice() else { panic!("one view: {viewed}") };
    assert_eq!((&row["actor"], &row["client"]), (&json!(clinician.id), &json!(client.id)));
    assert_eq!((&row["actorName"], &row["clientName"]), (&json!("Anna Adler"), &json!("Cleo Client")));
    assert_eq!(row["address"], "127.0.0.1");
    for (query, found) in [
        (format!("client={}&action=thread.", client.id), 2),
        (format!("actor={}", clinician.id), 1),
        (format!("actor={}", stranger.id), 0),
        ("action=thread.&from=2999-01-01T00:00:00Z".to_owned(), 0),
        ("action=thread.&to=2999-01-01T00:00:00Z".to_owned(), 2),
        ("action=thread.&to=2000-01-01T00:00:00Z".to_owned(), 0),
        ("action=audit.viewed&limit=200".to_owned(), 8),
    ] {
        let rows = admin.get(&format!("admin/audit?{query}")).await.expect(200);
        assert_eq!(items(&rows).len(), found, "{query}: {rows}");
    }
    assert_eq!(items(&stranger.get("admin/audit?action=thread.").await.expect(200)).len(), 0, "another practice's");
    clinician.get("admin/audit").await.refused(403, "forbidden");
    client.get("admin/audit").await.refused(403, "forbidden");
}
