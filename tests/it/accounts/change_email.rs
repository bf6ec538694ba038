use crate::support::practice::{PASSWORD, Practice, answer};
use carehub::accounts::Role;
use serde_json::json;

const NEW: &str = "new@example.com";

#[actix_web::test]
async fn a_change_of_address_asks_for_a_recent_proof_is_confirmed_there_and_told_to_the_address_before() {
    let (practice, mail) = Practice::with_mail().await;
    let client = practice.person("Ada", Role::Client).await;
    let elsewhere = answer(practice.sign_in("portal", &client.email, PASSWORD).await).await.expect(200);
    let elsewhere = client.with_token(elsewhere["accessToken"].as_str().unwrap());
    let change = json!({"email": NEW, "endOtherSessions": true});
    practice.database.query("UPDATE sign_in_sessions SET reauthenticated_at = now() - interval '301 seconds'").await;
    client.post("portal/profile/email", change.clone()).await.refused(403, "reauthenticate");
    client.post("portal/auth/reauthenticate", json!({"password": PASSWORD})).await.expect(204);
    client.post("portal/profile/email", change).await.expect(202);
    elsewhere.get("auth/me").await.refused(401, "unauthenticated");
    client.get("auth/me").await.expect(200);
    let token = mail.about(NEW, "Please confirm your e-mail address", 1).await.secret("/verify-email");
    assert!(practice.lets_in("portal", &client.email, PASSWORD).await, "before it is confirmed");
    assert!(!practice.lets_in("portal", NEW, PASSWORD).await, "before it is confirmed");
    practice.post("portal/auth/verify-email", json!({"token": token})).await.expect(204);
    assert!(practice.lets_in("portal", NEW, PASSWORD).await);
    assert!(!practice.lets_in("portal", &client.email, PASSWORD).await);
    mail.about(&client.email, "Your e-mail address was changed", 1).await;
    practice.post("portal/auth/verify-email", json!({"token": token})).await.refused(422, "invalid");
}

#[actix_web::test]
async fn an_address_that_is_somebody_elses_is_answered_alike_and_never_taken() {
    let (practice, mail) = Practice::with_mail().await;
    let client = practice.person("Ada", Role::Client).await;
    let other = practice.person("Bea", Role::Client).await;
    let taken = client.post("portal/profile/email", json!({"email": other.email.to_uppercase()})).await;
    let free = client.post("portal/profile/email", json!({"email": NEW})).await;
    assert_eq!(taken, free);
    let token = mail.about(NEW, "Please confirm your e-mail address", 1).await.secret("/verify-email");
    assert!(mail.arrived(&other.email).is_empty());
    // Somebody else took it meanwhile.
    practice.database.query(&format!("UPDATE users SET email = '{NEW}' WHERE id = '{}'", other.id)).await;
    practice.post("portal/auth/verify-email", json!({"token": token})).await.refused(422, "invalid");
    assert!(practice.lets_in("portal", &client.email, PASSWORD).await);
    client.post("portal/profile/email", json!({"email": client.email})).await.refused(422, "invalid");
}
