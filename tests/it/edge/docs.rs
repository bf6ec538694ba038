use crate::support::{Screen, browser, practice::Practice};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_description_of_the_api_is_browsed_under_the_strict_policy_without_complaint() {
    let practice = Practice::start().await;
    let [window] = browser::open(&practice.hub.url(""), [Screen::Desktop]).await;
    window.go("/api/docs").await;
    window.wait("the calls", "document.querySelectorAll('.opblock').length > 30").await;
    assert_eq!(window.path().await, "/api/docs/");
    window.eval("document.querySelector('[data-path=\"/api/v1/portal/messages\"]').click()").await;
    window.wait("an open call", "document.querySelector('.opblock.is-open .responses-table') !== null").await;
    assert_eq!(window.complaints().await, Vec::<String>::new());
}
