use super::{documents::add, pair, pdf};
use crate::support::practice::Practice;
use serde_json::{Value, json};

#[actix_web::test]
async fn a_document_is_signed_once_with_name_and_intent_and_sealed_by_a_hash_that_the_audit_log_has() {
    let practice = Practice::start().await;
    let (ada, maya) = pair(&practice).await;
    let document = add(&maya, &ada, "Consent.pdf", "category=consent").await;
    let (at, sign) = (format!("ehr/documents/{document}"), format!("portal/documents/{document}/sign"));
    ada.post(&sign, json!({"version": 1, "name": "Ada", "agree": true})).await.refused(404, "notFound");
    // Asking shares it, and tells the client.
    let asked = maya.post(&format!("{at}/request-signature"), json!({})).await.expect(200);
    assert_eq!((&asked["signature"], &asked["toSign"]), (&json!("requested"), &json!(1)));
    let told = format!("SELECT kind FROM notifications WHERE user_id = '{}' AND cancelled_at IS NULL", ada.id);
    assert_eq!(practice.database.query(&told).await, ["signatureRequested"]);

    for (body, pointer) in [
        (json!({"version": 1, "name": " ", "agree": true}), "/name"),
        (json!({"version": 1, "name": "Ada\nBob", "agree": true}), "/name"),
        (json!({"version": 1, "name": "Ada", "agree": false}), "/agree"),
    ] {
        assert_eq!(ada.post(&sign, body).await.refused(422, "invalid")["errors"][0]["pointer"], pointer);
    }
    ada.post(&sign, json!({"version": 2, "name": "Ada", "agree": true})).await.refused(404, "notFound");
    let signed = ada.post(&sign, json!({"version": 1, "name": "Ada Q. Client", "agree": true})).await.expect(200);
    let signature = &signed["signatures"][0];
    assert_eq!(
        (&signature["name"], &signature["intact"], &signature["version"]),
        (&json!("Ada Q. Client"), &json!(true), &json!(1))
    );
    assert_eq!(signed["signature"], "signed");
    ada.post(&sign, json!({"version": 1, "name": "Ada", "agree": true})).await.refused(409, "conflict");
    maya.post(&format!("{at}/request-signature"), json!({})).await.refused(409, "conflict");
    maya.post(&format!("portal/documents/{document}/sign"), json!({"version": 1, "name": "x y", "agree": true}))
        .await
        .refused(403, "forbidden");

    let logged = format!(
        "SELECT detail ->> 'sha256' FROM audit_events WHERE action = 'document.signed' AND object_id = '{document}'"
    );
    assert_eq!(practice.database.query(&logged).await, [signature["hash"].as_str().unwrap()]);
    assert_eq!(practice.database.query(&told).await, Vec::<String>::new(), "nobody is reminded of what is done");
    let rows = practice.database.query("SELECT s::text FROM document_signatures s").await;
    assert!(rows.len() == 1 && !rows[0].contains("Ada"), "the name is sealed");

    // Another version has to be signed anew; the old signature stays under the old one.
    maya.upload(&format!("{at}/versions"), "Consent 2.pdf", pdf("other words")).await.expect(201);
    let shown = ada.get(&format!("portal/documents/{document}")).await.expect(200);
    assert_eq!((&shown["signature"], &shown["signatures"][0]["version"]), (&json!("none"), &json!(1)));
}

#[actix_web::test]
async fn what_was_signed_cannot_be_changed_unseen() {
    let practice = Practice::start().await;
    let (ada, maya) = pair(&practice).await;
    let document = add(&maya, &ada, "Consent.pdf", "").await;
    maya.post(&format!("ehr/documents/{document}/request-signature"), json!({})).await.expect(200);
    let body = json!({"version": 1, "name": "Ada Client", "agree": true});
    ada.post(&format!("portal/documents/{document}/sign"), body).await.expect(200);
    let intact = async || -> Value {
        let shown = maya.get(&format!("ehr/documents/{document}")).await.expect(200);
        shown["signatures"][0]["intact"].clone()
    };
    assert_eq!(intact().await, true);
    // The service's role may not touch it; whoever may is seen.
    practice.database.query("UPDATE document_signatures SET hash = sha256('another')").await;
    assert_eq!(intact().await, false);
    let role = "SELECT has_table_privilege('carehub_service', 'document_signatures', 'UPDATE')";
    assert_eq!(practice.database.query(role).await, ["f"]);
}
