use crate::support::practice::{Practice, answer};
use carehub::{
    accounts::Role,
    routes::{self, Door, TABLE},
};
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeSet;

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// Every operation of the document, as method, path and description.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().expect("the document has paths");
    let of_path = |(path, item): (&String, &Value)| {
        let item = item.as_object().expect("a path has operations").clone();
        let path = path.clone();
        item.into_iter().map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
    };
    paths.iter().flat_map(of_path).collect()
}

async fn document(practice: &Practice) -> Value {
    answer(practice.request(Method::GET, "/api/openapi.json").send().await.unwrap()).await.expect(200)
}

#[actix_web::test]
async fn every_call_of_the_router_is_in_the_document_and_the_reverse() {
    let practice = Practice::start().await;
    let document = document(&practice).await;
    assert_eq!(document["openapi"], "3.1.0");
    let documented: BTreeSet<(String, String)> =
        operations(&document).into_iter().map(|(method, path, _)| (method, path)).collect();
    let routed: BTreeSet<(String, String)> =
        TABLE.iter().map(|route| (route.method.to_owned(), route.path.to_owned())).collect();
    assert_eq!(documented, routed);
    // What the document leaves out does not answer either.
    let client = practice.person("Ada", Role::Client).await;
    for (path, item) in document["paths"].as_object().unwrap() {
        let address = path.replace("{thread}", &uuid::Uuid::now_v7().to_string());
        for method in METHODS.iter().filter(|method| item.get(method).is_none() && !path.contains('{')) {
            let request = practice.request(method.to_uppercase().parse().unwrap(), &address);
            let status = request.bearer_auth(&client.token).send().await.unwrap().status();
            assert_eq!(status, 405, "{method} {path}");
        }
    }
}

#[test]
fn every_refusal_comes_with_an_example_of_its_own_code() {
    let document = routes::document();
    let examples = document.json()["components"]["examples"].as_object().unwrap();
    for (method, path, operation) in operations(document.json()) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let in_words = matches!(
                (path.as_str(), status.as_str()),
                ("/readyz" | "/healthz" | "/metrics", "503") | ("/api/v1/ws", "426")
            );
            if status.as_str() < "400" || in_words {
                continue;
            }
            let problem = &response["content"]["application/problem+json"];
            let named = problem["examples"].as_object().unwrap_or_else(|| panic!("{method} {path} {status}"));
            assert!(!named.is_empty(), "{method} {path} {status}");
            for code in named.keys() {
                let example = &examples[code]["value"];
                assert_eq!(example["code"], code.as_str());
                assert_eq!(example["status"].to_string(), *status, "{method} {path}");
                assert!(!example["detail"].as_str().unwrap().is_empty());
            }
        }
    }
}

#[test]
fn every_name_in_the_document_leads_somewhere_and_means_one_thing() {
    let document = routes::document();
    let text = document.json().to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.json().pointer(pointer).is_some(), "{pointer} leads nowhere");
    }
    let ids: Vec<String> =
        operations(document.json()).iter().map(|(_, _, call)| call["operationId"].to_string()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    assert!(document.clashes.is_empty(), "two types of one name: {:?}", document.clashes);
}

#[actix_web::test]
async fn every_documented_call_answers_nobody_with_a_documented_status() {
    let practice = Practice::start().await;
    let document = document(&practice).await;
    for (method, path, operation) in operations(&document) {
        let address = path
            .split('/')
            .map(|part| if part.starts_with('{') { "00000000-0000-7000-8000-000000000000" } else { part });
        let address = address.collect::<Vec<_>>().join("/");
        let response = practice.request(method.parse().unwrap(), &address).send().await.unwrap();
        let status = response.status().as_str().to_owned();
        let media_type = response.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
        let documented = &operation["responses"][&status];
        assert!(documented.is_object(), "{method} {path} answers {status}, which is not in the document");
        if let Some(media_type) = media_type {
            let essence = media_type.split(';').next().unwrap();
            assert!(documented["content"][essence].is_object(), "{method} {path} {status} answers with {media_type}");
        }
        let door = TABLE.iter().find(|route| route.method == method && route.path == path).unwrap().door;
        assert_eq!(status == "401" && path != "/api/v1/ws", door != Door::Open, "{method} {path}");
    }
}
