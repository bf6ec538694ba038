use crate::support::practice::{PASSWORD, Practice};
use carehub::accounts::Role;

async fn stored(practice: &Practice) -> String {
    practice.database.query("SELECT password_hash FROM users").await.remove(0)
}

#[actix_web::test]
async fn an_imported_bcrypt_hash_is_verified_once_and_is_argon2id_from_then_on() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let bcrypt = bcrypt::hash(PASSWORD, 6).unwrap();
    assert!(bcrypt.starts_with("$2b$06$"));
    practice.database.query(&format!("UPDATE users SET password_hash = '{bcrypt}'")).await;
    assert!(!practice.lets_in("portal", &client.email, "wrong").await);
    assert_eq!(stored(&practice).await, bcrypt);
    assert!(practice.lets_in("portal", &client.email, PASSWORD).await);
    let renewed = stored(&practice).await;
    assert!(renewed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{renewed}");
    assert!(practice.lets_in("portal", &client.email, PASSWORD).await);
    assert!(!practice.lets_in("portal", &client.email, "wrong").await);
    assert_eq!(stored(&practice).await, renewed);
}
