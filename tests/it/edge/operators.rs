use crate::support::{
    Database, Hub,
    practice::{Caller, Practice, answer},
};
use carehub::accounts::Role;
use reqwest::{Method, Response};

async fn get(hub: &Hub, path: &str) -> Response {
    reqwest::get(hub.url(path)).await.unwrap()
}

async fn get_as(hub: &Hub, path: &str, caller: &Caller) -> u16 {
    let request = reqwest::Client::new().get(hub.url(path)).bearer_auth(&caller.token);
    request.send().await.unwrap().status().as_u16()
}

#[actix_web::test]
async fn in_production_nobody_is_told_what_is_only_for_those_who_run_the_hub() {
    let practice = Practice::start().await;
    let settings = [("CAREHUB_PROFILE", "production"), ("CAREHUB_OPERATOR_ADDRESSES", "192.0.2.1")];
    let hub = Hub::start_with(&practice.database, &settings).await;
    let unknown = get(&hub, "/nowhere").await.text().await.unwrap();
    for path in ["/metrics", "/api/openapi.json", "/api/docs/", "/api/docs/swagger-ui.css"] {
        let refused = get(&hub, path).await;
        assert_eq!(refused.status(), 404, "{path}");
        assert_eq!(refused.text().await.unwrap(), unknown, "{path}");
    }
    let ready = get(&hub, "/readyz").await;
    assert_eq!((ready.status().as_u16(), ready.text().await.unwrap().as_str()), (200, "ok\n"));
    for who in [Role::Client, Role::Clinician, Role::Staff] {
        let caller = practice.person("Ada", who).await;
        assert_eq!(get_as(&hub, "/api/openapi.json", &caller).await, 404, "{who:?}");
    }
    let admin = practice.person("Hal", Role::Admin).await;
    assert_eq!(get_as(&hub, "/api/openapi.json", &admin).await, 200);
    assert_eq!(get_as(&hub, "/metrics", &admin).await, 404);
}

#[actix_web::test]
async fn metrics_and_details_are_for_operators_and_not_for_whoever_comes_through_a_proxy() {
    let database = Database::fresh().await;
    let hub = Hub::start(&database).await;
    let metrics = get(&hub, "/metrics").await;
    assert_eq!(metrics.status(), 200);
    assert!(metrics.headers()["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    assert_eq!(get(&hub, "/readyz").await.text().await.unwrap(), "ok\nstore: ok\njournal: ok\n");
    // A proxy on the same machine that nobody told the hub of: everybody would look like an operator.
    for header in ["x-forwarded-for", "forwarded", "x-real-ip", "via"] {
        let request = |path: &str| reqwest::Client::new().get(hub.url(path)).header(header, "127.0.0.1");
        assert_eq!(request("/metrics").send().await.unwrap().status(), 404, "{header}");
        assert_eq!(request("/readyz").send().await.unwrap().text().await.unwrap(), "ok\n", "{header}");
    }
}

#[actix_web::test]
async fn methods_that_nothing_answers_to_are_refused_and_no_answer_names_a_version() {
    let practice = Practice::start().await;
    for method in ["TRACE", "OPTIONS", "CONNECT", "PROPFIND", "PATCH"] {
        for path in ["/api/v1/portal/messages", "/healthz", "/sign-in", "/api/v1/portal/auth/login"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            // CONNECT names a host, which the library would go to.
            if method == Method::CONNECT {
                continue;
            }
            let response = practice.request(method.clone(), path).send().await.unwrap();
            assert!(matches!(response.status().as_u16(), 404 | 405), "{method} {path}: {}", response.status());
            for name in ["server", "x-powered-by", "x-aspnet-version", "x-runtime"] {
                assert!(!response.headers().contains_key(name), "{name}");
            }
            assert!(!response.text().await.unwrap().contains(env!("CARGO_PKG_VERSION")));
        }
    }
}

#[actix_web::test]
async fn administration_is_reached_from_its_addresses_alone() {
    let practice = Practice::start().await;
    let admin = practice.person("Hal", Role::Admin).await;
    let path = "/api/v1/admin/nothing-here";
    for (addresses, header, reached) in
        [("127.0.0.1", None, true), ("192.0.2.0/24", None, false), ("127.0.0.1", Some("127.0.0.1"), false)]
    {
        let hub = Hub::start_with(&practice.database, &[("CAREHUB_ADMIN_ADDRESSES", addresses)]).await;
        for path in [path, "/api/v1/%61dmin/nothing-here", "/admin"] {
            let mut request = reqwest::Client::new().get(hub.url(path)).bearer_auth(&admin.token);
            if let Some(address) = header {
                request = request.header("x-forwarded-for", address);
            }
            // Neither is there: whether somebody was let in is in the log alone.
            assert!(matches!(answer(request.send().await.unwrap()).await.status, 200 | 303 | 404));
        }
        assert_eq!(hub.logged().contains("from an address that may not"), !reached, "{addresses} {header:?}");
    }
}
