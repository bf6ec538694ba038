//! L1: what a call shows or changes of a client's record is in the audit log when it is answered.

use super::{
    cast::{Setting, World},
    rules::{ELSEWHERE, RULES},
};
use carehub::accounts::Role;

/// What this caller did, as the log tells: of this client's record where there is one, else of anything. An entry of a
/// thread is its own row.
async fn deeds(world: &World, setting: &Setting, client: Option<&str>) -> usize {
    let caller = &setting.caller;
    let of_client = match client {
        // What clients do is theirs, also where nobody's record is meant, such as their sign-in.
        Some(client) if caller.role != Role::Client => format!("AND client_id = '{client}'"),
        _ => String::new(),
    };
    let entries_of = client.map_or(String::new(), |client| format!("AND t.client_id = '{client}'"));
    let rows = format!(
        "SELECT (SELECT count(*) FROM audit_events WHERE actor_id = '{id}' AND outcome = 'done' {of_client})
            + (SELECT count(*) FROM entries e JOIN threads t ON t.id = e.thread_id WHERE e.sender_id = '{id}' {entries_of})",
        id = caller.id,
    );
    world.practice.database.query(&rows).await[0].parse().unwrap()
}

#[actix_web::test]
async fn every_call_that_shows_or_changes_a_clients_record_leaves_a_row_of_that_client() {
    let world = World::start().await;
    let (mut judged, mut silent) = (0, Vec::new());
    for rule in RULES.iter().filter(|rule| rule.own != ELSEWHERE && rule.own < 400) {
        for role in rule.who {
            let setting = Setting::of(&world, rule, *role).await;
            let client = setting.client(rule);
            let before = deeds(&world, &setting, client.as_deref()).await;
            let (call, body) = (setting.fill(rule.call, None), setting.fill(rule.body, None));
            let answer = world.call(&setting.caller, &call, &body).await;
            assert_eq!(answer.status, rule.own, "{} by {role:?}: {}", rule.call, answer.body);
            let left = deeds(&world, &setting, client.as_deref()).await - before;
            judged += 1;
            if rule.unrecorded.is_empty() && left == 0 {
                silent.push(format!("{} by {role:?}", rule.call));
            }
            assert!(
                rule.unrecorded.is_empty() || left == 0,
                "{} by {role:?} leaves a row after all: take the excuse away",
                rule.call
            );
        }
    }
    assert!(judged > 100, "only {judged} calls were judged");
    assert!(
        silent.is_empty(),
        "these leave nothing in the audit log; write a row where they read or change, or say in rules.rs why none is due: \
         {silent:#?}"
    );
}
