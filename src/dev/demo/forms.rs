//! The forms of the demo practice: an intake form that every new client is given, and that one client has to fill in.

use super::people::Who;
use crate::{
    accounts::{Role, access::Viewer},
    audit::Actor,
    error::Result,
    forms::{
        assignments::{self, Giving},
        definition::{Definition, FormKind},
        library::{self, Builder},
    },
    ids::{FormAssignmentId, FormId, PracticeId, UserId},
};
use chrono::{DateTime, Days, Utc};
use diesel_async::AsyncPgConnection;

/// New clients have so many days for it.
const DUE_DAYS: i32 = 7;

/// Writes them. After the care teams.
pub(super) async fn write(
    conn: &mut AsyncPgConnection,
    practice: PracticeId,
    user: impl Fn(Who) -> UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    let maya = user(Who::Maya);
    let role = Role::Clinician;
    let actor = Actor { user: Some(maya), practice: Some(practice), role: Some(role.as_str()), ..Actor::default() };
    let by = Builder { actor: &actor, practice, user: maya, now };
    let viewer = Viewer { user: maya, practice, role };
    let intake = publish(conn, by, FormKind::Initial, include_str!("forms/intake.json")).await?;
    library::give_to_new_clients(conn, by, intake, true, Some(DUE_DAYS)).await?;
    let week = publish(conn, by, FormKind::SymptomChecklist, include_str!("forms/week.json")).await?;
    let in_days = |days| now.date_naive().checked_add_days(Days::new(days));
    for (form, who, due_on) in
        [(intake, Who::Grace, in_days(9)), (week, Who::Grace, None), (week, Who::Eli, in_days(3))]
    {
        let giving = Giving { id: FormAssignmentId::new(), form, client: user(who), due_on };
        assignments::give(conn, viewer, &actor, giving, now).await?;
    }
    Ok(())
}

async fn publish(conn: &mut AsyncPgConnection, by: Builder<'_>, kind: FormKind, definition: &str) -> Result<FormId> {
    let (form, _) = library::create(conn, by, FormId::new(), kind, &Definition::read(definition)?).await?;
    library::publish(conn, by, form.summary.id, form.revision).await?;
    Ok(form.summary.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::check;

    #[test]
    fn the_demos_forms_can_be_published() {
        for text in [include_str!("forms/intake.json"), include_str!("forms/week.json")] {
            check::may_be_published(&Definition::read(text).unwrap()).unwrap();
        }
    }
}
