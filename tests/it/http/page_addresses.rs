use super::pages::{Two, cookie_of, header, plain};
use std::collections::HashSet;

const CLIENTS: [&str; 3] = ["/portal", "/portal/new", "/portal/messages/"];
const PRACTICES: [&str; 3] = ["/ehr", "/ehr/new", "/ehr/threads/"];

/// Whole addresses, with the thread where one belongs.
fn whole(path: &str, thread: &str) -> String {
    if path.ends_with("s/") { format!("{path}{thread}") } else { path.to_owned() }
}

#[actix_web::test]
async fn everybody_is_let_in_at_their_own_door_and_led_home_from_the_other() {
    let two = Two::start().await;
    let client = cookie_of(&two.practice, &two.client, "client").await;
    let clinician = cookie_of(&two.practice, &two.clinician, "clinician").await;
    for (cookie, own, home, others) in
        [(&client, CLIENTS, "/portal", PRACTICES), (&clinician, PRACTICES, "/ehr", CLIENTS)]
    {
        let get = async |path: &str| {
            let address = two.practice.hub.url(&whole(path, &two.thread));
            plain().get(address).header("cookie", cookie).send().await.unwrap()
        };
        for path in own {
            assert_eq!(get(path).await.status(), 200, "{path}");
        }
        for path in others.into_iter().chain(["/", "/sign-in"]) {
            let away = get(path).await;
            assert_eq!((away.status().as_u16(), header(&away, "location")), (303, home), "{path}");
        }
    }
}

#[actix_web::test]
async fn the_page_of_a_thread_tells_nothing_of_it() {
    let two = Two::start().await;
    let client = cookie_of(&two.practice, &two.client, "client").await;
    let page = async |thread: &str| {
        let address = two.practice.hub.url(&format!("/portal/messages/{thread}"));
        let page = plain().get(address).header("cookie", &client).send().await.unwrap().text().await.unwrap();
        page.replace(thread, "…")
    };
    assert_eq!(page(&two.thread).await, page(&uuid::Uuid::now_v7().to_string()).await);
}

#[actix_web::test]
async fn no_page_is_kept_and_none_may_run_what_is_written_into_it() {
    let two = Two::start().await;
    let client = cookie_of(&two.practice, &two.client, "client").await;
    for path in CLIENTS.into_iter().chain(["/sign-in"]) {
        let address = two.practice.hub.url(&whole(path, &two.thread));
        let cookie = if path == "/sign-in" { "" } else { client.as_str() };
        let page = plain().get(address).header("cookie", cookie).send().await.unwrap();
        assert_eq!(page.status(), 200, "{path}");
        let policy = header(&page, "content-security-policy");
        assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(header(&page, "cache-control"), "no-store", "{path}");
    }
}

#[actix_web::test]
async fn every_file_that_a_page_names_is_there_and_the_first_load_is_small() {
    let two = Two::start().await;
    for (who, door, path) in [(&two.client, "client", "/portal"), (&two.clinician, "clinician", "/ehr")] {
        let cookie = cookie_of(&two.practice, who, door).await;
        let fetch = async |path: &str| {
            let request = plain().get(two.practice.hub.url(path)).header("cookie", &cookie);
            let answer = request.header("accept-encoding", "gzip").send().await.unwrap();
            assert_eq!(answer.status(), 200, "{path}");
            answer.bytes().await.unwrap()
        };
        let page = fetch(path).await;
        let text = String::from_utf8(page.to_vec()).unwrap();
        let named: HashSet<&str> = text.split('"').filter(|part| part.starts_with("/assets/")).collect();
        assert!(named.len() > 10, "{named:?}");
        let mut bytes = page.len();
        for file in named {
            bytes += fetch(file).await.len();
        }
        assert!(bytes < 100 * 1024, "{path} takes {bytes} bytes");
    }
}
