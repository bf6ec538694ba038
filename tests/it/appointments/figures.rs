//! Figures for docs/performance.md, and that they stay within reason on any machine.

use super::{Office, ahead};
use std::time::{Duration, Instant};

#[actix_web::test]
async fn the_free_times_of_a_clinician_with_a_thousand_appointments_are_found_at_once() {
    let office = Office::open().await;
    // Every hour but each third, six weeks back and ahead.
    let fill = format!(
        "INSERT INTO appointments (id, practice_id, client_id, clinician_id, state, mode, during, taken, room, made_by,
            made_at, changed_at)
        SELECT gen_random_uuid(), practice_id, '{}', id, 'confirmed', 'video', tstzrange(at, at + interval '50 minutes'),
            tstzrange(at, at + interval '1 hour'), gen_random_uuid(), id, now(), now()
        FROM users, (SELECT timestamptz '{}' + make_interval(hours => n) AS at FROM generate_series(-750, 750) n
            WHERE n % 3 <> 0) hours WHERE id = '{}'",
        office.ann.id,
        ahead(0),
        office.maya.id
    );
    office.sql(&fill).await;
    assert_eq!(office.sql("SELECT count(*) FROM appointments").await, ["1000"]);
    let mut took = Vec::new();
    for _ in 0..20 {
        let since = Instant::now();
        let found = office.free(&office.ann, ahead(1), 24 * 14).await;
        took.push(since.elapsed());
        assert_eq!(found.len(), 112, "each third hour of two weeks");
    }
    took.sort();
    println!("free times of two weeks beside 1,000 appointments: median {:?}, slowest {:?}", took[10], took[19]);
    assert!(took[10] < Duration::from_secs(2), "{took:?}");
}
