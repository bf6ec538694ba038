//! The door: who is let in, by what, and what is refused before anything was said.

use crate::support::raw::{FIN, TEXT, frame};
use crate::support::{Client, Database, Hub, Pair, Raw, text};
use carehub::accounts::token::Tokens;
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const HANDSHAKE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

async fn knock(hub: &Hub, path: &str, headers: &str) -> (u16, String, Raw) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", hub.address);
    Raw::request(hub.address, &request).await
}

async fn status(hub: &Hub, headers: &str) -> u16 {
    knock(hub, "/api/v1/ws", &format!("{HANDSHAKE}{headers}")).await.0
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

#[actix_web::test]
async fn a_cookie_is_good_with_an_origin_of_the_hubs_own_alone() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    database
        .query(&format!(
            "UPDATE sign_in_sessions SET cookie_hash = sha256('biscuit') WHERE user_id = '{}'",
            pair.client.id
        ))
        .await;
    let hub = Hub::start(&database).await;
    let cookie = "Cookie: carehub_session=biscuit\r\n";
    let own = format!("Origin: http://{}\r\n", hub.address);
    assert_eq!(status(&hub, &format!("{cookie}{own}")).await, 101);
    for origin in ["", "Origin: null\r\n", "Origin: https://elsewhere.example\r\n", "Origin: http://127.0.0.1\r\n"] {
        assert_eq!(status(&hub, &format!("{cookie}{origin}")).await, 403, "{origin:?}");
    }
    let wrong = "Cookie: carehub_session=crumb\r\n";
    assert_eq!(status(&hub, &format!("{wrong}{own}")).await, 401);
    // A bearer token needs no origin, and decides also where a cookie is there.
    assert_eq!(status(&hub, &bearer(&pair.client.token)).await, 101);
    assert_eq!(status(&hub, &format!("{cookie}{own}{}", bearer("bad"))).await, 401);
    let (_, _, mut raw) = knock(&hub, "/api/v1/ws", &format!("{HANDSHAKE}{cookie}{own}")).await;
    let welcome: Value = serde_json::from_slice(&raw.next().await.unwrap().1).unwrap();
    assert_eq!(welcome["user"]["id"], json!(pair.client.id));
}

#[actix_web::test]
async fn a_token_that_is_not_the_hubs_own_is_refused() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let master = crate::support::people::master_key();
    let part = |number: usize| -> Value {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
        serde_json::from_slice(
            &BASE64_URL_SAFE_NO_PAD.decode(pair.client.token.split('.').nth(number).unwrap()).unwrap(),
        )
        .unwrap()
    };
    let (kid, claims) = (part(0)["kid"].as_str().unwrap().to_owned(), part(1));
    let own = EncodingKey::from_secret(master.derive(b"access tokens").unwrap().as_slice());
    let header = |typ: Option<&str>, kid: Option<&str>, algorithm: Algorithm| Header {
        typ: typ.map(str::to_owned),
        kid: kid.map(str::to_owned),
        ..Header::new(algorithm)
    };
    let good = header(Some("at+jwt"), Some(&kid), Algorithm::HS256);
    let with = |key: &str, value: Value| {
        let mut claims = claims.clone();
        claims[key] = value;
        claims
    };
    let signed =
        |header: &Header, claims: &Value, key: &EncodingKey| jsonwebtoken::encode(header, claims, key).unwrap();
    assert_eq!(status(&hub, &bearer(&signed(&good, &claims, &own))).await, 101, "the forger's tools are good");
    let now =
        chrono::DateTime::parse_from_rfc3339(text(&Client::connect(&hub, &pair.client).await.welcome, "serverTime"))
            .unwrap()
            .timestamp();
    let none = {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
        let header = json!({"alg": "none", "typ": "at+jwt", "kid": kid});
        format!(
            "{}.{}.",
            BASE64_URL_SAFE_NO_PAD.encode(header.to_string()),
            pair.client.token.split('.').nth(1).unwrap()
        )
    };
    let mut missing = claims.clone();
    missing.as_object_mut().unwrap().remove("exp");
    let (body, signature) = pair.client.token.rsplit_once('.').unwrap();
    let other = EncodingKey::from_secret(b"another key of thirty-two bytes!");
    let named = |name: &str| {
        let mut named = good.clone();
        let address = || Some("http://127.0.0.1:1/key".to_owned());
        match name {
            "jku" => named.jku = address(),
            "x5u" => named.x5u = address(),
            _ => named.jwk = Some(Jwk::from_encoding_key(&other, Algorithm::HS256).unwrap()),
        }
        named
    };
    for (what, token) in [
        ("a key of its own, in its header", signed(&named("jwk"), &claims, &other)),
        ("a key elsewhere", signed(&named("jku"), &claims, &other)),
        ("a certificate elsewhere", signed(&named("x5u"), &claims, &other)),
        ("alg none", none),
        ("no signature", format!("{body}.")),
        ("an altered signature", format!("{body}.{}A", &signature[..signature.len() - 2])),
        ("another key", signed(&good, &claims, &other)),
        ("another algorithm", signed(&header(Some("at+jwt"), Some(&kid), Algorithm::HS512), &claims, &own)),
        ("another type", signed(&header(Some("JWT"), Some(&kid), Algorithm::HS256), &claims, &own)),
        ("no type", signed(&header(None, Some(&kid), Algorithm::HS256), &claims, &own)),
        ("an unknown key id", signed(&header(Some("at+jwt"), Some("other"), Algorithm::HS256), &claims, &own)),
        ("expired", signed(&good, &with("exp", json!(now - 1)), &own)),
        ("not yet valid", signed(&good, &with("nbf", json!(now + 60)), &own)),
        ("no end", signed(&good, &missing, &own)),
        ("another issuer", signed(&good, &with("iss", json!("elsewhere")), &own)),
        ("another audience", signed(&good, &with("aud", json!("elsewhere")), &own)),
        ("the other door", signed(&good, &with("aud", json!("carehub-ehr")), &own)),
        ("another role", signed(&good, &with("role", json!("admin")), &own)),
        ("another user", signed(&good, &with("sub", json!(pair.clinician.id)), &own)),
        ("an unknown session", signed(&good, &with("sid", json!(uuid::Uuid::now_v7())), &own)),
        ("nothing", String::new()),
        ("noise", "x.y.z".into()),
    ] {
        assert_eq!(status(&hub, &bearer(&token)).await, 401, "{what}");
        let mut raw = Raw::upgrade(hub.address, "/api/v1/ws", "").await;
        raw.write(&frame(FIN | TEXT, json!({"type": "auth", "token": token}).to_string().as_bytes())).await;
        assert_eq!(raw.closed().await, Some(4401), "{what}, as a first frame");
    }
    assert_eq!(status(&hub, "Authorization: Basic eDp5\r\n").await, 401);
    database.query("UPDATE users SET status = 'disabled'").await;
    assert_eq!(status(&hub, &bearer(&pair.client.token)).await, 401, "a disabled user");
}

#[actix_web::test]
async fn a_token_in_the_address_is_refused_and_is_in_no_log() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start_with(&database, &[("CAREHUB_LOG", "trace")]).await;
    for key in ["token", "access_token", "Token"] {
        let path = format!("/api/v1/ws?{key}={}", pair.client.token);
        let (status, head, _) = knock(&hub, &path, HANDSHAKE).await;
        assert_eq!(status, 400);
        assert!(head.to_ascii_lowercase().contains("application/problem+json"), "{head}");
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let signature = pair.client.token.rsplit_once('.').unwrap().1;
    assert!(!hub.logged().contains(signature));
    assert!(hub.logged().contains("DEBUG"), "the log is that detailed");
}

#[actix_web::test]
async fn the_subprotocol_is_chosen_or_refused_and_only_version_13_is_spoken() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let offer = async |protocols: &str| {
        let headers = format!("{HANDSHAKE}{}{protocols}", bearer(&pair.client.token));
        let (status, head, _) = knock(&hub, "/api/v1/ws", &headers).await;
        (status, head.to_ascii_lowercase())
    };
    let chosen = "sec-websocket-protocol: carehub.v1\r\n";
    let (status, head) = offer("Sec-WebSocket-Protocol: carehub.v1\r\n").await;
    assert!(status == 101 && head.contains(chosen), "{head}");
    let (status, head) = offer("Sec-WebSocket-Protocol: chat, carehub.v1\r\n").await;
    assert!(status == 101 && head.contains(chosen), "{head}");
    let (status, head) = offer("Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: carehub.v1\r\n").await;
    assert!(status == 101 && head.contains(chosen), "{head}");
    let (status, head) = offer("").await;
    assert!(status == 101 && !head.contains("sec-websocket-protocol"), "none chosen where none was offered: {head}");
    for wrong in ["chat", "carehub.v2", "carehub.v1x", "CAREHUB", ""] {
        assert_eq!(offer(&format!("Sec-WebSocket-Protocol: {wrong}\r\n")).await.0, 400, "{wrong:?}");
    }
    for (line, instead) in [
        ("Sec-WebSocket-Version: 13\r\n", "Sec-WebSocket-Version: 8\r\n"),
        ("Sec-WebSocket-Version: 13\r\n", ""),
        ("Upgrade: websocket\r\n", ""),
        ("Connection: Upgrade\r\n", ""),
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""),
    ] {
        let headers = format!("{}{}", HANDSHAKE.replace(line, instead), bearer(&pair.client.token));
        let (status, head, _) = knock(&hub, "/api/v1/ws", &headers).await;
        assert!((400..500).contains(&status), "{line:?} as {instead:?}: {head}");
        if line.contains("Version") {
            assert!(head.to_ascii_lowercase().contains("sec-websocket-version: 13"), "says which: {head}");
        }
    }
}

#[actix_web::test]
async fn who_has_not_signed_in_is_obeyed_in_nothing_and_sent_away_after_ten_seconds() {
    let database = Database::fresh().await;
    let pair = database.pair().await;
    let hub = Hub::start(&database).await;
    let say = |value: Value| frame(FIN | TEXT, value.to_string().as_bytes());
    let mut waiting = Vec::new();
    let since = Instant::now();
    for _ in 0..20 {
        waiting.push(Raw::upgrade(hub.address, "/api/v1/ws", "").await);
    }
    let (status, head, _) = knock(&hub, "/api/v1/ws", HANDSHAKE).await;
    assert_eq!(status, 429);
    assert!(head.to_ascii_lowercase().contains("retry-after:"), "{head}");
    assert_eq!(self::status(&hub, &bearer(&pair.client.token)).await, 101, "who brings a token does not wait");
    // One signs in, and makes room for another.
    let mut first = waiting.remove(0);
    first.write(&say(json!({"type": "ping", "ref": "1"}))).await;
    assert_eq!(first.message().await.unwrap().1, br#"{"type":"pong","ref":"1"}"#);
    let id = uuid::Uuid::now_v7();
    for frame in [
        json!({"type": "sync", "ref": "2"}),
        json!({"type": "send", "ref": "2", "id": id, "thread": pair.thread, "body": "x"}),
        json!({"type": "fetch", "ref": "2", "thread": pair.thread}),
        json!({"type": "read", "ref": "2", "thread": pair.thread, "seq": 1}),
        json!({"type": "typing", "ref": "2", "thread": pair.thread, "on": true}),
        json!({"type": "acknowledge", "ref": "2", "escalation": id}),
    ] {
        first.write(&say(frame)).await;
        let answer: Value = serde_json::from_slice(&first.message().await.unwrap().1).unwrap();
        assert_eq!((text(&answer, "type"), text(&answer, "code"), text(&answer, "ref")), ("error", "forbidden", "2"));
    }
    first.write(&say(json!({"type": "auth", "ref": "3", "token": pair.client.token}))).await;
    let welcome: Value = serde_json::from_slice(&first.message().await.unwrap().1).unwrap();
    assert_eq!(
        (text(&welcome, "type"), text(&welcome, "ref"), &welcome["user"]["id"]),
        ("welcome", "3", &json!(pair.client.id))
    );
    waiting.push(Raw::upgrade(hub.address, "/api/v1/ws", "").await);
    // Pings do not put it off.
    for raw in &mut waiting {
        raw.write(&say(json!({"type": "ping"}))).await;
    }
    for mut raw in waiting {
        assert_eq!(raw.closed().await, Some(4401));
        assert!((9.4..12.5).contains(&since.elapsed().as_secs_f64()), "{:?}", since.elapsed());
    }
    first.write(&say(json!({"type": "ping"}))).await;
    assert_eq!(first.message().await.unwrap().1, br#"{"type":"pong"}"#, "who signed in stays");
    assert_eq!(database.query("SELECT count(*) FROM entries").await, ["0"]);
}

/// A token of a person's own session.
pub async fn token(database: &Database, pair: &Pair, lifetime: chrono::TimeDelta) -> String {
    use secrecy::ExposeSecret;
    let session =
        database.query(&format!("SELECT id FROM sign_in_sessions WHERE user_id = '{}'", pair.client.id)).await;
    let tokens = Tokens::new(&crate::support::people::master_key()).unwrap();
    let (user, session) = (pair.client.id.parse().unwrap(), session[0].parse().unwrap());
    let now = carehub::clock::Clock::system().now();
    let (token, _) = tokens.issue(user, carehub::accounts::Role::Client, session, now, lifetime).unwrap();
    token.expose_secret().to_owned()
}
