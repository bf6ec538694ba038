//! S5: signing keys follow each other.

use super::carehub;
use crate::support::{
    Hub, eventually,
    practice::{Caller, PASSWORD, Practice},
};
use carehub::accounts::{Role, token::Tokens};
use carehub::{clock::Clock, ids::SignInId};
use reqwest::{Client, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// A token for somebody's own session, good for so many seconds.
async fn token(practice: &Practice, of: &Caller, seconds: i64) -> String {
    let session =
        practice.database.query(&format!("SELECT id FROM sign_in_sessions WHERE user_id = '{}'", of.id)).await;
    let session: SignInId = session[0].parse().unwrap();
    let tokens = Tokens::new(&crate::support::people::master_key()).unwrap();
    let (now, lifetime) = (Clock::system().now(), chrono::TimeDelta::seconds(seconds));
    tokens.issue(of.id, of.role, session, now, lifetime).unwrap().0.expose_secret().to_owned()
}

/// The key that signed it.
fn kid(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

async fn status(http: &Client, hub: &str, token: &str) -> StatusCode {
    http.get(format!("{hub}/api/v1/auth/me")).bearer_auth(token).send().await.unwrap().status()
}

#[actix_web::test]
async fn a_new_signing_key_takes_over_on_two_hubs_without_a_failed_request_and_old_tokens_end_at_their_own_time() {
    let practice = Practice::start().await;
    let second = Hub::start(&practice.database).await;
    let hubs = [practice.hub.url(""), second.url("")];
    let client = practice.person("Ada", Role::Client).await;
    let lasting = client.token.clone();
    let before = kid(&lasting);
    let (asked, refused, over) =
        (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let mut load = Vec::new();
    for hub in hubs.clone() {
        let (token, asked, refused, over) = (lasting.clone(), asked.clone(), refused.clone(), over.clone());
        load.push(actix_web::rt::spawn(async move {
            let http = Client::new();
            while !over.load(Ordering::Relaxed) {
                asked.fetch_add(1, Ordering::Relaxed);
                if status(&http, &hub, &token).await != 200 {
                    refused.fetch_add(1, Ordering::Relaxed);
                }
            }
        }));
    }
    let began = Instant::now();
    let (done, said) = carehub(&practice.database, &["keys", "rotate-signing"], &[]).await;
    assert!(done, "{said}");
    let short = token(&practice, &client, 16).await;
    let http = Client::new();
    // Signed by one hub, good at both: before and after the new key begins to sign.
    let mut signed_with = vec![before.clone()];
    eventually("both hubs to sign with the new key", Duration::from_secs(25), async || {
        let mut kids = Vec::new();
        for hub in &hubs {
            let body = json!({"email": client.email, "password": PASSWORD, "tokens": true});
            let answer: Value = http
                .post(format!("{hub}/api/v1/portal/auth/login"))
                .json(&body)
                .send()
                .await
                .unwrap()
                .json()
                .await
                .unwrap();
            let fresh = answer["accessToken"].as_str().unwrap();
            for other in &hubs {
                assert_eq!(status(&http, other, fresh).await, 200, "a fresh token");
            }
            kids.push(kid(fresh));
        }
        signed_with.extend(kids.clone());
        kids.iter().all(|kid| *kid != before).then_some(())
    })
    .await;
    assert!(began.elapsed() > Duration::from_secs(9), "before every hub could know of it");
    signed_with.dedup();
    assert!(signed_with.len() == 2 || signed_with.len() == 4, "one new key: {signed_with:?}");
    for hub in &hubs {
        assert_eq!(status(&http, hub, &short).await, 200, "signed with the old key, and not over yet");
    }
    tokio::time::sleep(Duration::from_secs(17).saturating_sub(began.elapsed())).await;
    for hub in &hubs {
        assert_eq!(status(&http, hub, &short).await, 401, "over");
    }
    over.store(true, Ordering::Relaxed);
    for task in load {
        task.await.unwrap();
    }
    let (asked, refused) = (asked.load(Ordering::Relaxed), refused.load(Ordering::Relaxed));
    println!("{asked} requests, {refused} refused");
    assert!(asked > 200, "only {asked} requests were made meanwhile");
    assert_eq!(refused, 0);
}
