//! Messages that stay unread.

use super::desk::Desk;
use crate::support::practice::Practice;
use carehub::{accounts::Role, clock::Clock, notices::unread};
use chrono::TimeDelta;
use serde_json::json;
use std::time::Instant;

const OPEN: &str = "SELECT count(*) FROM notifications WHERE kind = 'newMessage' AND read_at IS NULL";
const ALL: &str = "SELECT count(*) FROM notifications WHERE kind = 'newMessage'";

#[actix_web::test]
async fn a_thread_with_many_unread_messages_is_one_notice_and_reading_it_takes_the_notice_back() {
    let practice = Practice::start().await;
    let (ada, maya) = (practice.person("Ada", Role::Client).await, practice.person("Maya", Role::Clinician).await);
    practice.cares(&maya, &ada).await;
    let thread = ada.open("Sleep", "I sleep badly.").await;
    maya.claim(&thread).await.expect(200);
    let mut desk = Desk::beside(&practice).await;
    let reply = format!("ehr/threads/{thread}/reply");
    for n in 0..3 {
        maya.post(&reply, json!({"body": format!("And {n}?")})).await.expect(201);
    }
    let now = Clock::system().now();
    unread::look(&mut desk.conn, &desk.looking, now + TimeDelta::minutes(4)).await.unwrap();
    assert_eq!(desk.database.query(ALL).await, ["0"], "the grace time");
    let later = now + TimeDelta::minutes(6);
    unread::look(&mut desk.conn, &desk.looking, later).await.unwrap();
    // Maya has read nothing of what Ada wrote, and is told of it; Ada of what Maya wrote; nobody of their own words.
    assert_eq!(desk.database.query(ALL).await, ["2"]);
    maya.post(&reply, json!({"body": "One more."})).await.expect(201);
    unread::look(&mut desk.conn, &desk.looking, later + TimeDelta::minutes(6)).await.unwrap();
    assert_eq!(desk.database.query(ALL).await, ["2"], "one a thread");
    // Up to the message before the last: the last one still waits.
    let head: i64 = desk.database.query("SELECT head FROM threads").await[0].parse().unwrap();
    let read = format!("portal/messages/{thread}/read");
    ada.post(&read, json!({"seq": head - 1})).await.expect(204);
    unread::close_read(&mut desk.conn, Some(ada.id), later).await.unwrap();
    assert_eq!(desk.database.query(OPEN).await, ["2"]);
    ada.post(&read, json!({"seq": head})).await.expect(204);
    unread::close_read(&mut desk.conn, None, later).await.unwrap();
    assert_eq!(desk.database.query(OPEN).await, ["1"], "Maya's");
    // Looked at again, as after a crash: what was read is not told again.
    desk.database.query("UPDATE notification_watermark SET at = now() - interval '1 hour'").await;
    unread::look(&mut desk.conn, &desk.looking, later + TimeDelta::minutes(7)).await.unwrap();
    assert_eq!(desk.database.query(ALL).await, ["2"]);
    // A new message after that is a new notice.
    maya.post(&reply, json!({"body": "How was your night?"})).await.expect(201);
    unread::look(&mut desk.conn, &desk.looking, later + TimeDelta::minutes(14)).await.unwrap();
    assert_eq!(desk.database.query(ALL).await, ["3"]);
}

#[actix_web::test]
async fn what_is_read_within_the_grace_time_is_told_to_nobody() {
    let practice = Practice::start().await;
    let (ada, maya) = (practice.person("Ada", Role::Client).await, practice.person("Maya", Role::Clinician).await);
    practice.cares(&maya, &ada).await;
    let thread = ada.open("Sleep", "I sleep badly.").await;
    maya.claim(&thread).await.expect(200);
    maya.post(&format!("ehr/threads/{thread}/reply"), json!({"body": "Since when?"})).await.expect(201);
    for (who, door) in [(&ada, "portal/messages"), (&maya, "ehr/threads")] {
        who.post(&format!("{door}/{thread}/read"), json!({"seq": 99})).await.expect(204);
    }
    let mut desk = Desk::beside(&practice).await;
    unread::look(&mut desk.conn, &desk.looking, Clock::system().now() + TimeDelta::minutes(6)).await.unwrap();
    assert_eq!(desk.database.query(ALL).await, ["0"]);
}

/// 10,000 threads with an old message each, and one that was written just now in every hundredth.
const MANY: &str = "
    INSERT INTO data_keys (id, owner_id, wrapped, master_key_id)
        SELECT '00000000-0000-7000-8000-000000000001', id, 'x', 'x' FROM users WHERE role = 'client';
    CREATE TEMP TABLE made AS SELECT gen_random_uuid() AS id, n FROM generate_series(1, 10000) n;
    INSERT INTO threads (id, practice_id, client_id, data_key_id, subject_sealed, head, last_entry_at)
        SELECT m.id, u.practice_id, u.id, '00000000-0000-7000-8000-000000000001', '', 20, now()
        FROM made m, users u WHERE u.role = 'client';
    INSERT INTO participants (thread_id, user_id) SELECT m.id, u.id FROM made m, users u;
    INSERT INTO entries (thread_id, seq, id, sender_id, kind, priority, sealed, at)
        SELECT m.id, s, gen_random_uuid(), u.id, 'message', 'normal', repeat('x', 200)::bytea,
            now() - make_interval(days => 40 - s)
        FROM generate_series(1, 20) s, made m, users u WHERE u.role = 'client';
    INSERT INTO entries (thread_id, seq, id, sender_id, kind, priority, sealed, at)
        SELECT m.id, 21, gen_random_uuid(), u.id, 'message', 'normal', repeat('x', 200)::bytea, now()
        FROM made m, users u WHERE u.role = 'client' AND m.n % 100 = 0;
    -- As autovacuum does on its own.
    SELECT brin_summarize_new_values('entries_at');
    ANALYZE";

#[actix_web::test]
async fn among_ten_thousand_threads_the_look_reads_what_was_written_lately_and_nothing_else() {
    let mut desk = Desk::open().await;
    desk.person("client", "America/Chicago").await;
    desk.person("clinician", "America/Chicago").await;
    desk.database.query(MANY).await;
    let now = Clock::system().now();
    let since = Instant::now();
    unread::look(&mut desk.conn, &desk.looking, now + TimeDelta::minutes(6)).await.unwrap();
    let first = since.elapsed();
    assert_eq!(desk.database.query(ALL).await, ["100"], "the clinician's");
    let read = "SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname = 'entries'";
    let before = desk.database.query(read).await;
    let since = Instant::now();
    unread::look(&mut desk.conn, &desk.looking, now + TimeDelta::minutes(6)).await.unwrap();
    let again = since.elapsed();
    unread::close_read(&mut desk.conn, None, now).await.unwrap();
    eprintln!("10,000 threads, 200,100 entries: {first:?}, again {again:?}");
    assert!(first.as_secs_f64() < 1.0 && again.as_secs_f64() < 1.0, "{first:?} {again:?}");
    let plan = "EXPLAIN SELECT thread_id, sender_id, max(seq) FROM entries WHERE at > now() - interval '2 minutes'
        AND at <= now() AND kind = 'message' GROUP BY thread_id, sender_id";
    let plan = desk.database.query(plan).await.join("\n");
    assert!(plan.contains("entries_at") && !plan.contains("Seq Scan"), "{plan}");
    assert_eq!(desk.database.query(read).await, before, "no entry was read in vain");
}

/// What clients write and nobody has taken: those who would take it are told, once a thread, until somebody has it.
#[actix_web::test]
async fn a_message_that_nobody_has_taken_is_told_to_those_who_would_take_it_until_somebody_has() {
    const WAITING: &str = "SELECT u.name || ' ' || (n.read_at IS NOT NULL) FROM notifications n
        JOIN users u ON u.id = n.user_id WHERE n.kind = 'threadWaiting' ORDER BY u.name";
    let practice = Practice::start().await;
    let (ada, maya) = (practice.person("Ada", Role::Client).await, practice.person("Maya", Role::Clinician).await);
    let dale = practice.person("Dale", Role::Staff).await;
    practice.stranger("Eve", Role::Clinician).await;
    let thread = ada.open("Sleep", "I sleep badly.").await;
    let mut desk = Desk::beside(&practice).await;
    let now = Clock::system().now();
    desk.prefer(maya.id, r#"{"channels": {"threadWaiting": ["email"]}}"#).await;
    desk.look(now + TimeDelta::minutes(4)).await;
    assert!(desk.database.query(WAITING).await.is_empty(), "the grace time");
    desk.look(now + TimeDelta::minutes(6)).await;
    let told = desk.database.query(WAITING).await;
    assert!(told.contains(&"Maya false".to_owned()) && told.contains(&"Dale false".to_owned()), "{told:?}");
    assert!(!told.iter().any(|who| who.starts_with("Ada") || who.starts_with("Eve")), "{told:?}");
    let count = told.len();
    // In app, and outside of it by the ways of each.
    let items = maya.get("ehr/notifications").await.expect(200)["items"].clone();
    assert_eq!(
        (items[0]["kind"].as_str(), &items[0]["link"]),
        (Some("threadWaiting"), &json!(format!("/ehr/threads/{thread}")))
    );
    assert_eq!(desk.channels().await, ["email"], "only Maya asked for it");
    let reply = format!("portal/messages/{thread}/reply");
    ada.post(&reply, json!({"body": "Hello?"})).await.expect(201);
    desk.look(now + TimeDelta::minutes(12)).await;
    assert_eq!(desk.database.query(WAITING).await.len(), count, "once a thread");
    // Who is on call is told, and nobody else.
    let week: Vec<_> = (1..=7)
        .map(|weekday| json!({"layer": "onCall", "user": dale.id, "weekday": weekday, "starts": "08:00", "ends": "08:00"}))
        .collect();
    let alma = practice.person("Alma", Role::Admin).await;
    alma.put("ehr/on-call", json!({"revision": 0, "shifts": week})).await.expect(200);
    let bea = practice.person("Bea", Role::Client).await;
    let other = bea.open("Work", "I cannot work.").await;
    desk.look(now + TimeDelta::minutes(18)).await;
    let on_call = format!(
        "SELECT u.name FROM notifications n JOIN users u ON u.id = n.user_id
        WHERE n.kind = 'threadWaiting' AND n.about = '{other}'"
    );
    assert_eq!(desk.database.query(&on_call).await, ["Dale"]);
    // Somebody has it: nobody needs to know any more.
    maya.claim(&thread).await.expect(200);
    desk.look(now + TimeDelta::minutes(19)).await;
    let open = format!(
        "SELECT count(*) FROM notifications WHERE kind = 'threadWaiting' AND read_at IS NULL
        AND about = '{thread}'"
    );
    assert_eq!(desk.database.query(&open).await, ["0"]);
}
