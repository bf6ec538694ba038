use crate::support::practice::{Practice, answer};
use carehub::{accounts::Role, http::json::BODY_BYTES};
use reqwest::Method;
use serde_json::json;
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Sends this and reads until the hub ends the connection, or for so long; what was read.
async fn talk(address: SocketAddr, text: &str, patience: Duration) -> (String, bool) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The hub may have cut the connection already.
    let _ = stream.write_all(text.as_bytes()).await;
    let mut read = Vec::new();
    let ended = timeout(patience, stream.read_to_end(&mut read)).await.is_ok();
    (String::from_utf8_lossy(&read).into_owned(), ended)
}

fn status(answered: &str) -> &str {
    answered.split(' ').nth(1).unwrap_or("none")
}

#[actix_web::test]
async fn a_body_of_the_limit_is_read_and_one_byte_more_is_not() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    for (bytes, expected) in [(BODY_BYTES, 422), (BODY_BYTES + 1, 413)] {
        let body = format!("{{}}{}", " ".repeat(bytes - 2));
        let request = practice.request(Method::POST, "/api/v1/portal/messages").bearer_auth(&client.token);
        let response = request.header("content-type", "application/json").body(body).send().await.unwrap();
        assert_eq!(answer(response).await.status, expected, "{bytes}");
    }
}

#[actix_web::test]
async fn headers_up_to_the_limit_are_read_and_more_are_not() {
    let practice = Practice::start().await;
    let address = practice.hub.address;
    let with =
        |headers: &str| format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n");
    let patience = Duration::from_secs(5);
    // Two are there already.
    for (count, expected) in [(94, "200"), (95, "431")] {
        let headers: String = (0..count).map(|at| format!("X-{at}: y\r\n")).collect();
        let (answered, ended) = talk(address, &with(&headers), patience).await;
        assert_eq!((status(&answered), ended), (expected, true), "{count} more headers");
    }
    let sized = |bytes: usize| {
        let rest = with("X-Long: \r\n").len();
        with(&format!("X-Long: {}\r\n", "y".repeat(bytes - rest)))
    };
    let (answered, _) = talk(address, &sized(100_000), patience).await;
    assert_eq!(status(&answered), "200");
    let (answered, ended) = talk(address, &sized(200_000), patience).await;
    assert!(ended && matches!(status(&answered), "400" | "431" | "none"), "{answered}");
}

#[actix_web::test]
async fn whoever_sends_byte_by_byte_is_not_waited_for() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let address = practice.hub.address;
    let drip = async |start: String, drop: &'static str| {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        let (mut from, mut into) = stream.into_split();
        let since = Instant::now();
        let dripping = async {
            while into.write_all(drop.as_bytes()).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            std::future::pending::<()>().await;
        };
        let mut read = Vec::new();
        let reading = timeout(Duration::from_secs(20), from.read_to_end(&mut read));
        let ended = tokio::select! { ended = reading => ended.is_ok(), () = dripping => unreachable!() };
        (String::from_utf8_lossy(&read).into_owned(), ended, since.elapsed())
    };
    let head = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\n");
    let body = format!(
        "POST /api/v1/portal/messages HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n{{",
        client.token
    );
    let form = format!(
        "POST /sign-in HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 60000\r\n\r\nemail="
    );
    let (head, body, form) = tokio::join!(drip(head, "X: y\r\n"), drip(body, " "), drip(form, "y"));
    for (what, (answered, ended, took)) in [("headers", &head), ("a body", &body), ("a form", &form)] {
        assert!(*ended && (8..15).contains(&took.as_secs()), "{what}: {ended} after {took:?}: {answered}");
    }
    assert_eq!(status(&head.0), "408");
    assert_eq!(status(&body.0), "408");
    assert!(body.0.contains("tooSlow"), "{}", body.0);
    // Others were served all the while, and still are.
    client.get("portal/messages").await.expect(200);
}

#[actix_web::test]
async fn an_address_has_so_many_connections_and_one_more_is_cut() {
    let practice = Practice::start_with(&[("CAREHUB_CONNECTIONS_PER_ADDRESS", "3")]).await;
    let address = practice.hub.address;
    let mut open = Vec::new();
    let ask = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\n\r\n");
    for _ in 0..3 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(ask.as_bytes()).await.unwrap();
        let mut start = [0; 12];
        stream.read_exact(&mut start).await.unwrap();
        assert_eq!(&start, b"HTTP/1.1 200");
        open.push(stream);
    }
    let patience = Duration::from_secs(5);
    assert_eq!(talk(address, &ask, patience).await, (String::new(), true));
    drop(open.pop());
    let again = async || {
        let closing = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        let (answered, _) = talk(address, &closing, patience).await;
        (status(&answered) == "200").then_some(())
    };
    crate::support::eventually("a place that was left", patience, again).await;
}

#[actix_web::test]
async fn a_list_has_two_hundred_items_at_most() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let clinician = practice.person("Maya", Role::Clinician).await;
    let thread = client.open("Sleep", "I cannot sleep").await;
    clinician.claim(&thread).await.expect(200);
    for (who, path) in [
        (&client, "portal/messages".to_owned()),
        (&client, format!("portal/messages/{thread}")),
        (&clinician, "ehr/inbox".to_owned()),
        (&clinician, format!("ehr/threads/{thread}")),
    ] {
        who.get(&format!("{path}?limit=200")).await.expect(200);
        who.get(&format!("{path}?limit=201")).await.refused(422, "invalid");
        who.get(&format!("{path}?limit=0")).await.refused(422, "invalid");
    }
}

#[actix_web::test]
async fn words_of_the_limit_are_taken_and_one_character_more_is_not() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    for (subject, body, expected) in [(200, 8_000, 201), (201, 1, 422), (1, 8_001, 413)] {
        let written = json!({"subject": "ä".repeat(subject), "body": "ä".repeat(body)});
        assert_eq!(client.post("portal/messages", written).await.status, expected, "{subject} {body}");
    }
}

#[actix_web::test]
async fn the_hub_opens_no_more_connections_to_the_store_than_it_may() {
    let practice = Practice::start_with(&[("CAREHUB_WORKERS", "1")]).await;
    let client = practice.person("Ada", Role::Client).await;
    let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let at_rest: usize = practice.database.query(count).await[0].parse().unwrap();
    let calls = (0..200).map(|_| client.get("portal/messages"));
    let (answers, most) = tokio::join!(futures_util::future::join_all(calls), async {
        let mut most = 0;
        for _ in 0..20 {
            most = most.max(practice.database.query(count).await[0].parse().unwrap());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        most
    });
    for answer in answers {
        assert_eq!(answer.status, 200);
    }
    // Those of the test itself, and the relay's, which opens its own when it first looks.
    let own_looks = 2 + 4;
    assert!((2..=at_rest + 8 + own_looks).contains(&most), "{most} connections, {at_rest} at rest");
}
