use crate::support::practice::{Answer, Caller, Practice};
use carehub::{
    accounts::Role,
    routes::{Door, Route, TABLE},
};
use reqwest::Method;
use serde_json::{Value, json};

/// A body that every call can read.
fn any_body(route: &Route) -> Option<Value> {
    let id = uuid::Uuid::now_v7();
    let body = json!({
        "subject": "x", "body": "x", "seq": 1, "client": id, "assignee": null, "to": id, "email": "x", "password": "x",
        "user": id, "reason": "x", "refreshToken": "x",
    });
    (route.method != "GET").then_some(body)
}

async fn call(caller: &Caller, route: &Route, thread: &str) -> Answer {
    // Any id will do for what stands in the address, but for a thread's.
    let segment = |segment| if str::starts_with(segment, '{') { thread } else { segment };
    let path = route.path.split('/').map(segment).collect::<Vec<_>>().join("/");
    let path = path.strip_prefix("/api/v1/").unwrap();
    caller.call(Method::from_bytes(route.method.as_bytes()).unwrap(), path, any_body(route)).await
}

#[actix_web::test]
async fn every_call_refuses_the_signed_out_and_the_other_door() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let clinician = practice.person("Maya", Role::Clinician).await;
    let nobody = client.with_token("no token");
    let thread = uuid::Uuid::now_v7().to_string();
    for route in TABLE.iter().filter(|route| route.door != Door::Open) {
        call(&nobody, route, &thread).await.refused(401, "unauthenticated");
        match route.door {
            Door::Portal => drop(call(&clinician, route, &thread).await.refused(403, "forbidden")),
            Door::Ehr => drop(call(&client, route, &thread).await.refused(403, "forbidden")),
            Door::Admin => {
                call(&client, route, &thread).await.refused(403, "forbidden");
                call(&clinician, route, &thread).await.refused(403, "forbidden");
            }
            Door::Signed | Door::Open => {}
        }
    }
}

#[actix_web::test]
async fn a_thread_that_is_not_ones_own_answers_like_one_that_does_not_exist() {
    let practice = Practice::start().await;
    let client = practice.person("Ada", Role::Client).await;
    let clinician = practice.person("Maya", Role::Clinician).await;
    let thread = client.open("Sleep", "I cannot sleep").await;
    clinician.claim(&thread).await.expect(200);
    let another_client = practice.person("Bea", Role::Client).await;
    let colleague = practice.person("Tom", Role::Clinician).await;
    let staff = practice.person("Sid", Role::Staff).await;
    let stranger = practice.stranger("Zoe", Role::Admin).await;
    let nowhere = uuid::Uuid::now_v7().to_string();
    let record = "SELECT md5(string_agg(t::text || e::text || p::text, '' ORDER BY e.seq, p.user_id)) \
        FROM threads t JOIN entries e ON e.thread_id = t.id JOIN participants p ON p.thread_id = t.id";
    let before = practice.database.query(record).await;
    for route in TABLE.iter().filter(|route| route.path.contains("{thread}")) {
        let others = match route.door {
            Door::Portal => vec![&another_client],
            _ => vec![&colleague, &staff, &stranger],
        };
        for other in others {
            let answer = call(other, route, &thread).await;
            if route.path.ends_with("/claim") && other.id != stranger.id {
                // Who lost a race for a thread of their practice is told to whom.
                assert_eq!(answer.refused(409, "conflict")["assignee"]["name"], "Maya");
                continue;
            }
            assert_eq!(answer, call(other, route, &nowhere).await, "{} {}", route.method, route.path);
            answer.refused(404, "notFound");
        }
    }
    assert_eq!(practice.database.query(record).await, before);
    assert_eq!(practice.database.query("SELECT count(*) FROM drafts").await, ["0"]);
}
