use crate::support::{
    Client,
    practice::{PASSWORD, Practice, answer},
};
use carehub::accounts::Role;
use serde_json::json;

const NEW: &str = "quiet orchard kettle";

#[actix_web::test]
async fn a_change_of_password_asks_for_the_old_one_tells_the_owner_and_can_end_all_other_sessions() {
    let (practice, mail) = Practice::with_mail().await;
    for (door, role) in [("portal", Role::Client), ("ehr", Role::Clinician)] {
        let here = practice.person("Ada", role).await;
        let elsewhere = answer(practice.sign_in(door, &here.email, PASSWORD).await).await.expect(200);
        let elsewhere = here.with_token(elsewhere["accessToken"].as_str().unwrap());
        let mut live = Client::synced(&practice.hub, &elsewhere.someone()).await;
        let path = format!("{door}/auth/change-password");
        let change = |current: &str, new: &str, end: bool| json!({"currentPassword": current, "newPassword": new, "endOtherSessions": end});
        for (bad, pointer) in [
            (change("wrong", NEW, true), "/currentPassword"),
            (change(PASSWORD, "elevenchars", true), "/newPassword"),
            (change(PASSWORD, &here.email, true), "/newPassword"),
        ] {
            let refused = here.post(&path, bad).await.refused(422, "invalid");
            assert_eq!(refused["errors"][0]["pointer"], pointer);
        }
        here.post(&path, change(PASSWORD, NEW, false)).await.expect(204);
        elsewhere.get("auth/me").await.expect(200);
        here.post(&path, change(NEW, "another orchard kettle", true)).await.expect(204);
        assert_eq!(live.closed().await, Some(4401));
        elsewhere.get("auth/me").await.refused(401, "unauthenticated");
        here.get("auth/me").await.expect(200);
        assert!(practice.lets_in(door, &here.email, "another orchard kettle").await);
        assert!(!practice.lets_in(door, &here.email, NEW).await);
        mail.about(&here.email, "Your password was changed", 2).await;
    }
}

#[actix_web::test]
async fn a_stolen_session_is_no_way_to_guess_the_password() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let guess = |password: &str| json!({"currentPassword": password, "newPassword": NEW});
    for n in 0..5 {
        client.post("portal/auth/change-password", guess(&format!("guess {n}"))).await.refused(422, "invalid");
    }
    client.post("portal/auth/change-password", guess(PASSWORD)).await.refused(422, "invalid");
    assert!(!practice.lets_in("portal", &client.email, PASSWORD).await, "five wrong ones do not lock");
}
