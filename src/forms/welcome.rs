//! What every new client is given: the forms that the practice chose, in the transaction that puts the client on file.
//! Nobody is told yet, because nobody can sign in yet; a form with a day is reminded of like any other.

use super::assignments::{self, Giving};
use crate::{
    accounts::admission::admit::{Also, OnFile},
    audit::{self, Actor, Event},
    db::statement,
    error::Result,
    ids::{FormAssignmentId, FormId},
};
use chrono::{DateTime, Days, Utc};
use chrono_tz::Tz;
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::future::BoxFuture;
use serde_json::json;

/// Gives the forms.
pub struct Welcome<'a> {
    pub actor: &'a Actor,
    pub now: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Chosen {
    #[diesel(sql_type = sql::Uuid)]
    id: FormId,
    #[diesel(sql_type = sql::Integer)]
    version: i32,
    #[diesel(sql_type = sql::Nullable<sql::Integer>)]
    due_days: Option<i32>,
    #[diesel(sql_type = sql::Text)]
    time_zone: String,
}

impl Also for Welcome<'_> {
    fn client_is_on_file<'a>(&'a self, conn: &'a mut AsyncPgConnection, client: OnFile) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let chosen: Vec<Chosen> = statement(
                "SELECT f.id, max(v.version) AS version, f.due_days, p.time_zone
                FROM forms f JOIN form_versions v ON v.form_id = f.id JOIN practices p ON p.id = f.practice_id
                WHERE f.practice_id = $1 AND f.for_new_clients AND f.retired_at IS NULL
                GROUP BY f.id, p.time_zone ORDER BY f.id LIMIT 200",
            )
            .bind::<sql::Uuid, _>(client.practice)
            .load(conn)
            .await?;
            for Chosen { id: form, version, due_days, time_zone } in chosen {
                let zone: Tz = time_zone.parse().unwrap_or(chrono_tz::UTC);
                let today = self.now.with_timezone(&zone).date_naive();
                let due_on = due_days
                    .and_then(|days| u64::try_from(days).ok())
                    .and_then(|days| today.checked_add_days(Days::new(days)));
                let giving = Giving { id: FormAssignmentId::new(), form, client: client.user, due_on };
                assignments::insert(conn, &giving, None, version, self.now).await?;
                let detail = json!({"form": form, "version": version});
                let event = Event::new(self.actor, "form.assigned").of_client(client.user);
                audit::record(conn, event.on("formAssignment", giving.id).with(detail)).await?;
                assignments::remind(conn, client.user, giving.id, due_on, zone, self.now).await?;
            }
            Ok(())
        })
    }
}
