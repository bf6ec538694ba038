use crate::{
    http::pages::cookie_of,
    support::practice::{Practice, answer},
};
use carehub::{
    accounts::Role,
    routes::{Door, TABLE},
};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

const ELSEWHERE: &str = "https://app.example.org";
const NOBODYS: &str = "00000000-0000-7000-8000-000000000000";

/// Where a call of the table is, with ids of nothing.
fn address(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { NOBODYS } else { part }).collect::<Vec<_>>().join("/")
}

#[actix_web::test]
async fn no_call_that_changes_something_obeys_a_foreign_page_or_a_form() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let clinician = practice.person("Maya", Role::Clinician).await;
    let cookies = [cookie_of(&practice, &client, "client").await, cookie_of(&practice, &clinician, "clinician").await];
    let own = practice.hub.url("");
    let json = ("content-type", "application/json");
    let changing: Vec<_> = TABLE.iter().filter(|route| route.method != "GET").collect();
    assert!(changing.len() > 15);
    for route in changing {
        let cookie = &cookies[usize::from(route.door != Door::Portal && !route.path.contains("/portal/"))];
        for headers in [
            &[json] as &[_],
            &[json, ("origin", "null")],
            &[json, ("origin", ELSEWHERE)],
            &[json, ("origin", &own), ("sec-fetch-site", "cross-site")],
            &[json, ("origin", &own), ("sec-fetch-site", "same-site")],
            &[("content-type", "text/plain"), ("origin", &own)],
            &[("content-type", "application/x-www-form-urlencoded"), ("origin", &own)],
            &[("content-type", "multipart/form-data"), ("origin", &own)],
        ] {
            let mut request = practice.request(route.method.parse().unwrap(), &address(route.path));
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let answered = answer(request.header("cookie", cookie).body("{}").send().await.unwrap()).await;
            assert_eq!(
                (answered.status, &answered.body["code"]),
                (403, &json!("csrf")),
                "{} {} {headers:?}",
                route.method,
                route.path
            );
        }
    }
}

#[actix_web::test]
async fn reading_changes_nothing() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let clinician = practice.person("Maya", Role::Clinician).await;
    let admin = practice.person("Hal", Role::Admin).await;
    let thread = client.open("Sleep", "I cannot sleep").await;
    clinician.claim(&thread).await.expect(200);
    // Beside the audit log, which tells of every view, what hubs and sessions say of being alive, and how far a loop looked.
    let tables = "SELECT string_agg(format('SELECT %L, count(*), md5(string_agg(t::text, '','' ORDER BY t::text)) FROM %I t', \
        table_name, table_name), ' UNION ALL ' ORDER BY table_name) FROM information_schema.tables \
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT LIKE 'audit%' AND table_name NOT IN ('sign_in_sessions', 'key_holders', 'notification_watermark')";
    let statement = practice.database.query(tables).await.remove(0);
    let everything = format!("SELECT string_agg(x::text, ';' ORDER BY x::text) FROM ({statement}) x");
    let before = practice.database.query(&everything).await;
    for route in TABLE.iter().filter(|route| route.method == "GET" && route.path != "/api/v1/ws") {
        let path = route.path.replace("{thread}", &thread);
        for who in [&client, &clinician, &admin] {
            for method in [Method::GET, Method::HEAD] {
                let request = practice.request(method, &address(&path)).bearer_auth(&who.token);
                assert!(request.send().await.unwrap().status().as_u16() < 500, "{path}");
            }
        }
    }
    assert_eq!(practice.database.query(&everything).await, before);
}

async fn origin_allowed(request: RequestBuilder) -> Option<String> {
    let response = request.send().await.unwrap();
    assert!(!response.headers().contains_key("access-control-allow-credentials"));
    response.headers().get("access-control-allow-origin").map(|origin| origin.to_str().unwrap().to_owned())
}

#[actix_web::test]
async fn only_pages_of_configured_sites_may_read_what_the_hub_answers_and_never_with_a_cookie() {
    let practice = Practice::start_with(&[("CAREHUB_ALLOWED_ORIGINS", ELSEWHERE)]).await;
    let client = practice.person("Ada", Role::Client).await;
    let list = "/api/v1/portal/messages";
    let get = |origin: &str| practice.request(Method::GET, list).bearer_auth(&client.token).header("origin", origin);
    let preflight = |origin: &str| {
        let request = practice.request(Method::OPTIONS, list).header("origin", origin);
        request
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization")
    };
    assert_eq!(origin_allowed(get(ELSEWHERE)).await.as_deref(), Some(ELSEWHERE));
    assert_eq!(origin_allowed(preflight(ELSEWHERE)).await.as_deref(), Some(ELSEWHERE));
    for foreign in ["https://evil.example", "null", "https://app.example.org.evil.example", "http://app.example.org"] {
        assert_eq!(origin_allowed(get(foreign)).await, None, "{foreign}");
        assert_eq!(origin_allowed(preflight(foreign)).await, None, "{foreign}");
    }
    // Signing in from there works without a cookie, and a cookie is not obeyed from there.
    let sign_in = practice.request(Method::POST, "/api/v1/portal/auth/login").header("origin", ELSEWHERE);
    assert_eq!(sign_in.json(&json!({"email": "x", "password": "x"})).send().await.unwrap().status(), 401);
    let cookie = cookie_of(&practice, &client, "client").await;
    let forged = practice.request(Method::POST, list).header("origin", ELSEWHERE).header("cookie", cookie);
    let forged = forged.json(&json!({"subject": "x", "body": "x"})).send().await.unwrap();
    answer(forged).await.refused(403, "csrf");
}

#[actix_web::test]
async fn where_no_site_is_configured_no_foreign_page_may_read_anything() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    for path in ["/api/v1/portal/messages", "/healthz", "/sign-in", "/nowhere"] {
        for method in [Method::GET, Method::OPTIONS] {
            let request = practice.request(method, path).bearer_auth(&client.token).header("origin", ELSEWHERE);
            let request = request.header("access-control-request-method", "GET");
            assert_eq!(origin_allowed(request).await, None, "{path}");
        }
    }
}

#[actix_web::test]
async fn what_is_personal_is_stored_nowhere_and_signing_out_empties_the_browser() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let thread = client.open("Sleep", "I cannot sleep").await;
    for route in TABLE.iter().filter(|route| route.method == "GET" && route.path != "/api/v1/ws") {
        let path = address(&route.path.replace("{thread}", &thread));
        let response = practice.request(Method::GET, &path).bearer_auth(&client.token).send().await.unwrap();
        assert_eq!(response.headers()["cache-control"], "no-store", "{path}");
    }
    for (path, cookie) in [("/api/v1/portal/auth/logout", "client"), ("/sign-out", "client")] {
        let cookie = cookie_of(&practice, &client, cookie).await;
        let request =
            practice.request(Method::POST, path).header("cookie", cookie).header("origin", practice.hub.url(""));
        let response = crate::http::pages::plain().execute(request.build().unwrap()).await.unwrap();
        assert_eq!(response.headers()["clear-site-data"], r#""cache", "storage""#, "{path}");
    }
}

#[actix_web::test]
async fn after_signing_in_nobody_is_led_away_however_the_address_is_spelt() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    for next in [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%2f%2fevil.example",
        "%2f%2fevil.example",
        "https://evil.example/portal",
        "/portal//evil.example",
        "/portal/..//evil.example",
        "/portal\r\nlocation: //evil.example",
        "/.evil.example",
        "javascript:alert(1)",
        "/portal@evil.example",
        "http:/evil.example",
    ] {
        let fields = [("email", &*client.email), ("password", crate::support::practice::PASSWORD), ("next", next)];
        let response = crate::http::pages::submit(&practice, &fields).await;
        assert_eq!(response.status(), 303, "{next}");
        assert_eq!(response.headers()["location"], "/portal", "{next}");
    }
}
