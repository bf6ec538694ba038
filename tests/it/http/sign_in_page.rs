use super::pages::{Two, cookie_of, header, plain, submit};
use crate::support::practice::PASSWORD;

#[actix_web::test]
async fn the_form_signs_in_without_script_and_goes_on_to_the_page_that_was_asked_for() {
    let two = Two::start().await;
    let asked = plain().get(two.practice.hub.url(&format!("/portal/messages/{}", two.thread))).send().await.unwrap();
    assert_eq!(asked.status(), 303);
    let form = header(&asked, "location").to_owned();
    let page = plain().get(two.practice.hub.url(&form)).send().await.unwrap().text().await.unwrap();
    let next = format!("/portal/messages/{}", two.thread);
    assert!(page.contains(&format!(r#"name="next" value="{next}""#)), "{page}");

    let fields = [("email", two.client.email.as_str()), ("password", PASSWORD), ("door", "client"), ("next", &next)];
    let signed_in = submit(&two.practice, &fields).await;
    assert_eq!((signed_in.status().as_u16(), header(&signed_in, "location")), (303, next.as_str()));
    let cookie = header(&signed_in, "set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
}

#[actix_web::test]
async fn nobody_is_sent_to_another_site_after_signing_in() {
    let two = Two::start().await;
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example", "/portal//evil.example", "/portal/%2f"] {
        let fields = [("email", two.client.email.as_str()), ("password", PASSWORD), ("door", "client"), ("next", next)];
        let signed_in = submit(&two.practice, &fields).await;
        assert_eq!((signed_in.status().as_u16(), header(&signed_in, "location")), (303, "/portal"), "{next}");
    }
}

#[actix_web::test]
async fn a_wrong_password_an_unknown_address_and_the_wrong_door_read_the_same() {
    let two = Two::start().await;
    let mut pages = Vec::new();
    for (email, password, door) in [
        (two.client.email.as_str(), "wrong", "client"),
        ("nobody@example.org", PASSWORD, "client"),
        (&two.clinician.email, PASSWORD, "client"),
    ] {
        let refused = submit(&two.practice, &[("email", email), ("password", password), ("door", door)]).await;
        assert_eq!(refused.status(), 401);
        assert_eq!(header(&refused, "set-cookie"), "");
        let page = refused.text().await.unwrap();
        assert!(page.contains(r#"role="alert""#) && !page.contains(password), "{page}");
        pages.push(page.replace(email, "…"));
    }
    assert!(pages.windows(2).all(|pair| pair[0] == pair[1]));
}

#[actix_web::test]
async fn signing_out_ends_the_session_and_empties_the_browser() {
    let two = Two::start().await;
    let cookie = cookie_of(&two.practice, &two.client, "client").await;
    let hub = &two.practice.hub;
    let page =
        async || plain().get(hub.url("/portal")).header("cookie", &cookie).send().await.unwrap().status().as_u16();
    assert_eq!(page().await, 200);
    let leave = || plain().post(hub.url("/sign-out")).header("cookie", &cookie);
    assert_eq!(leave().header("origin", "https://evil.example").send().await.unwrap().status(), 403);
    assert_eq!(page().await, 200);
    let left = leave().header("origin", hub.url("")).send().await.unwrap();
    assert_eq!((left.status().as_u16(), header(&left, "location")), (303, "/sign-in?left=1"));
    assert!(header(&left, "clear-site-data").contains("cache"));
    assert_eq!(page().await, 303);
}

#[actix_web::test]
async fn a_hub_that_is_no_demo_shows_nobodys_account() {
    let two = Two::start().await;
    let address = two.practice.hub.url(&format!("/sign-in?chosen={}", two.client.email));
    let page = plain().get(address).send().await.unwrap().text().await.unwrap();
    assert!(!page.contains("demo") && !page.contains(&two.client.email), "{page}");
}
