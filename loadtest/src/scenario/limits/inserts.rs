//! Rows into PostgreSQL, one a commit from so many clients, and many a commit from one. Refuses a
//! server that does not sync its commits: its figures would flatter everybody.

use super::Options;
use crate::measure::{Latency, Row};
use anyhow::{Context, Result, bail};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

const CREATE: &str = "CREATE TABLE {schema}.entry (id uuid PRIMARY KEY, thread uuid NOT NULL, seq bigint NOT NULL, \
    body bytea NOT NULL, at timestamptz NOT NULL DEFAULT now(), UNIQUE (thread, seq))";

pub async fn measure(options: &Options, url: &str) -> Result<Vec<Row>> {
    let admin = connect(url).await?;
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        let value: String = admin.query_one(&format!("SHOW {setting}"), &[]).await?.get(0);
        if value != "on" {
            bail!("{setting} is {value} on this server; limits are measured with durability on");
        }
    }
    // Named after nothing else, so that dropping it can hurt nobody.
    let schema = format!("loadtest_{}", Uuid::now_v7().simple());
    admin.batch_execute(&format!("CREATE SCHEMA {schema}; {}", CREATE.replace("{schema}", &schema))).await?;
    let measured = all(options, url, &schema).await;
    admin.batch_execute(&format!("DROP SCHEMA {schema} CASCADE")).await.context("cannot drop the schema again")?;
    measured
}

async fn all(options: &Options, url: &str, schema: &str) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for &clients in &options.insert_clients {
        eprintln!("limits: single-row inserts from {clients} clients");
        rows.push(run(options, url, schema, clients, 1).await?);
    }
    eprintln!("limits: inserts of {} rows", options.batch);
    rows.push(run(options, url, schema, 1, options.batch).await?);
    Ok(rows)
}

async fn run(options: &Options, url: &str, schema: &str, clients: usize, batch: usize) -> Result<Row> {
    let latency = Arc::new(Latency::default());
    let mut connected = Vec::new();
    for _ in 0..clients {
        connected.push(connect(url).await?);
    }
    let until = Instant::now() + Duration::from_secs_f64(options.seconds);
    let running: Vec<_> = connected
        .into_iter()
        .map(|client| {
            tokio::spawn(insert(
                client,
                schema.to_owned(),
                until,
                batch,
                vec![b'x'; options.body_bytes],
                latency.clone(),
            ))
        })
        .collect();
    for task in running {
        task.await.context("an insert panicked")??;
    }
    let percentiles = latency.percentiles();
    let name = if batch == 1 {
        format!("single-row INSERT, {clients} clients")
    } else {
        format!("INSERT of {batch} rows (unnest), {clients} client")
    };
    Ok(Row::new(name)
        .figure("rows/s", percentiles.count as f64 * batch as f64 / options.seconds)
        .latency("each commit", percentiles))
}

async fn insert(
    client: Client,
    schema: String,
    until: Instant,
    batch: usize,
    body: Vec<u8>,
    latency: Arc<Latency>,
) -> Result<()> {
    let single = format!("INSERT INTO {schema}.entry (id, thread, seq, body) VALUES ($1, $2, $3, $4)");
    let many = format!(
        "INSERT INTO {schema}.entry (id, thread, seq, body) SELECT id, $2, seq, $4 FROM unnest($1::uuid[], $3::bigint[]) AS row (id, seq)"
    );
    let statement = client.prepare(if batch == 1 { &single } else { &many }).await?;
    let thread = Uuid::now_v7();
    let mut seq = 0_i64;
    while Instant::now() < until {
        let ids: Vec<Uuid> = (0..batch).map(|_| Uuid::now_v7()).collect();
        let seqs: Vec<i64> = (seq + 1..=seq + batch as i64).collect();
        let (one, all): ([&(dyn ToSql + Sync); 4], [&(dyn ToSql + Sync); 4]) =
            ([&ids[0], &thread, &seqs[0], &body], [&ids, &thread, &seqs, &body]);
        let start = Instant::now();
        client.execute(&statement, if batch == 1 { &one } else { &all }).await?;
        latency.record(start.elapsed().as_nanos() as u64);
        seq += batch as i64;
    }
    Ok(())
}

async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.context("cannot connect to --database-url")?;
    // The connection's end is told to whoever asks the client next.
    tokio::spawn(connection);
    Ok(client)
}
