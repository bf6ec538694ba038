//! Connections to PostgreSQL. A pool belongs to the runtime that opened its connections (one a worker): small queries
//! are nearly twice as fast there. Never holds a query of a slice.

mod connection;
pub mod role;
pub mod statement;
pub mod time;

pub use statement::statement;

use diesel::{ConnectionError, migration::Migration, pg::Pg, sql_types};
use diesel_async::{
    AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl,
    pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, PoolableConnection, RecyclingMethod, bb8},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;

/// A pool of connections.
pub type Pool = bb8::Pool<AsyncPgConnection>;
/// No connection could be had.
pub type PoolError = diesel_async::pooled_connection::bb8::RunError;

/// How long a caller waits for a connection before it is told that the store is busy.
const CHECK_OUT_TIMEOUT: Duration = Duration::from_secs(5);

const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// A pool whose connections live on the runtime that first asks for them.
pub fn pool(url: &SecretString, size: u32) -> Pool {
    let mut config = ManagerConfig::default();
    // A query at every check-out costs a fifth of the throughput. Whether the server has hung up is known without one:
    // after it was away, nobody is handed one of its dead connections.
    config.recycling_method = RecyclingMethod::CustomFunction(Box::new(|connection: &mut AsyncPgConnection| {
        let gone = PoolableConnection::is_broken(connection);
        Box::pin(async move { if gone { Err(diesel::result::Error::BrokenTransactionManager) } else { Ok(()) } })
    }));
    config.custom_setup = Box::new(|url| {
        let url = SecretString::from(url);
        Box::pin(async move {
            connection::open(&url).await.map_err(|error| ConnectionError::BadConnection(format!("{error:#}")))
        })
    });
    let manager = AsyncDieselConnectionManager::new_with_config(url.expose_secret(), config);
    bb8::Pool::builder()
        .max_size(size)
        .test_on_check_out(true)
        .connection_timeout(CHECK_OUT_TIMEOUT)
        .idle_timeout(Some(Duration::from_secs(300)))
        .build_unchecked(manager)
}

/// Brings the schema up to date and returns the names of what was run. Whoever runs it owns the tables; where nothing is
/// to be done, anybody may.
pub fn migrate(url: &SecretString) -> anyhow::Result<Vec<String>> {
    if pending_migrations(url)?.is_empty() {
        return Ok(Vec::new());
    }
    // On a thread and runtime of its own, because the harness blocks and the web server's runtime must not.
    on_own_thread(url, async |connection| {
        tokio::task::block_in_place(|| {
            let mut harness = AsyncMigrationHarness::new(connection);
            let run = harness.run_pending_migrations(MIGRATIONS).map_err(|e| anyhow::anyhow!("migration: {e}"))?;
            Ok(run.iter().map(ToString::to_string).collect())
        })
    })
}

/// The names of the migrations that have not been run yet. Looks only.
pub fn pending_migrations(url: &SecretString) -> anyhow::Result<Vec<String>> {
    use diesel::migration::MigrationSource;
    let known = MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(|e| anyhow::anyhow!("migrations: {e}"))?;
    let run = on_own_thread(url, async |mut connection| Ok(run_migrations(&mut connection).await?))?;
    let pending = known.iter().map(|migration| migration.name());
    Ok(pending.filter(|name| !run.contains(&name.version().to_string())).map(ToString::to_string).collect())
}

/// The versions of those that have been run; none where there is no schema.
async fn run_migrations(conn: &mut AsyncPgConnection) -> diesel::QueryResult<Vec<String>> {
    let exists = diesel::dsl::sql::<sql_types::Bool>("to_regclass('__diesel_schema_migrations') IS NOT NULL");
    if !diesel::select(exists).get_result::<bool>(conn).await? {
        return Ok(Vec::new());
    }
    let versions = diesel::dsl::sql::<sql_types::Text>("SELECT version FROM __diesel_schema_migrations");
    versions.load(conn).await
}

fn on_own_thread<T: Send + 'static>(
    url: &SecretString,
    work: impl AsyncFnOnce(AsyncPgConnection) -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    let url = url.clone();
    let thread = move || -> anyhow::Result<T> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        runtime.block_on(async { work(connect(&url).await?).await })
    };
    std::thread::spawn(thread).join().map_err(|_| anyhow::anyhow!("the migration thread panicked"))?
}

/// One connection of its own.
pub async fn connect(url: &SecretString) -> anyhow::Result<AsyncPgConnection> {
    connection::open(url).await.map_err(|error| {
        anyhow::anyhow!("cannot connect to PostgreSQL ({error:#}). Check that it runs and that DATABASE_URL names it")
    })
}

/// Refuses a server that acknowledges what it may lose: measured, each of these settings off lost acknowledged entries.
pub async fn check_durability(conn: &mut AsyncPgConnection) -> anyhow::Result<()> {
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        let value: String =
            diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>(&format!("current_setting('{setting}')")))
                .get_result(conn)
                .await?;
        if value == "off" {
            anyhow::bail!(
                "PostgreSQL runs with {setting} = off and would lose acknowledged messages in a crash. \
                 Set {setting} = on in postgresql.conf, reload, and start again."
            );
        }
    }
    Ok(())
}

/// Whether the database has no room left: it can be read, but not be written.
pub fn is_full(error: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind, Error};
    // The driver tells this by its text only.
    let signs = ["No space left", "could not extend", "could not write"];
    matches!(error, Error::DatabaseError(DatabaseErrorKind::Unknown, info)
        if signs.iter().any(|sign| info.message().contains(sign)))
}

/// What a diesel error is, without the values that its text may quote.
pub fn describe(error: &diesel::result::Error) -> String {
    use diesel::result::Error as E;
    match error {
        E::DatabaseError(kind, info) => format!("{kind:?} (constraint {:?})", info.constraint_name()),
        E::NotFound => "no such row".into(),
        E::QueryBuilderError(_) => "the query could not be built".into(),
        E::DeserializationError(_) => "a row could not be read".into(),
        E::SerializationError(_) => "a value could not be written".into(),
        _ => "transaction error".into(),
    }
}
