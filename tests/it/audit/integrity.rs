//! C3: what is sealed opens in its own place alone.

use crate::support::practice::Practice;
use carehub::accounts::Role;
use serde_json::json;

#[tokio::test]
async fn a_text_that_was_moved_to_another_row_client_or_column_does_not_open_there_and_the_log_tells() {
    let practice = Practice::start().await;
    let (client, other) = (practice.person("Cleo", Role::Client).await, practice.person("Otto", Role::Client).await);
    let (thread, another) = (client.open("Sleep", "first").await, other.open("Work", "his").await);
    client.post(&format!("portal/messages/{thread}/reply"), json!({"body": "second"})).await.expect(201);
    let (mine, new) = (format!("portal/messages/{thread}/draft"), "portal/messages/new/draft");
    client.put(&mine, json!({"body": "unsent"})).await.expect(200);
    client.put(new, json!({"body": "unsent, too"})).await.expect(200);
    let failures = async || {
        let rows = "SELECT object_kind FROM audit_events WHERE action = 'integrity.failure' AND outcome = 'failed' ORDER BY id";
        practice.database.query(rows).await
    };
    // To another row of the thread: that entry alone is lost, the one beside it is read.
    let first = format!("SELECT sealed FROM entries WHERE thread_id = '{thread}' AND seq = 1");
    practice
        .database
        .query(&format!("UPDATE entries SET sealed = ({first}) WHERE thread_id = '{thread}' AND seq = 2"))
        .await;
    let shown = client.get(&format!("portal/messages/{thread}")).await.expect(200);
    assert_eq!((&shown["entries"][0]["body"], &shown["entries"][1]["body"]), (&json!("first"), &json!("")));
    assert!(failures().await.contains(&"entry".to_owned()));
    // To another client's thread.
    let before = failures().await.len();
    practice.database.query(&format!("UPDATE entries SET sealed = ({first}) WHERE thread_id = '{another}'")).await;
    let shown = other.get(&format!("portal/messages/{another}")).await.expect(200);
    assert_eq!(shown["entries"][0]["body"], "");
    assert!(failures().await.len() > before);
    // To another column: a subject that was a message.
    practice.database.query(&format!("UPDATE threads SET subject_sealed = ({first}) WHERE id = '{thread}'")).await;
    let list = client.get("portal/messages").await.expect(200);
    assert_eq!(list["items"][0]["subject"], "");
    assert!(failures().await.contains(&"thread".to_owned()));
    // To another draft: 500 for that draft, and for nothing else.
    let draft = format!("SELECT sealed FROM drafts WHERE thread_id = '{thread}'");
    practice.database.query(&format!("UPDATE drafts SET sealed = ({draft}) WHERE thread_id <> '{thread}'")).await;
    client.get(new).await.refused(500, "internal");
    assert!(failures().await.contains(&"draft".to_owned()));
    assert_eq!(client.get(&mine).await.expect(200)["body"], "unsent");
}
