//! Something stored does not open in its place: it was altered, or moved there from elsewhere. The operator is told, a
//! row goes into the audit log, and only the thing itself is lost to its readers. What was erased is no such thing.

use crate::{
    audit::{self, Actor, Event},
    ids::{PracticeId, ThreadId, UserId},
};
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

/// What does not open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Broken {
    /// `entry`, `thread` (its subject), `draft`.
    pub kind: &'static str,
    pub id: Uuid,
    pub thread: ThreadId,
    pub client: Option<UserId>,
    pub practice: Option<PracticeId>,
}

/// Tells of all that was met in one read.
pub(super) async fn record(conn: &mut AsyncPgConnection, broken: &[Broken]) -> QueryResult<()> {
    if broken.is_empty() {
        return Ok(());
    }
    let actor = Actor::hub();
    let event = |broken: &Broken| {
        let Broken { kind, id, thread, client, practice } = *broken;
        tracing::error!(kind, %id, %thread, "integrity failure: a sealed text does not open in its place");
        metrics::counter!("carehub_integrity_failures_total", "kind" => kind).increment(1);
        let event = Event::new(&actor, "integrity.failure").failed().on(kind, id);
        let event = event.with(serde_json::json!({ "thread": thread }));
        let event = client.into_iter().fold(event, Event::of_client);
        practice.into_iter().fold(event, Event::in_practice)
    };
    let events: Vec<Event<'_>> = broken.iter().map(event).collect();
    audit::record_all(conn, &events).await
}
