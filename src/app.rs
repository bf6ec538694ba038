//! What handlers share, put together once at the start.

use crate::{
    accounts::{external::Providers, sign_in::Means, token::Tokens},
    appointments::upkeep::Upkeep,
    assessments::calendar::Calendar,
    audit::chain::{checkpoint::Folder, sealer::Sealer},
    billing::{
        planned,
        stripe::{Stripe, engine::Engine as Payments},
    },
    clock::Clock,
    config::{Config, Profile},
    crypto::{Keyring, MasterKeys},
    db,
    emergency::{bell::Bell, crisis, lookout::Lookout, reach, recognise::Recogniser, watchdog::Board},
    epoch,
    error::Result,
    hub::{Hub, handle::HubParts},
    ids::{self, PracticeId, UserId},
    keys,
    notices::{engine::Engine, unread},
    notify::{
        push::{self, Pusher},
        sms::Twilio,
    },
    objects::{Objects, sweep::Sweeper},
    predecessor,
    privacy::{retention::Retention, tombstone::Tombstones},
    watch::Watch,
};
use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use futures_util::future::BoxFuture;
use secrecy::SecretString;
use std::sync::Arc;

/// Seconds by which clocks differ that nobody looks after.
const FAR_OFF: i64 = 5;

/// Everything that a handler may need, beside a connection to the store. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    pub config: Arc<Config>,
    pub clock: Clock,
    pub keyring: Arc<Keyring>,
    pub tokens: Arc<Tokens>,
    pub hub: Hub,
    pub bell: Bell,
    /// Which loops are silent.
    pub board: Board,
    pub recogniser: Recogniser,
    pub identity_providers: Arc<Providers>,
    /// None: there are no text messages.
    pub twilio: Option<Twilio>,
    /// None: nobody pays by card.
    pub stripe: Option<Stripe>,
    pub pusher: Pusher,
    /// None: nobody can be erased.
    pub tombstones: Option<Arc<Tombstones>>,
    /// The files that people handed in.
    pub objects: Objects,
    /// Crisis phrases and resources of every practice.
    pub crisis: Arc<crisis::Settings>,
}

impl Services {
    /// Checks the store and starts the hub. Call within an actix system.
    ///
    /// # Errors
    /// When a setting is missing, or the store is not there or would lose what it acknowledged.
    pub async fn start(config: Config, clock: Clock) -> anyhow::Result<Self> {
        let database_url = config.database_url.clone().context("DATABASE_URL is not set")?;
        let source = keys::Source::of(&config)?;
        let masters = source.read().await?;
        let tokens = Arc::new(Tokens::new(masters.current())?);
        let epoch = check_store(&database_url, config.profile, &masters, &clock).await?;
        ids::go_by(&clock);
        let keyring = Arc::new(Keyring::new(masters));
        let tombstones = config.tombstones.as_deref().map(Tombstones::open).transpose()?.map(Arc::new);
        let identity_providers = Arc::new(Providers::new(&config.identity_providers, config.profile)?);
        let crisis = Arc::new(crisis::Settings::default());
        let (kept, signs, erased) = (keyring.clone(), tokens.clone(), tombstones.clone());
        let watch = Watch::new(&database_url, source, kept, signs, erased, crisis.clone(), clock.clone());
        watch.look().await.context("reading the keys")?;
        let pusher = push::start(&config, &keyring).await.context("web push")?;
        let sealer = Sealer::new(&database_url, keyring.clone(), epoch, checkpoint_folder(&config)?);
        let retention = Retention {
            database_url: database_url.clone(),
            keyring: keyring.clone(),
            tombstones: tombstones.clone(),
            clock: clock.clone(),
        };
        let lookout = Lookout {
            database_url: database_url.clone(),
            configured: reach::configured(&config),
            clock: clock.clone(),
        };
        let objects = Objects::new(&config.files, config.data_dir.clone())?;
        let sweeper = Sweeper { objects: objects.clone(), database_url: database_url.clone(), clock: clock.clone() };
        let (notices_url, upkeep_url) = (database_url.clone(), database_url.clone());
        let assessments_url = database_url.clone();
        let (bell, board, recogniser) = (Bell::default(), Board::default(), Recogniser::new(crisis.clone()));
        let hub = Hub::start(HubParts {
            database_url,
            keyring: keyring.clone(),
            tokens: tokens.clone(),
            clock: clock.clone(),
            limits: config.limits,
            epoch,
            bell: bell.clone(),
            recogniser: recogniser.clone(),
        })?;
        let twilio = Twilio::new(&config.twilio, config.profile)?;
        let stripe = config.stripe.as_ref().map(|settings| Stripe::new(settings, config.profile)).transpose()?;
        let payments = stripe.clone().map(|stripe| Payments::new(stripe, &upkeep_url, keyring.clone(), clock.clone()));
        let planned = stripe.clone().map(|stripe| planned::upkeep::Upkeep {
            database_url: upkeep_url.clone(),
            clock: clock.clone(),
            stripe,
        });
        let connected = hub.clone();
        let notices = Engine {
            database_url: notices_url,
            keyring: keyring.clone(),
            clock: clock.clone(),
            show: Arc::new(move |user, notification| connected.notify(user, notification)),
            looking: unread::Looking { grace: config.notice_grace, takers: Arc::new(takers) },
        };
        let assessments = Calendar { database_url: assessments_url, clock: clock.clone(), bell: bell.clone() };
        assessments.keep_going();
        notices.keep_going();
        let upkeep = Upkeep { database_url: upkeep_url, clock: clock.clone() };
        upkeep.keep_going();
        if let Some(payments) = payments {
            payments.keep_going();
        }
        if let Some(planned) = planned {
            planned.keep_going();
        }
        watch.keep_looking();
        retention.keep_applying();
        lookout.keep_looking();
        sealer.keep_sealing();
        sweeper.keep_sweeping();
        Ok(Self {
            config: Arc::new(config),
            clock,
            keyring,
            tokens,
            hub,
            bell,
            board,
            recogniser,
            identity_providers,
            twilio,
            stripe,
            pusher,
            tombstones,
            objects,
            crisis,
        })
    }

    /// What signing in works with.
    pub fn means(&self) -> Means<'_> {
        Means {
            tokens: &self.tokens,
            clock: &self.clock,
            keyring: &self.keyring,
            staff_need_second_factor: self.config.profile == Profile::Production,
        }
    }
}

/// Who is told of messages that nobody has taken.
fn takers<'a>(
    conn: &'a mut AsyncPgConnection,
    practice: PracticeId,
    at: DateTime<Utc>,
) -> BoxFuture<'a, Result<Vec<UserId>>> {
    Box::pin(reach::takers(conn, practice, at))
}

async fn check_store(
    url: &SecretString,
    profile: Profile,
    masters: &MasterKeys,
    clock: &Clock,
) -> anyhow::Result<uuid::Uuid> {
    let mut connection = db::connect(url).await?;
    db::check_durability(&mut connection).await?;
    follow_its_time(&mut connection, clock).await?;
    predecessor::outlive(&mut connection).await?;
    let epoch =
        epoch::read_or_renew(&mut connection).await.context("the schema is not there: run `carehub migrate` first")?;
    if let Some(complaint) = db::role::complaint(&mut connection).await? {
        if profile == Profile::Production {
            bail!("{complaint}");
        }
        tracing::warn!("{complaint}");
    }
    keys::data_key::refuse_foreign_masters(&mut connection, masters).await?;
    Ok(epoch)
}

/// All hubs of a store go by its clock.
async fn follow_its_time(connection: &mut AsyncPgConnection, clock: &Clock) -> anyhow::Result<()> {
    db::time::follow(connection, clock).await?;
    let seconds = clock.drift().num_seconds();
    if seconds.abs() >= FAR_OFF {
        tracing::warn!(seconds, "this machine's clock is ahead of the store's by so much: keep both by NTP");
    }
    Ok(())
}

/// Where the audit log's checkpoints go. In production they go somewhere.
fn checkpoint_folder(config: &Config) -> anyhow::Result<Option<Folder>> {
    match &config.audit_checkpoints {
        Some(path) => Folder::open(path).map(Some),
        None if config.profile == Profile::Production => bail!(
            "CAREHUB_AUDIT_CHECKPOINTS is not set. Without checkpoints outside of the database, nobody would notice that \
             the newest part of the audit log was cut off: set it to a folder on another disk or machine"
        ),
        None => Ok(None),
    }
}
