use super::{documents::add, pair};
use crate::support::practice::{Answer, Caller, PASSWORD, Practice, answer};
use carehub::accounts::Role;
use serde_json::json;

async fn link(caller: &Caller, document: &str) -> String {
    let link = caller.get(&format!("{}/documents/{document}/download", caller.door())).await.expect(200);
    link["url"].as_str().unwrap().to_owned()
}

async fn follow(caller: &Caller, url: &str) -> Answer {
    answer(caller.fetch(url).await).await
}

async fn refusals(practice: &Practice, caller: &Caller) -> usize {
    let rows = format!(
        "SELECT count(*) FROM audit_events WHERE outcome = 'refused' AND actor_id = '{}' AND detail ->> 'route' LIKE '%/content'",
        caller.id
    );
    practice.database.query(&rows).await[0].parse().unwrap()
}

#[actix_web::test]
async fn a_link_is_good_for_the_person_and_the_session_that_asked_for_it() {
    let practice = Practice::start().await;
    let (ada, maya) = pair(&practice).await;
    let tom = practice.person("Tom", Role::Clinician).await;
    practice.cares(&tom, &ada).await;
    let document = add(&maya, &ada, "Plan.pdf", "share=true").await;
    let (hers, mayas) = (link(&ada, &document).await, link(&maya, &document).await);
    assert_eq!(ada.fetch(&hers).await.status(), 200);
    assert_eq!(ada.fetch(&hers).await.status(), 200, "as often as needed");
    assert_eq!(maya.fetch(&mayas).await.status(), 200);
    // A colleague who may read the document all the same.
    follow(&tom, &mayas).await.refused(403, "forbidden");
    assert_eq!(refusals(&practice, &tom).await, 1);
    // The same person, signed in once more.
    let signed_in = answer(practice.sign_in("portal", &ada.email, PASSWORD).await).await.expect(200);
    let elsewhere = ada.with_token(signed_in["accessToken"].as_str().unwrap());
    follow(&elsewhere, &hers).await.refused(403, "forbidden");
    assert_eq!(refusals(&practice, &ada).await, 1);
    // Through the other door, and by nobody.
    follow(&ada, &mayas).await.refused(403, "forbidden");
    let nobody = reqwest::get(practice.hub.url(&hers)).await.unwrap();
    assert_eq!(nobody.status(), 401);
    let done =
        format!("SELECT count(*) FROM audit_events WHERE action = 'document.downloaded' AND object_id = '{document}'");
    assert_eq!(practice.database.query(&done).await, ["3"], "each download is written down");
}

#[actix_web::test]
async fn an_altered_link_opens_nothing() {
    let practice = Practice::start().await;
    let (ada, maya) = pair(&practice).await;
    let document = add(&maya, &ada, "Plan.pdf", "share=true").await;
    let other = add(&maya, &ada, "Other.pdf", "share=true").await;
    maya.upload(&format!("ehr/documents/{document}/versions"), "2.pdf", super::pdf("2")).await.expect(201);
    let url = link(&ada, &document).await;
    let expires = url.split("expires=").nth(1).unwrap().split('&').next().unwrap();
    let later = (expires.parse::<i64>().unwrap() + 1).to_string();
    let mut altered = vec![
        url.replace(&document, &other),
        url.replace("version=2", "version=1"),
        url.replace(expires, &later),
        url.replace("mark=", "mark=A"),
        format!("{}mark=", url.split("mark=").next().unwrap()),
    ];
    let mark = url.find("mark=").unwrap() + 5;
    for at in (mark..url.len()).step_by(7) {
        let mut bytes = url.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        altered.push(String::from_utf8(bytes).unwrap());
    }
    let count = altered.len();
    for url in altered {
        let status = follow(&ada, &url).await.status;
        assert!(matches!(status, 403 | 404), "{status}");
    }
    assert_eq!(refusals(&practice, &ada).await, count);
    assert!(!practice.hub.logged().contains("mark="), "links are in no log");
}

#[actix_web::test]
async fn a_link_is_good_for_five_minutes_and_not_after_the_document_is_taken_back() {
    use carehub::{
        clock::Clock,
        crypto::Keyring,
        documents::link::{Bound, LIFETIME},
        ids::SignInId,
    };
    let practice = Practice::start().await;
    let (ada, maya) = pair(&practice).await;
    let document = add(&maya, &ada, "Plan.pdf", "share=true").await;
    // By the clock, with the hub's own key.
    let keyring = Keyring::new(crate::support::people::master_key());
    let mut conn = practice.database.connect().await;
    let now = Clock::system().now();
    let bound = Bound::from_now(document.parse().unwrap(), 1, (ada.id, SignInId::new()), now);
    let mark = bound.sign(&mut conn, &keyring).await.unwrap();
    for (later, good) in [(0, true), (299, true), (301, false), (86_400, false)] {
        let at = now + chrono::TimeDelta::seconds(later);
        assert_eq!(bound.is_good(&mut conn, &keyring, &mark, at).await.unwrap(), good, "{later} s");
    }
    assert_eq!(LIFETIME, chrono::TimeDelta::minutes(5));
    // By REST: one that is signed for a time that is over.
    let session = ada.get("auth/me").await.expect(200)["session"]["id"].as_str().unwrap().parse().unwrap();
    let past =
        Bound { session, ..Bound::from_now(bound.document, 1, (ada.id, session), now - chrono::TimeDelta::minutes(6)) };
    let mark = past.sign(&mut conn, &keyring).await.unwrap();
    let url = format!("/api/v1/portal/documents/{document}/content?version=1&expires={}&mark={mark}", past.expires);
    follow(&ada, &url).await.refused(403, "forbidden");
    let url = link(&ada, &document).await;
    maya.post(&format!("ehr/documents/{document}/unshare"), json!({})).await.expect(200);
    follow(&ada, &url).await.refused(404, "notFound");
}
