//! Changing a rota: the week as a whole, covers and leave one by one. Every change is an audit row in the same
//! transaction. What has been is not changed afterwards.

use super::{
    overrides::{self, Override, OverrideKind},
    shift::{Layer, Shift, Span},
    store,
};
use crate::{
    audit::{self, Actor, Event},
    db,
    error::{Error, FieldError, Result},
    ids::{OverrideId, PracticeId, UserId},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;

/// More shifts than that a week nobody oversees.
pub const MOST_SHIFTS: usize = 200;
/// Of covers and leave that are not over.
const MOST_OVERRIDES: usize = 500;
const FARTHEST_END: TimeDelta = TimeDelta::days(366);

/// Who changes what, and when.
#[derive(Clone, Copy)]
pub struct Change<'a> {
    pub actor: &'a Actor,
    pub practice: PracticeId,
    pub now: DateTime<Utc>,
}

/// What deviates from the week.
#[derive(Clone, Copy, Debug)]
pub struct Deviation {
    /// Of a cover; None: leave.
    pub layer: Option<Layer>,
    pub user: UserId,
    pub span: Span,
}

impl Change<'_> {
    fn by(&self) -> Result<UserId> {
        self.actor.user.ok_or(Error::Unauthenticated)
    }

    /// Puts another week in place of the one with this revision.
    ///
    /// # Errors
    /// `Conflict` when somebody changed it meanwhile.
    pub async fn replace_week(self, conn: &mut AsyncPgConnection, revision: i64, shifts: &[Shift]) -> Result<()> {
        if shifts.len() > MOST_SHIFTS {
            return Err(Error::field("/shifts", format!("At most {MOST_SHIFTS} shifts a week.")));
        }
        let by = self.by()?;
        conn.transaction(async |conn| {
            let users: Vec<UserId> = shifts.iter().map(|shift| shift.user).collect();
            require_colleagues(conn, self.practice, &users, |at| format!("/shifts/{at}/user")).await?;
            self.take_revision(conn, revision, by).await?;
            store::write_week(conn, self.practice, shifts).await?;
            let detail = json!({"revision": revision + 1, "shifts": shifts.len()});
            Ok(audit::record(conn, Event::new(self.actor, "rota.changed").with(detail)).await?)
        })
        .await
    }

    async fn take_revision(self, conn: &mut AsyncPgConnection, revision: i64, by: UserId) -> Result<()> {
        let taken = db::statement(
            "INSERT INTO on_call_rotas AS r (practice_id, revision, changed_by, changed_at)
            SELECT $1, 1, $3, $4 WHERE $2 = 0 OR EXISTS (SELECT FROM on_call_rotas WHERE practice_id = $1)
            ON CONFLICT (practice_id) DO UPDATE
            SET revision = r.revision + 1, changed_by = excluded.changed_by, changed_at = excluded.changed_at
            WHERE r.revision = $2",
        )
        .bind::<sql::Uuid, _>(self.practice)
        .bind::<sql::BigInt, _>(revision)
        .bind::<sql::Uuid, _>(by)
        .bind::<sql::Timestamptz, _>(self.now)
        .execute(conn)
        .await?;
        if taken == 1 {
            return Ok(());
        }
        Err(Error::conflict("A colleague changed the rota meanwhile. Look at it as it is now, then change it again."))
    }

    /// Notes a cover or leave.
    pub async fn add(self, conn: &mut AsyncPgConnection, new: Deviation) -> Result<Override> {
        let Deviation { layer, user, span } = new;
        if span.is_empty() || span.until <= self.now {
            return Err(Error::field("/endsAt", "The end has to be after the beginning, and still to come."));
        }
        if span.until - self.now > FARTHEST_END {
            return Err(Error::field("/endsAt", "At most a year ahead: change the week instead."));
        }
        // Who was on call before now is not changed afterwards.
        let span = Span { from: span.from.max(self.now), ..span };
        let by = self.by()?;
        conn.transaction(async |conn| {
            require_colleagues(conn, self.practice, &[user], |_| "/user".into()).await?;
            if overrides::list(conn, self.practice, self.now).await?.len() >= MOST_OVERRIDES {
                return Err(Error::conflict("There are too many covers and leaves: remove some first."));
            }
            let id = OverrideId::new();
            db::statement(
                "INSERT INTO on_call_overrides (id, practice_id, kind, layer, user_id, starts_at, ends_at, made_by,
                    made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            )
            .bind::<sql::Uuid, _>(id)
            .bind::<sql::Uuid, _>(self.practice)
            .bind::<sql::Text, _>(OverrideKind::of(layer).as_str())
            .bind::<sql::Nullable<sql::Text>, _>(layer.map(Layer::as_str))
            .bind::<sql::Uuid, _>(user)
            .bind::<sql::Timestamptz, _>(span.from)
            .bind::<sql::Timestamptz, _>(span.until)
            .bind::<sql::Uuid, _>(by)
            .bind::<sql::Timestamptz, _>(self.now)
            .execute(conn)
            .await?;
            let detail = json!({"kind": OverrideKind::of(layer), "layer": layer, "user": user,
                "startsAt": span.from, "endsAt": span.until});
            audit::record(conn, Event::new(self.actor, "onCallOverride.added").on("onCallOverride", id).with(detail))
                .await?;
            let made = overrides::list(conn, self.practice, self.now).await?.into_iter().find(|made| made.id == id);
            made.ok_or(Error::NotFound)
        })
        .await
    }

    /// Takes a cover or leave back. One that has begun ends now: what has been stays on record.
    ///
    /// # Errors
    /// `NotFound` for what is not the practice's, `Conflict` for what is over.
    pub async fn remove(self, conn: &mut AsyncPgConnection, id: OverrideId) -> Result<()> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = sql::Bool)]
            has_begun: bool,
            #[diesel(sql_type = sql::Bool)]
            is_over: bool,
        }
        let by = self.by()?;
        conn.transaction(async |conn| {
            let row: Row = db::statement(
                "SELECT starts_at < $3 AS has_begun, ends_at <= $3 OR removed_at IS NOT NULL AS is_over
                FROM on_call_overrides WHERE id = $1 AND practice_id = $2 FOR UPDATE",
            )
            .bind::<sql::Uuid, _>(id)
            .bind::<sql::Uuid, _>(self.practice)
            .bind::<sql::Timestamptz, _>(self.now)
            .get_result(conn)
            .await?;
            if row.is_over {
                return Err(Error::conflict("This is over: there is nothing to remove."));
            }
            let action = if row.has_begun {
                db::statement("UPDATE on_call_overrides SET ends_at = $2 WHERE id = $1")
                    .bind::<sql::Uuid, _>(id)
                    .bind::<sql::Timestamptz, _>(self.now)
                    .execute(conn)
                    .await?;
                "onCallOverride.ended"
            } else {
                db::statement("UPDATE on_call_overrides SET removed_at = $2, removed_by = $3 WHERE id = $1")
                    .bind::<sql::Uuid, _>(id)
                    .bind::<sql::Timestamptz, _>(self.now)
                    .bind::<sql::Uuid, _>(by)
                    .execute(conn)
                    .await?;
                "onCallOverride.removed"
            };
            Ok(audit::record(conn, Event::new(self.actor, action).on("onCallOverride", id)).await?)
        })
        .await
    }
}

/// All of them work for the practice and can sign in; one refusal for each that does not.
async fn require_colleagues(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    users: &[UserId],
    pointer: impl Fn(usize) -> String,
) -> Result<()> {
    let working = store::working(conn, practice).await?;
    let strangers = users.iter().enumerate().filter(|(_, user)| !working.contains(user));
    let message = "Choose a colleague of your practice who can sign in.";
    let errors: Vec<FieldError> =
        strangers.map(|(at, _)| FieldError { pointer: pointer(at), message: message.into() }).collect();
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}
