use crate::support::practice::{Practice, answer};
use carehub::accounts::Role;
use reqwest::{Method, header::HeaderMap};

/// What browsers are told with every answer.
const ALWAYS: [(&str, &str); 7] = [
    ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    (
        "permissions-policy",
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=(), browsing-topics=()",
    ),
];

/// The directives of an answer's policy.
fn policy(headers: &HeaderMap) -> Vec<Vec<String>> {
    let text = headers["content-security-policy"].to_str().unwrap();
    text.split(';').map(|directive| directive.split_whitespace().map(str::to_owned).collect()).collect()
}

#[actix_web::test]
async fn every_answer_tells_browsers_to_be_strict_errors_and_files_too() {
    let practice = Practice::start_with(&[("CAREHUB_PUBLIC_URL", "https://portal.example.org")]).await;
    let client = practice.person("Ada", Role::Client).await;
    let page = practice.request(Method::GET, "/sign-in").send().await.unwrap().text().await.unwrap();
    let file = page.split('"').find(|part| part.starts_with("/assets/") && part.ends_with(".css")).unwrap().to_owned();
    for (method, path, status) in [
        (Method::GET, "/sign-in", 200),
        (Method::GET, &*file, 200),
        (Method::GET, "/api/docs/", 200),
        (Method::GET, "/api/docs/swagger-ui-bundle.js", 200),
        (Method::GET, "/api/v1/portal/messages", 200),
        (Method::GET, "/healthz", 200),
        (Method::GET, "/nowhere", 404),
        (Method::GET, "/assets/0/nowhere.js", 404),
        (Method::GET, "/api/v1/portal/messages?limit=0", 422),
        (Method::GET, "/api/v1/ehr/inbox", 403),
        (Method::DELETE, "/api/v1/portal/messages", 405),
        (Method::GET, "/api/v1/ws?token=x", 400),
    ] {
        let request = practice.request(method, path).bearer_auth(&client.token);
        let response = request.send().await.unwrap();
        let headers = response.headers().clone();
        assert_eq!(response.status(), status, "{path}: {}", answer(response).await.body);
        for (name, value) in ALWAYS {
            assert_eq!(headers.get(name).map(|value| value.to_str().unwrap()), Some(value), "{path} {name}");
        }
        let policy = policy(&headers);
        for directive in [
            ["default-src", "'self'"],
            ["object-src", "'none'"],
            ["base-uri", "'none'"],
            ["frame-ancestors", "'none'"],
            ["form-action", "'self'"],
        ] {
            assert!(policy.iter().any(|said| said == &directive), "{path} {directive:?}: {policy:?}");
        }
        // Scripts come from the hub alone; nothing that was written into a page runs.
        for said in policy.iter().flatten() {
            assert!(!said.contains("unsafe") && !said.contains('*') && said != "https:", "{path}: {said}");
        }
        assert!(policy.iter().all(|said| said[0] != "script-src"), "{path}: {policy:?}");
    }
}
