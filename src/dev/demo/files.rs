//! What the demo practice keeps beside words: a letter that is shared, one that waits for a signature, what a client
//! handed in, and a picture in a conversation. All of it goes the way of every file: looked at, sealed, stored.

use super::people::{PEOPLE, Who};
use crate::{
    accounts::{
        Role,
        access::{Viewer, find_client_access},
    },
    audit::Actor,
    crypto::{Keyring, Place},
    db::{self, Pool},
    documents::{
        access::find_access,
        change::{self, Addition},
        model::Category,
        signature,
    },
    error::{Error, Result},
    ids::{EntryId, ObjectId, PracticeId, ThreadId, UserId},
    keys::{self, Owner},
    objects::{FileName, Incoming, Object, Objects, Purpose},
    pdf::{Document, Setting},
    threads::{
        attachments,
        commit::NewEntry,
        model::{Kind, Priority},
    },
};
use chrono::{DateTime, Utc};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use image::{ImageFormat, Rgb, RgbImage};
use std::{io::Cursor, sync::Arc};

const WELCOME: (&str, &[&str]) = (
    "Welcome to Harbor Lane",
    &[
        "We are glad that you are here. This letter says how we work, and how you reach us.",
        "Write to us in Carehub at any time. During office hours somebody answers the same day; in an emergency use the \
         button at the top of every page, or call 988.",
        "Appointments can be moved or cancelled up to 24 hours before they begin.",
    ],
);
const CONSENT: (&str, &[&str]) = (
    "Consent to telehealth",
    &[
        "Some of our sessions are by video. They are not recorded, and nobody else is in the room on our side.",
        "Video has limits: a connection may break off, and in an emergency we cannot be beside you. We ask at the beginning \
         of each session where you are.",
        "You can take back this consent at any time, and we see you in person again.",
    ],
);
const DIARY: (&str, &[&str]) = (
    "My sleep diary",
    &["Monday: to bed 11:40, asleep about 12:30, up at 6:50.", "Tuesday: better. Asleep by midnight."],
);

/// Where it is kept, and whose it is.
pub(super) struct Writer<'a> {
    pub pool: &'a Pool,
    pub keyring: &'a Arc<Keyring>,
    pub objects: &'a Objects,
    pub practice: PracticeId,
    pub now: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Found<T: diesel::deserialize::FromSql<sql::Uuid, diesel::pg::Pg> + 'static> {
    #[diesel(sql_type = sql::Uuid)]
    id: T,
}

impl Writer<'_> {
    /// Writes them where there are none.
    pub(super) async fn ensure(&self) -> Result<()> {
        let mut conn = self.pool.get().await?;
        let there = db::statement("SELECT FROM documents WHERE practice_id = $1 LIMIT 1");
        if there.bind::<sql::Uuid, _>(self.practice).execute(&mut conn).await? > 0 {
            return Ok(());
        }
        let (maya, grace) = (self.find(&mut conn, Who::Maya).await?, self.find(&mut conn, Who::Grace).await?);
        let (by_maya, by_grace) = (self.viewer(maya, Role::Clinician), self.viewer(grace, Role::Client));
        drop(conn);
        self.add(by_maya, grace, WELCOME, Category::Letter, false).await?;
        self.add(by_maya, grace, CONSENT, Category::Consent, true).await?;
        self.add(by_grace, grace, DIARY, Category::Treatment, false).await?;
        self.send_picture(by_grace).await
    }

    fn viewer(&self, user: UserId, role: Role) -> Viewer {
        Viewer { user, practice: self.practice, role }
    }

    fn actor(&self, by: Viewer) -> Actor {
        Actor { user: Some(by.user), practice: Some(self.practice), role: Some(by.role.as_str()), ..Actor::default() }
    }

    async fn find(&self, conn: &mut AsyncPgConnection, who: Who) -> Result<UserId> {
        let found: Found<UserId> = db::statement("SELECT id FROM users WHERE practice_id = $1 AND email = $2")
            .bind::<sql::Uuid, _>(self.practice)
            .bind::<sql::Text, _>(PEOPLE[who as usize].email)
            .get_result(conn)
            .await?;
        Ok(found.id)
    }

    async fn receive(&self, by: Viewer, client: UserId, purpose: Purpose, name: &str, file: Vec<u8>) -> Result<Object> {
        let incoming = Incoming {
            id: ObjectId::new(),
            practice: self.practice,
            client,
            uploader: by.user,
            purpose,
            name: FileName::clean(name),
            actor: self.actor(by),
            now: self.now,
        };
        let body = futures_util::stream::iter([Ok(file.into())]);
        Ok(self.objects.receive(self.pool, self.keyring, incoming, body).await?.object)
    }

    async fn add(
        &self,
        by: Viewer,
        client: UserId,
        (title, words): (&str, &[&str]),
        category: Category,
        to_sign: bool,
    ) -> Result<()> {
        let file = self.letter(title, words)?;
        let file = self.receive(by, client, Purpose::Document, &format!("{title}.pdf"), file).await?;
        let (actor, mut conn) = (self.actor(by), self.pool.get().await?);
        conn.transaction(async |conn| {
            let access = find_client_access(conn, by, client).await?.ok_or(Error::NotFound)?;
            let addition = Addition { category, file: &file, shared: true, now: self.now };
            let (document, _) = change::add(conn, self.keyring, &access, &actor, &addition).await?;
            if to_sign {
                let access = find_access(conn, by, document).await?.ok_or(Error::NotFound)?;
                signature::request(conn, &access, &actor, self.now).await?;
            }
            Ok(())
        })
        .await
    }

    fn letter(&self, title: &str, words: &[&str]) -> Result<Vec<u8>> {
        let mut letter = Document::new(Setting {
            title: title.to_owned(),
            language: "en".to_owned(),
            footer: super::PRACTICE_NAME.to_owned(),
            made_at: self.now,
        })?;
        words.iter().for_each(|words| letter.paragraph(words));
        Ok(letter.finish()?)
    }

    /// Into the client's own conversation that somebody wrote in last.
    async fn send_picture(&self, by: Viewer) -> Result<()> {
        let file = self.receive(by, by.user, Purpose::Attachment, "Evening walk.png", sunset()?).await?;
        let mut conn = self.pool.get().await?;
        let wrapped = keys::find_or_make(&mut conn, self.keyring, Owner::Client(by.user)).await?;
        let key = self.keyring.unwrap(&wrapped).map_err(anyhow::Error::from)?;
        conn.transaction(async |conn| {
            let latest =
                "SELECT id FROM threads WHERE client_id = $1 AND status = 'open' ORDER BY last_entry_at DESC LIMIT 1";
            let Found::<ThreadId> { id: thread } =
                db::statement(latest).bind::<sql::Uuid, _>(by.user).get_result(conn).await?;
            let (id, sender) = (EntryId::new(), Some(by.user));
            let body = "I went for the walk that we talked about. This is what it looked like.";
            let message = NewEntry {
                thread,
                id,
                sender,
                from_staff: false,
                kind: Kind::Message,
                priority: Priority::Normal,
                sealed: key.seal(Place::Entry { thread, id, sender }, body).map_err(anyhow::Error::from)?,
                attachments: vec![file.id],
                reply_to: None,
                based_on: None,
            };
            attachments::commit(conn, &[message], &[]).await?;
            Ok(())
        })
        .await
    }
}

/// A sky in the evening, above water.
fn sunset() -> Result<Vec<u8>> {
    let picture = RgbImage::from_fn(640, 400, |x, y| {
        let (across, down) = (f64::from(x) - 420.0, f64::from(y) - 215.0);
        let light = (1.0 - across.hypot(down) / 420.0).clamp(0.0, 1.0);
        let sky = |from: f64, to: f64| (from + (to - from) * light) as u8;
        match (y, across.hypot(down)) {
            (..260, ..=34.0) => Rgb([255, 240, 200]),
            (..260, _) => Rgb([sky(60.0, 250.0), sky(70.0, 160.0), sky(120.0, 90.0)]),
            _ => Rgb([sky(20.0, 190.0), sky(40.0, 120.0), sky(80.0, 90.0)]),
        }
    });
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).map_err(anyhow::Error::from)?;
    Ok(png.into_inner())
}
