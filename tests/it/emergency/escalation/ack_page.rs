//! The page behind the link, as somebody opens it on their telephone, signed in nowhere.

use super::Care;
use crate::support::{Browser, Screen, browser};
use serde_json::json;

async fn phone(care: &Care) -> Browser {
    let [phone] = browser::open(&care.practice.hub.url(""), [Screen::Phone]).await;
    phone
}

/// X4.
#[actix_web::test]
async fn whoever_presses_the_button_of_a_link_has_it_and_reads_so_again() {
    let care = Care::start().await;
    let id = care.emergency().await;
    care.settle().await;
    let page = format!("/ack/{}", care.tokens().await[0]);
    let phone = phone(&care).await;
    phone.go(&page).await;
    phone.wait_for_text("h1", "Somebody needs you").await;
    let shown = phone.eval("document.documentElement.outerHTML").await;
    for secret in ["Ada", &care.thread, "not safe"] {
        assert!(!shown.as_str().unwrap().contains(secret), "the page shows {secret}");
    }
    assert_eq!(care.at(&id).await, "paging 0 0", "looking took it");
    phone.click("button").await;
    phone.wait_for_text("h1", "You have it").await;
    assert!(care.at(&id).await.starts_with("acknowledged"));
    phone.go(&page).await;
    phone.wait_for_text("h1", "You have it").await;
    phone.must_be_content().await;
    phone.go("/ack/none").await;
    phone.wait_for_text("h1", "no longer good").await;
}

#[actix_web::test]
async fn whoever_comes_second_by_a_link_reads_who_has_it() {
    let care = Care::start().await;
    let id = care.emergency().await;
    care.settle().await;
    let phone = phone(&care).await;
    phone.go(&format!("/ack/{}", care.tokens().await[0])).await;
    phone.find("button").await;
    care.tom.post(&format!("ehr/escalations/{id}/acknowledge"), json!({})).await.expect(200);
    phone.click("button").await;
    phone.wait_for_text("h1", "Tom has it").await;
    phone.reload().await;
    phone.wait_for_text("h1", "Tom has it").await;
}
