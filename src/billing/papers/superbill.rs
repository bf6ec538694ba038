//! What a superbill says: services of some days that were not taken back, with what of each is paid by now.

use crate::{
    billing::{
        access::ClientBilling,
        account, charges,
        charges::{Charge, Kind},
        clinicians::{self, Clinician},
        money::Amount,
        print::superbill::{Provider, Service, Superbill},
        settle::{Credit, Settled, Target, settle},
    },
    crypto::Keyring,
    db,
    error::{Error, Result},
    ids::UserId,
};
use chrono::{Months, NaiveDate};
use diesel::{QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// The most months of one superbill.
const MOST_MONTHS: Months = Months::new(12);
/// Charges of one read.
const AT_ONCE: i64 = 200;

/// The services of these days, by whom.
///
/// # Errors
/// `Invalid` for days that follow each other the other way round, or more than a year of them.
pub async fn find(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientBilling,
    practice: &str,
    (from, until): (NaiveDate, NaiveDate),
) -> Result<Superbill> {
    if until < from {
        return Err(Error::field("/until", "The last day is before the first one."));
    }
    if from.checked_add_months(MOST_MONTHS).is_none_or(|latest| latest < until) {
        return Err(Error::field("/until", "At most a year on one superbill."));
    }
    let mut services = of_days(conn, keyring, access, (from, until)).await?;
    services.sort_by_key(|charge| (charge.service_on, charge.id));
    let settled = account::of(conn, access.client()).await?;
    let corrected = corrected(conn, access, &settled).await?;
    let mut providers: Vec<(Option<UserId>, Provider)> = Vec::new();
    for charge in services {
        let open = |settled: &Settled| settled.open_of(charge.id.0).unwrap_or_default();
        let paid = open(&corrected) - open(&settled);
        let at = match providers.iter().position(|(id, _)| *id == charge.clinician) {
            Some(at) => at,
            None => {
                providers.push((charge.clinician, provider(conn, practice, charge.clinician).await?));
                providers.len() - 1
            }
        };
        let words = charge.words.unwrap_or_default();
        let code = words.code.into_iter().chain(words.modifiers).collect::<Vec<_>>().join("-");
        providers[at].1.services.push(Service {
            on: charge.service_on,
            code,
            place: words.place.unwrap_or_default(),
            what: words.description,
            diagnoses: words.diagnoses,
            units: charge.units,
            charged: charge.amount,
            paid,
        });
    }
    Ok(Superbill { from, until, providers: providers.into_iter().map(|(_, provider)| provider).collect() })
}

/// The account as if nobody had paid anything: what is open of a charge there and not in truth was paid, and not
/// corrected away. An insurer is told of no more than that.
async fn corrected(conn: &mut AsyncPgConnection, access: &ClientBilling, settled: &Settled) -> Result<Settled> {
    #[derive(QueryableByName)]
    struct Correction {
        #[diesel(sql_type = sql::BigInt)]
        amount: i64,
        #[diesel(sql_type = sql::Nullable<sql::Uuid>)]
        charge_id: Option<Uuid>,
    }
    let rows: Vec<Correction> =
        db::statement("SELECT -amount AS amount, charge_id FROM adjustments WHERE client_id = $1 AND amount < 0")
            .bind::<sql::Uuid, _>(access.client())
            .load(conn)
            .await?;
    let credits: Vec<Credit> =
        rows.iter().map(|row| Credit { amount: Amount(row.amount), target: row.charge_id.map(Target::Item) }).collect();
    Ok(settle(settled.items.iter().map(|(item, _)| *item).collect(), &credits))
}

async fn of_days(
    conn: &mut AsyncPgConnection,
    keyring: &Keyring,
    access: &ClientBilling,
    (from, until): (NaiveDate, NaiveDate),
) -> Result<Vec<Charge>> {
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let page = charges::list(conn, keyring, access, before, AT_ONCE).await?;
        let is_last = (page.len() as i64) < AT_ONCE;
        before = page.last().map(|charge| charge.id.0);
        // Insurers pay for services, not for appointments that were given up.
        let wanted = |charge: &Charge| {
            charge.kind == Kind::Service && charge.voided_at.is_none() && (from..=until).contains(&charge.service_on)
        };
        found.extend(page.into_iter().filter(wanted));
        if is_last {
            return Ok(found);
        }
    }
}

async fn provider(conn: &mut AsyncPgConnection, practice: &str, id: Option<UserId>) -> Result<Provider> {
    let Some(id) = id else {
        return Ok(Provider { name: practice.to_owned(), npi: None, licence: None, services: Vec::new() });
    };
    let Clinician { name, known, .. } = clinicians::find(conn, id).await?;
    let name = known.credentials.map_or(name.clone(), |credentials| format!("{name}, {credentials}"));
    Ok(Provider { name, npi: known.npi, licence: known.licence, services: Vec::new() })
}
