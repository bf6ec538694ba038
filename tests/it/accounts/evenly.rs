use super::registration::{ADA, on_file};
use crate::support::practice::{PASSWORD, Practice};
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ROUNDS: usize = 9;

/// Everything that an answer tells but its time and day.
async fn answer(practice: &Practice, path: &str, body: &Value) -> (u16, HeaderMap, Vec<u8>, Duration) {
    let since = Instant::now();
    let request = practice.request(Method::POST, &format!("/api/v1/{path}")).json(body);
    let response = request.send().await.unwrap();
    let (status, mut headers) = (response.status().as_u16(), response.headers().clone());
    headers.remove("date");
    let body = response.bytes().await.unwrap().to_vec();
    (status, headers, body, since.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// What a call sends, for an address.
type Body<'a> = &'a dyn Fn(&str) -> Value;

#[actix_web::test]
async fn a_known_and_an_unknown_address_differ_in_nothing_not_even_in_the_time_taken() {
    let practice = Practice::start().await;
    on_file(&practice).await;
    practice.database.query(&format!("UPDATE users SET password_hash = 'x' WHERE email = '{ADA}'")).await;
    let register = |email: &str| {
        json!({
            "email": email, "password": PASSWORD, "dateOfBirth": "1988-02-29", "ssnLast4": "0417", "acceptTerms": "2026-11-21",
        })
    };
    let only_email = |email: &str| json!({ "email": email });
    let calls: [(&str, Body<'_>); 3] = [
        ("portal/auth/register", &register),
        ("portal/auth/forgot-password", &only_email),
        ("portal/auth/resend-verification", &only_email),
    ];
    for (path, body) in calls {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            let (one, other) = (body(ADA), body(&format!("{round}@example.com")));
            let (status, headers, words, time) = answer(&practice, path, &one).await;
            known.push(time);
            let nobodys = answer(&practice, path, &other).await;
            assert_eq!((status, &headers, &words), (nobodys.0, &nobodys.1, &nobodys.2), "{path}");
            assert_eq!((status, words.as_slice()), (202, b"{}".as_slice()), "{path}");
            unknown.push(nobodys.3);
        }
        let (known, unknown) = (median(known), median(unknown));
        assert!(known.abs_diff(unknown) < Duration::from_millis(10), "{path}: known {known:?}, unknown {unknown:?}");
    }
}
