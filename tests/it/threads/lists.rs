use crate::support::practice::Practice;
use carehub::accounts::Role;
use serde_json::{Value, json};
use std::collections::HashSet;

fn ids(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn a_list_is_paged_through_without_gap_or_repeat() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let mut opened = Vec::new();
    for n in 0..7 {
        opened.push(client.open(&format!("Subject {n}"), "x").await);
    }
    opened.reverse();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("portal/messages?limit=3&cursor={cursor}")).await.expect(200);
        seen.extend(ids(&page));
        let Some(next) = page["next"].as_str() else { break };
        cursor = next.to_owned();
    }
    assert_eq!(seen, opened);
}

#[actix_web::test]
async fn history_is_paged_back_and_forth() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let thread = client.open("Sleep", "1").await;
    for n in 2..=9 {
        client.post(&format!("portal/messages/{thread}/reply"), json!({"body": n.to_string()})).await.expect(201);
    }
    let page = async |query: &str| {
        let page = client.get(&format!("portal/messages/{thread}?{query}")).await.expect(200);
        let seqs: Vec<i64> = page["entries"].as_array().unwrap().iter().map(|e| e["seq"].as_i64().unwrap()).collect();
        (seqs, page["more"].as_bool().unwrap())
    };
    assert_eq!(page("limit=4").await, (vec![6, 7, 8, 9], true));
    assert_eq!(page("before=6&limit=4").await, (vec![2, 3, 4, 5], true));
    assert_eq!(page("before=2&limit=4").await, (vec![1], false));
    assert_eq!(page("after=5&limit=3").await, (vec![6, 7, 8], true));
    assert_eq!(page("after=9").await, (vec![], false));
    client.get(&format!("portal/messages/{thread}?before=3&after=1")).await.refused(422, "invalid");
}

#[actix_web::test]
async fn the_inbox_counts_what_its_drawers_hold() {
    let practice = Practice::start().await;
    let ada = practice.person("Ada", Role::Client).await;
    let bea = practice.person("Bea", Role::Client).await;
    let maya = practice.person("Maya", Role::Clinician).await;
    let stranger = practice.stranger("Zoe", Role::Clinician).await;
    let mine = ada.open("Mine", "x").await;
    let closed = ada.open("Closed", "x").await;
    let pool = bea.open("Pool", "x").await;
    let urgent = json!({"subject": "Urgent", "body": "x", "priority": "urgent"});
    let urgent = bea.post("portal/messages", urgent).await.expect(201)["thread"]["id"].as_str().unwrap().to_owned();
    maya.claim(&mine).await.expect(200);
    maya.claim(&closed).await.expect(200);
    maya.post(&format!("ehr/threads/{closed}/close"), json!({})).await.expect(200);
    maya.put(&format!("ehr/threads/{mine}/read"), json!({"seq": 2})).await.expect(204);
    let drawer = async |filter: &str| {
        let inbox = maya.get(&format!("ehr/inbox?{filter}")).await.expect(200);
        let counts = json!({"mine": 1, "unassigned": 2, "unread": 2, "urgent": 1, "closed": 1});
        assert_eq!(inbox["counts"], counts);
        ids(&inbox).into_iter().collect::<HashSet<_>>()
    };
    let set = |threads: &[&String]| threads.iter().map(|thread| (*thread).clone()).collect::<HashSet<_>>();
    assert_eq!(drawer("filter=mine").await, set(&[&mine]));
    assert_eq!(drawer("filter=unassigned").await, set(&[&pool, &urgent]));
    assert_eq!(drawer("filter=unread").await, set(&[&pool, &urgent]));
    assert_eq!(drawer("filter=urgent").await, set(&[&urgent]));
    assert_eq!(drawer("filter=closed").await, set(&[&closed]));
    assert_eq!(drawer("filter=all").await, set(&[&mine, &closed, &pool, &urgent]));
    assert_eq!(drawer(&format!("client={}", bea.id)).await, set(&[&pool, &urgent]));
    let foreign = stranger.get("ehr/inbox").await.expect(200);
    assert_eq!(ids(&foreign), Vec::<String>::new());
    assert_eq!(foreign["counts"]["unassigned"], 0);
}

#[actix_web::test]
async fn people_are_looked_up_in_ones_own_practice_alone() {
    let practice = Practice::start().await;
    practice.person("Ada 100%", Role::Client).await;
    practice.person("Bea", Role::Client).await;
    practice.stranger("Ada Elsewhere", Role::Client).await;
    let maya = practice.person("Maya", Role::Staff).await;
    let names = async |path: &str| {
        let list = maya.get(path).await.expect(200);
        list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("ehr/clients").await, ["Ada 100%", "Bea"]);
    assert_eq!(names("ehr/clients?q=ADA").await, ["Ada 100%"]);
    assert_eq!(names("ehr/clients?q=0%25").await, ["Ada 100%"]);
    assert_eq!(names("ehr/clients?q=a%25").await, Vec::<String>::new());
    assert_eq!(names("ehr/clients?q=a%00").await, Vec::<String>::new());
    assert_eq!(names("ehr/colleagues").await, ["Maya"]);
}
