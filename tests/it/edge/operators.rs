use crate::support::{
    Database, Hub,
    practice::{Caller, Practice},
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
async fn administration_is_reached_from_its_addresses_alone_and_whoever_tries_elsewhere_is_on_record() {
    let practice = Practice::start().await;
    let admin = practice.person("Hal", Role::Admin).await;
    let unknown = practice.request(Method::GET, "/nowhere").send().await.unwrap().text().await.unwrap();
    let refused = async |route: &str| {
        let rows = format!(
            "SELECT count(*) FROM audit_events WHERE action = 'access.refused' AND outcome = 'refused'
            AND actor_id = '{}' AND host(address) = '127.0.0.1' AND detail->>'route' = '{route}'",
            admin.id
        );
        practice.database.query(&rows).await[0].parse::<usize>().unwrap()
    };
    for (addresses, header, reached) in
        [("127.0.0.1", None, true), ("192.0.2.0/24", None, false), ("127.0.0.1", Some("127.0.0.1"), false)]
    {
        let hub = Hub::start_with(&practice.database, &[("CAREHUB_ADMIN_ADDRESSES", addresses)]).await;
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let users = "/api/v1/admin/users";
        for (path, route) in [
            (users, "GET /api/v1/admin/users"),
            ("/api/v1/%61dmin/users", "GET (not routed)"),
            ("/api/v1/admin/audit", "GET /api/v1/admin/audit"),
            ("/ehr/admin", "GET /ehr/admin"),
        ] {
            let before = refused(route).await;
            let mut request = http.get(hub.url(path)).bearer_auth(&admin.token);
            if let Some(address) = header {
                request = request.header("x-forwarded-for", address);
            }
            let answered = request.send().await.unwrap();
            if reached {
                assert_eq!(answered.status(), 200, "{path} from {addresses}");
                assert_eq!(refused(route).await, before, "{path} from {addresses}");
            } else {
                assert_eq!(answered.status(), 404, "{path} from {addresses} {header:?}");
                assert_eq!(answered.text().await.unwrap(), unknown, "{path} reads like nothing");
                assert_eq!(refused(route).await, before + 1, "{path} from {addresses} {header:?}");
            }
        }
        // Nobody who is signed in: a line in the log, and no row that a stranger could fill the disk with.
        if !reached && header.is_none() {
            let rows = "SELECT count(*) FROM audit_events";
            let before = practice.database.query(rows).await;
            assert_eq!(http.get(hub.url(users)).send().await.unwrap().status(), 404);
            assert_eq!(practice.database.query(rows).await, before);
            assert!(hub.logged().contains("from an address that may not"));
        }
    }
}
