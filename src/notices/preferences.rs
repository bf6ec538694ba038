//! How somebody wants to be told: which kinds by which channel, the quiet hours, the digest. Pure but for [`find`] and
//! [`save`]. What nobody chose follows [`Kind::default_channels`].

use super::{
    quiet::QuietHours,
    rhythm::{Day, Rhythm},
};
use crate::{
    db::statement,
    ids::UserId,
    notify::{
        Channel,
        kind::{Audience, Kind},
    },
};
use diesel::{OptionalExtension, QueryResult, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One e-mail about everything since the last one, in place of one each.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Digest {
    #[serde(flatten)]
    pub rhythm: Rhythm,
    /// The kinds that it collects.
    pub kinds: Vec<Kind>,
}

/// What somebody chose.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Preferences {
    pub quiet_hours: Option<QuietHours>,
    pub digest: Option<Digest>,
    /// Only of kinds that were decided about.
    pub channels: BTreeMap<Kind, Vec<Channel>>,
}

impl Preferences {
    /// The ways in which somebody is told of this kind, outside of Carehub.
    pub fn channels(&self, kind: Kind) -> &[Channel] {
        self.channels.get(&kind).map_or(kind.default_channels(), Vec::as_slice)
    }

    /// The digest that collects this kind.
    pub fn digest_of(&self, kind: Kind) -> Option<&Rhythm> {
        self.digest.as_ref().filter(|digest| digest.kinds.contains(&kind)).map(|digest| &digest.rhythm)
    }

    /// Quiet hours, where they hold for this kind.
    pub fn quiet_hours_of(&self, kind: Kind) -> Option<QuietHours> {
        self.quiet_hours.filter(|_| !kind.is_urgent())
    }

    /// Why these cannot be kept: where, and in words.
    pub fn complaint(&self, staff: bool) -> Option<(String, &'static str)> {
        for (kind, channels) in &self.channels {
            let pointer = format!("/channels/{}", kind.as_str());
            if !is_for(*kind, staff) {
                return Some((pointer, "You are not told of this kind: leave it out."));
            }
            if channels.iter().any(|channel| !kind.channels().contains(channel)) {
                return Some((pointer, "Choose among the channels that are listed for this kind."));
            }
        }
        let digest = self.digest.as_ref()?;
        let mut days: Vec<Day> = digest.rhythm.days.clone();
        days.sort_unstable();
        days.dedup();
        if days.len() != digest.rhythm.days.len() {
            return Some(("/digest/days".to_owned(), "A day stands there twice: leave one."));
        }
        let collects =
            |kind: &Kind| is_for(*kind, staff) && !kind.is_urgent() && kind.channels().contains(&Channel::Email);
        if !digest.kinds.iter().all(collects) {
            return Some(("/digest/kinds".to_owned(), "A digest collects kinds that you could get by e-mail."));
        }
        None
    }
}

/// Whether clients (or else staff) are told of this kind.
pub fn is_for(kind: Kind, staff: bool) -> bool {
    match kind.audience() {
        Audience::Everybody => true,
        Audience::Staff => staff,
        Audience::Clients => !staff,
    }
}

/// What this person chose.
pub async fn find(conn: &mut AsyncPgConnection, user: UserId) -> QueryResult<Preferences> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Jsonb)]
        document: serde_json::Value,
    }
    let row: Option<Row> = statement("SELECT document FROM notification_preferences WHERE user_id = $1")
        .bind::<sql::Uuid, _>(user)
        .get_result(conn)
        .await
        .optional()?;
    Ok(read(row.map(|row| row.document)))
}

/// What is stored as somebody's choice. What cannot be read is what nobody chose.
pub(super) fn read(document: Option<serde_json::Value>) -> Preferences {
    document.and_then(|document| serde_json::from_value(document).ok()).unwrap_or_default()
}

/// Keeps what this person chose.
pub async fn save(conn: &mut AsyncPgConnection, user: UserId, preferences: &Preferences) -> crate::error::Result<()> {
    let document = serde_json::to_value(preferences).map_err(anyhow::Error::from)?;
    statement(
        "INSERT INTO notification_preferences (user_id, document) VALUES ($1, $2)
        ON CONFLICT (user_id) DO UPDATE SET document = excluded.document, changed_at = now()",
    )
    .bind::<sql::Uuid, _>(user)
    .bind::<sql::Jsonb, _>(document)
    .execute(conn)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Preferences {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_was_not_decided_follows_the_defaults() {
        let none = read_text(r#"{"channels": {"newMessage": []}}"#);
        assert!(none.channels(Kind::NewMessage).is_empty());
        assert_eq!(none.channels(Kind::BillIssued), [Channel::Push, Channel::Email]);
        assert_eq!(none.digest_of(Kind::BillIssued), None);
    }

    #[test]
    fn quiet_hours_hold_for_everything_but_emergencies_and_security() {
        let quiet = read_text(r#"{"quietHours": {"from": "21:00", "until": "08:00"}}"#);
        for kind in Kind::ALL {
            let urgent = matches!(kind, Kind::Emergency | Kind::Security);
            assert_eq!(quiet.quiet_hours_of(kind).is_none(), urgent, "{kind:?}");
        }
    }

    #[test]
    fn what_could_not_be_kept_is_named() {
        for (text, staff, pointer) in [
            (r#"{"channels": {"threadAssigned": []}}"#, false, "/channels/threadAssigned"),
            (r#"{"channels": {"formDue": ["email"]}}"#, true, "/channels/formDue"),
            (r#"{"channels": {"security": ["email"]}}"#, false, "/channels/security"),
            (r#"{"channels": {"newMessage": ["inApp"]}}"#, false, "/channels/newMessage"),
            (r#"{"digest": {"at": "08:00", "days": ["monday", "monday"], "kinds": []}}"#, false, "/digest/days"),
            (r#"{"digest": {"at": "08:00", "kinds": ["security"]}}"#, false, "/digest/kinds"),
        ] {
            let complaint = read_text(text).complaint(staff).map(|(pointer, _)| pointer);
            assert_eq!(complaint.as_deref(), Some(pointer));
        }
        assert_eq!(read_text(r#"{"channels": {"threadAssigned": ["sms", "push"]}}"#).complaint(true), None);
    }
}
