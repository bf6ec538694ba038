use crate::support::practice::{PASSWORD, Practice};
use carehub::accounts::Role;
use reqwest::Method;
use serde_json::json;

#[actix_web::test]
async fn a_foreign_page_changes_nothing_with_a_visitors_cookie() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let signed_in = practice.sign_in("portal", &client.email, PASSWORD).await;
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let own = practice.hub.url("");
    let draft = async |headers: &[(&str, &str)], content: &str| {
        let mut request = practice.request(Method::PUT, "/api/v1/portal/messages/new/draft").header("cookie", &cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = json!({"body": "forged"}).to_string();
        request.header("content-type", content).body(body).send().await.unwrap().status().as_u16()
    };
    let json = "application/json";
    assert_eq!(draft(&[], json).await, 403);
    assert_eq!(draft(&[("origin", "null")], json).await, 403);
    assert_eq!(draft(&[("origin", "https://else.example")], json).await, 403);
    assert_eq!(draft(&[("origin", &own), ("sec-fetch-site", "cross-site")], json).await, 403);
    assert_eq!(draft(&[("origin", &own)], "text/plain").await, 403);
    assert_eq!(draft(&[("origin", &own)], "application/x-www-form-urlencoded").await, 403);
    assert_eq!(practice.database.query("SELECT count(*) FROM drafts").await, ["0"]);
    assert_eq!(draft(&[("origin", &own), ("sec-fetch-site", "same-origin")], json).await, 200);
}
