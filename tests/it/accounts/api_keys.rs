use crate::support::{
    Client, Hub, Someone,
    practice::{Caller, Practice},
};
use carehub::{accounts::Role, clock::Clock};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

fn now() -> chrono::DateTime<chrono::Utc> {
    Clock::system().now()
}

async fn make(admin: &Caller, scopes: &[&str]) -> Value {
    let wish = json!({"name": "Billing", "scopes": scopes, "expiresAt": now() + TimeDelta::days(30)});
    admin.post("admin/api-keys", wish).await.expect(201)
}

fn with(admin: &Caller, key: &Value) -> Caller {
    admin.with_token(key["secret"].as_str().unwrap())
}

/// Z8.
#[actix_web::test]
async fn a_key_is_shown_once_kept_as_a_digest_and_worth_nothing_once_revoked_or_over() {
    let practice = Practice::start().await;
    let second = Hub::start(&practice.database).await;
    let ana = practice.person("Ana", Role::Admin).await;
    practice.person("Ada", Role::Client).await;
    practice.stranger("Zia", Role::Client).await;
    let key = make(&ana, &["findPeople"]).await;
    let secret = key["secret"].as_str().unwrap();
    assert!(secret.starts_with("chk_") && secret.len() > 40, "256 bits");
    let listed = ana.get("admin/api-keys").await.expect(200);
    assert_eq!(listed["items"][0]["id"], key["id"]);
    assert!(!listed.to_string().contains(secret));
    let kept = "SELECT string_agg(query_to_xml(format('SELECT * FROM %I', tablename), false, true, '')::text, '') \
        FROM pg_tables WHERE schemaname = 'public'";
    assert!(!practice.database.query(kept).await[0].contains(secret));
    assert!(!practice.hub.logged().contains(secret));

    let program = with(&ana, &key);
    let found = program.get("ehr/clients").await.expect(200);
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "of its own practice alone: {found}");
    let row = "SELECT actor_role || ' ' || (actor_id = (SELECT id FROM api_keys)) FROM audit_events \
        WHERE action = 'clients.listed'";
    assert_eq!(practice.database.query(row).await, ["key true"]);

    for wrong in [format!("{secret}x"), secret[..secret.len() - 1].to_owned(), "chk_".to_owned()] {
        ana.with_token(&wrong).get("ehr/clients").await.refused(401, "unauthenticated");
    }
    ana.delete(&format!("admin/api-keys/{}", key["id"].as_str().unwrap())).await.expect(204);
    program.get("ehr/clients").await.refused(401, "unauthenticated");
    let someone = Someone { id: String::new(), token: secret.to_owned() };
    assert_eq!(second.call(Method::GET, "/api/v1/ehr/clients", &someone, None).await.0, 401);
    ana.delete(&format!("admin/api-keys/{}", key["id"].as_str().unwrap())).await.refused(404, "notFound");

    let program = with(&ana, &make(&ana, &["findPeople"]).await);
    program.get("ehr/clients").await.expect(200);
    practice.database.query("UPDATE api_keys SET expires_at = now()").await;
    program.get("ehr/clients").await.refused(401, "unauthenticated");
}

#[actix_web::test]
async fn a_key_without_an_end_a_name_or_a_scope_is_not_made() {
    let practice = Practice::start().await;
    let ana = practice.person("Ana", Role::Admin).await;
    let soon = now() + TimeDelta::days(1);
    for (wish, pointer) in [
        (json!({"name": "x", "scopes": ["findPeople"]}), "/expiresAt"),
        (json!({"name": "x", "scopes": ["findPeople"], "expiresAt": now()}), "/expiresAt"),
        (json!({"name": "x", "scopes": ["findPeople"], "expiresAt": now() + TimeDelta::days(400)}), "/expiresAt"),
        (json!({"name": " ", "scopes": ["findPeople"], "expiresAt": soon}), "/name"),
        (json!({"name": "x", "scopes": [], "expiresAt": soon}), "/scopes"),
        (json!({"name": "x", "scopes": ["manageApiKeys"], "expiresAt": soon}), "/scopes/0"),
    ] {
        let refused = ana.post("admin/api-keys", wish).await.refused(422, "invalid");
        assert!(refused["errors"][0]["pointer"].as_str().unwrap().starts_with(pointer), "{refused}");
    }
    assert_eq!(practice.database.query("SELECT count(*) FROM api_keys").await, ["0"]);
}

#[actix_web::test]
async fn a_key_opens_no_socket() {
    let practice = Practice::start().await;
    let ana = practice.person("Ana", Role::Admin).await;
    let key = make(&ana, &["findPeople", "readUsers", "readAudit"]).await;
    let token = key["secret"].as_str().unwrap().to_owned();
    let refused = Client::try_connect(&practice.hub, &Someone { id: String::new(), token }).await;
    assert!(refused.is_err());
}
