//! What a practice sets of crisis phrases and resources.

use crate::support::practice::Practice;
use carehub::accounts::Role;
use serde_json::{Value, json};

#[actix_web::test]
async fn a_practice_adds_phrases_of_its_own_and_tries_them_without_storing_anything() {
    let practice = Practice::start().await;
    let alma = practice.person("Alma", Role::Admin).await;
    let shown = alma.get("admin/crisis-phrases").await.expect(200);
    assert_eq!((&shown["version"], &shown["phrases"]), (&json!(0), &json!([])));
    assert!(shown["listed"].as_array().unwrap().iter().any(|listed| listed["phraseId"] == "en-kill-self"));

    let new = |version: i32, phrases: Value| json!({"version": version, "phrases": phrases});
    let changed = alma.put("admin/crisis-phrases", new(0, json!(["the purple door"]))).await.expect(200);
    let id = changed["phrases"][0]["id"].clone();
    let tried = |text: &str| {
        let body = json!({ "text": text });
        let alma = &alma;
        async move { alma.post("admin/crisis-phrases/try", body).await.expect(200) }
    };
    let found = tried("Going through the PURPLE door tonight").await;
    assert_eq!(found["finding"], json!({"phraseId": id, "language": "any", "listVersion": "practice-1"}));
    let listed = tried("quiero morir").await;
    assert_eq!((&listed["emergency"], &listed["finding"]["language"]), (&json!(true), &json!("es")));
    assert!(listed["why"].is_string());
    assert_eq!(tried("See you on Tuesday").await["emergency"], json!(false));

    // Who looked at an older version is told so, and the words keep their id.
    alma.put("admin/crisis-phrases", new(0, json!(["other words"]))).await.refused(409, "conflict");
    let again = alma.put("admin/crisis-phrases", new(1, json!(["The purple door!", "olive branch"]))).await.expect(200);
    assert_eq!((&again["version"], &again["phrases"][0]["id"]), (&json!(2), &id));
    for refused in [json!(["the"]), json!([""]), json!(["olive branch", "Olive branch"]), json!(["x".repeat(81)])] {
        alma.put("admin/crisis-phrases", new(2, refused)).await.refused(422, "invalid");
    }
    let rows = practice.database.query("SELECT COALESCE(string_agg(detail::text, ' '), '') FROM audit_events").await;
    assert!(!rows.join(" ").contains("purple"), "an audit row holds no words");
}

#[actix_web::test]
async fn a_practice_names_its_own_crisis_resources_by_language() {
    let practice = Practice::start().await;
    let alma = practice.person("Alma", Role::Admin).await;
    let shown = alma.get("admin/crisis-resources").await.expect(200);
    assert!(shown["notices"]["en"].as_str().unwrap().contains("988"));
    assert!(shown["notices"]["es"].as_str().unwrap().contains("988"));
    let own = json!({"en": [{"name": "Samaritans", "contact": "116 123"}]});
    let changed = alma.put("admin/crisis-resources", json!({"version": 0, "resources": own})).await.expect(200);
    assert!(changed["notices"]["en"].as_str().unwrap().contains("Samaritans: 116 123"));
    for refused in [
        json!({"english": [{"name": "a", "contact": "b"}]}),
        json!({"en": []}),
        json!({"en": [{"name": "", "contact": "b"}]}),
        json!({"en": [{"name": "a\nb", "contact": "b"}]}),
    ] {
        alma.put("admin/crisis-resources", json!({"version": 1, "resources": refused})).await.refused(422, "invalid");
    }
    let reset = alma.put("admin/crisis-resources", json!({"version": 1, "resources": {}})).await.expect(200);
    assert!(reset["notices"]["en"].as_str().unwrap().contains("988"));
}
