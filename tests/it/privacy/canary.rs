//! C1, C2: what people say, and who they are, shows nowhere but where it belongs. A journey through all calls, with words
//! that stand nowhere else, and then a search of everything that an operator, a neighbour or a thief would get to see.

use crate::support::{
    Client, Hub,
    database::OwnCluster,
    practice::{Caller, Practice},
};
use carehub::{accounts::Role, routes::TABLE};
use reqwest::Method;
use serde_json::{Value, json};

/// In every text that is sealed.
const WORD: &str = "wordcanary";
/// In names and addresses, which the practice finds people by.
const NAME: &str = "namecanary";

/// A body with a canary in every field that any call reads.
fn body(id: &str) -> Value {
    let word = |n: u32| format!("{WORD}{n}");
    json!({
        "id": uuid::Uuid::now_v7(), "subject": word(1), "body": word(2), "note": word(3), "reason": word(4), "text": word(5),
        "confirm": format!("{NAME}1@example.org"), "name": format!("{NAME}2"), "email": format!("{NAME}3@example.org"),
        "preferredName": format!("{NAME}4"), "pronouns": word(6), "phone": word(7), "address": word(8), "mrn": word(9),
        "dateOfBirth": "1970-01-01", "ssnLast4": "0000", "password": word(10), "currentPassword": word(11),
        "newPassword": word(12), "token": word(13), "code": word(14), "refreshToken": word(15), "version": word(16),
        "kind": word(17), "granted": true, "client": id, "assignee": id, "to": id, "user": id, "role": "client", "seq": 1,
        "revision": 0, "rules": [{"kind": word(18), "days": 1}], "scopes": [word(19)], "contacts": [{"name": word(20)}],
        "acceptTerms": word(21), "invitation": word(22), "language": word(23), "timeZone": word(24),
    })
}

/// Every call there is, with canaries in bodies, queries and paths; what was refused with which words.
async fn call_everything(practice: &Practice, callers: &[&Caller], ids: &[&str]) -> String {
    let http = reqwest::Client::new();
    let mut refusals = String::new();
    for route in TABLE {
        let ends = ["logout", "logout-everywhere", "/ws"].iter().any(|end| route.path.ends_with(end));
        if ends || route.path.contains("change-password") || route.path.contains("erasure") {
            continue;
        }
        for (caller, id) in callers.iter().flat_map(|caller| ids.iter().map(move |id| (caller, id))) {
            let mut path = route.path.to_owned();
            while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
                path.replace_range(from..=to, id);
            }
            let method: Method = route.method.parse().unwrap();
            let url = practice.hub.url(&format!("{path}?q={NAME}5&cursor={WORD}25&limit={WORD}26"));
            let request = http.request(method.clone(), url).bearer_auth(&caller.token);
            let request = if method == Method::GET { request } else { request.json(&body(id)) };
            let Ok(response) = request.header("referer", format!("http://x/{WORD}27")).send().await else { continue };
            if response.status().as_u16() >= 400 {
                let headers = format!("{:?}", response.headers());
                refusals +=
                    &format!("{} {path}: {headers} {}\n", route.method, response.text().await.unwrap_or_default());
            }
        }
    }
    refusals
}

/// The places where one of the canaries stands, with what is around.
fn hits(text: &str, canaries: &[&str]) -> Vec<String> {
    let lower = text.to_ascii_lowercase();
    let found = canaries.iter().flat_map(|canary| lower.match_indices(canary).map(|(at, _)| at));
    let around = |at: usize| {
        let (from, to) = (at.saturating_sub(160), (at + 80).min(lower.len()));
        String::from_utf8_lossy(&lower.as_bytes()[from..to]).into_owned()
    };
    found.take(5).map(around).collect()
}

#[actix_web::test]
async fn what_people_say_and_who_they_are_is_in_no_log_refusal_statistic_or_backup() {
    let mut own = OwnCluster::start().await;
    own.database.query("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'").await.clear();
    own.restart().await;
    own.database.query("ALTER SYSTEM SET pg_stat_statements.track = 'all'").await.clear();
    own.database.query("SELECT pg_reload_conf()").await.clear();
    own.database.query("CREATE EXTENSION pg_stat_statements").await.clear();
    let folder = tempfile::tempdir().unwrap();
    let settings = [("CAREHUB_LOG", "trace"), ("CAREHUB_TOMBSTONES", folder.path().to_str().unwrap())];
    let hub = Hub::start_with(&own.database, &settings).await;
    let practice = Practice::on(own.database.clone(), hub).await;
    let client = practice.person(&format!("{NAME}6"), Role::Client).await;
    let clinician = practice.person(&format!("{NAME}7"), Role::Clinician).await;
    let admin = practice.person(&format!("{NAME}8"), Role::Admin).await;
    practice
        .database
        .query(&format!("UPDATE users SET email = '{NAME}9@example.org' WHERE id = '{}'", client.id))
        .await;
    practice.database.query("SELECT pg_stat_statements_reset()").await;

    let thread = client.open(&format!("{WORD}28"), &format!("{WORD}29")).await;
    clinician.claim(&thread).await.expect(200);
    let mut socket = Client::synced(&practice.hub, &client.someone()).await;
    socket.say_and_wait(&thread, &format!("{WORD}30")).await;
    socket.send_text(&format!("{{\"type\":\"send\",\"body\":\"{WORD}31\"")).await;
    clinician.post(&format!("ehr/threads/{thread}/notes"), json!({"body": format!("{WORD}32")})).await.expect(201);
    let hold = json!({"reason": format!("{WORD}33")});
    admin.put(&format!("admin/clients/{}/legal-hold", client.id), hold).await.expect(200);
    let (own_id, nobody) = (client.id.to_string(), uuid::Uuid::now_v7().to_string());
    let ids = [own_id.as_str(), &thread, &nobody, "wordcanary34"];
    let refusals = call_everything(&practice, &[&client, &clinician, &admin], &ids).await;
    for door in ["portal", "ehr"] {
        practice.sign_in(door, &format!("{NAME}9@example.org"), &format!("{WORD}35")).await;
    }
    let exported = admin.get(&format!("admin/clients/{}/export", client.id)).await.expect(200).to_string();
    for words in ["28", "29", "30", "32"] {
        assert!(exported.contains(&format!("{WORD}{words}")), "the owner's own copy has {words}");
    }
    // Commits that fail, with what they were about to store.
    for statement in
        ["INSERT INTO users SELECT * FROM users LIMIT 1", "INSERT INTO practices SELECT * FROM practices LIMIT 1"]
    {
        assert!(crate::dev::query(&practice.database.url, statement).await.is_err());
    }

    let logged = practice.hub.logged();
    // As detailed as it gets: what libraries would add is capped, because it quotes paths and parameters.
    assert!(logged.contains("DEBUG") && logged.len() > 10_000, "the log is detailed: {} bytes", logged.len());
    let postgres = std::fs::read_to_string(own.place.data().postgres_log()).unwrap();
    assert!(postgres.contains("duplicate key"), "PostgreSQL logged what failed");
    let statements = practice.database.query("SELECT string_agg(query, E'\\n') FROM pg_stat_statements").await.concat();
    assert!(statements.to_lowercase().contains("commit_batch"), "statements were counted");
    let metrics = reqwest::get(practice.hub.url("/metrics")).await.unwrap().text().await.unwrap();
    assert!(refusals.len() > 10_000, "much was refused");
    for (place, text) in
        [("log", &logged), ("PostgreSQL's log", &postgres), ("pg_stat_statements", &statements), ("metrics", &metrics)]
    {
        let found = hits(text, &[WORD, NAME]);
        assert!(found.is_empty(), "in the {place}: {found:#?}");
    }
    // The path comes back in no refusal, and neither does anything that was sent.
    let refusals: String =
        refusals.lines().map(|line| line.split_once(": ").map_or(line, |(_, answer)| answer)).collect();
    assert_eq!(hits(&refusals, &[WORD, NAME]), [""; 0]);
    // Names and addresses are how the practice finds people; everything else is sealed.
    let backup = practice.database.dump();
    assert!(backup.contains(NAME), "the backup was searched");
    assert_eq!(hits(&backup, &[WORD]), [""; 0]);
}

#[test]
fn no_secret_is_compared_in_a_time_that_tells_of_it() {
    let compares = |line: &str| {
        let code = line.split("//").next().unwrap_or_default();
        (code.contains("==") || code.contains("!="))
            && ["expose_secret()", "secret::digest(", "signature.as_ref()"].iter().any(|secret| code.contains(secret))
    };
    assert!(compares("if token.expose_secret() == other {") && !compares("verify(token.expose_secret())"));
    fn sources(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found)
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                found.push(path)
            }
        }
    }
    let mut files = Vec::new();
    sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    assert!(files.len() > 150, "{}", files.len());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let wrong: Vec<&str> = code.lines().filter(|line| compares(line)).collect();
        assert!(wrong.is_empty(), "{}: use aws_lc_rs::constant_time: {wrong:?}", file.display());
    }
}
