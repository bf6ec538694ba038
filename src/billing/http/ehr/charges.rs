//! `GET|POST ehr/billing/clients/{client}/charges`, `POST ehr/billing/charges/{charge}/void`.

use crate::{
    accounts::Permission,
    app::Services,
    billing::{
        Amount,
        access::ClientBilling,
        account,
        charges::{self, Kind, NewCharge},
        free,
        http::{
            calls::{self, Noted, Whose},
            view::{self, ShownCharge},
        },
        ledger, settings, to_charge,
        words::ChargeWords,
    },
    db,
    db::Pool,
    error::{Error, Result},
    http::{
        answer::Stored,
        idempotency::IdempotencyKey,
        json::Body,
        page::{List, NewestQuery},
        principal::EhrPrincipal,
        when,
    },
    ids::{AppointmentId, ChargeId, UserId},
};
use actix_web::web;
use chrono::{Days, NaiveDate};
use diesel::{OptionalExtension, QueryableByName, sql_types as sql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// A charge to make.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewCharge)]
#[serde(rename_all = "camelCase")]
pub struct New {
    /// CPT or HCPCS. Left out: something else than a service.
    code: Option<String>,
    #[schema(max_length = 200)]
    description: String,
    #[serde(default)]
    modifiers: Vec<String>,
    /// Place of service, two digits.
    place: Option<String>,
    /// ICD-10-CM.
    #[serde(default)]
    #[schema(max_items = 12)]
    diagnoses: Vec<String>,
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 999)]
    units: i32,
    /// Of one unit, in minor units.
    #[schema(minimum = 1, maximum = 99_999_999)]
    unit_amount: i64,
    /// Left out: the appointment's, or today.
    #[serde(default, deserialize_with = "when::maybe")]
    service_on: Option<NaiveDate>,
    clinician: Option<UserId>,
    appointment: Option<AppointmentId>,
    /// Also where the appointment has a charge already.
    #[serde(default)]
    further: bool,
}

fn one() -> i32 {
    1
}

/// Why something is taken back.
#[derive(Deserialize, ToSchema)]
#[schema(as = VoidReason)]
pub struct Reason {
    #[schema(max_length = 500)]
    pub reason: String,
}

/// Those of an account, newest first.
pub async fn list(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    query: web::Query<NewestQuery>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<ShownCharge>>> {
    caller.require(Permission::ManageBilling)?;
    let listed = (&*query, "charges.listed");
    calls::page(
        &pool,
        &caller,
        *client,
        listed,
        |charge: &ShownCharge| charge.id.0,
        |conn, access, (before, limit)| {
            Box::pin(async move {
                let found = charges::list(conn, &services.keyring, &access, before, limit).await?;
                let account = account::of(conn, access.client()).await?;
                view::charges(conn, access.practice(), &account, found).await
            })
        },
    )
    .await
}

/// Charges a client.
pub async fn add(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    key: IdempotencyKey,
    input: Body<New>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Stored<ShownCharge>> {
    caller.require(Permission::ManageBilling)?;
    let id: ChargeId = key.or_new();
    calls::change(pool, caller, Whose::Client(*client), move |conn, access| {
        Box::pin(async move {
            let new = checked(conn, &services, &access, id, input.0).await?;
            let (kind, (id, made)) = (new.kind, charges::add(conn, &services.keyring, &access, new).await?);
            let noted = Noted::new("charge.added").on("charge", id).with(json!({"kind": kind}));
            Ok((shown(conn, &services, &access, id).await?, made.then_some(noted)))
        })
    })
    .await
}

/// What was sent, where its appointment and clinician are the client's.
async fn checked(
    conn: &mut AsyncPgConnection,
    services: &Services,
    access: &ClientBilling,
    id: ChargeId,
    new: New,
) -> Result<NewCharge> {
    let now = services.clock.now();
    let today = settings::today(conn, access.practice(), now).await?;
    let of_appointment = match new.appointment {
        Some(appointment) => Some(appointment_of(conn, access, appointment).await?),
        None => None,
    };
    if let Some(appointment) = new.appointment.filter(|_| !new.further) {
        ledger::lock(conn, access.practice(), access.client()).await?;
        let repeated = charges::find(conn, &services.keyring, access, id).await.is_ok();
        if !repeated && to_charge::is_charged(conn, appointment).await? {
            return Err(Error::conflict("This appointment is charged already. Send further to charge it once more."));
        }
        if !repeated && free::is_free(conn, appointment).await? {
            return Err(Error::conflict("This appointment is marked as free: take that back first."));
        }
    }
    if let Some(clinician) = new.clinician {
        require_colleague(conn, access, clinician).await?;
    }
    let service_on = new.service_on.or(of_appointment.as_ref().map(|(day, _)| *day)).unwrap_or(today);
    if service_on > today || service_on + Days::new(3 * 366) < today {
        return Err(Error::field("/serviceOn", "A day of the last three years, today at the latest."));
    }
    let kind = if new.code.as_ref().is_some_and(|code| !code.trim().is_empty()) { Kind::Service } else { Kind::Other };
    Ok(NewCharge {
        id,
        kind,
        clinician: new.clinician.or(of_appointment.map(|(_, clinician)| clinician)),
        appointment: new.appointment,
        fee: None,
        words: ChargeWords {
            code: new.code,
            modifiers: new.modifiers,
            place: new.place,
            description: new.description,
            diagnoses: new.diagnoses,
        },
        units: new.units,
        unit_amount: Amount(new.unit_amount),
        service_on,
        added_by: Some(access.viewer().user),
        now,
    })
}

/// The day and the clinician of an appointment of this client.
async fn appointment_of(
    conn: &mut AsyncPgConnection,
    access: &ClientBilling,
    appointment: AppointmentId,
) -> Result<(NaiveDate, UserId)> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql::Timestamptz)]
        at: chrono::DateTime<chrono::Utc>,
        #[diesel(sql_type = sql::Uuid)]
        clinician_id: UserId,
    }
    let row: Option<Row> =
        db::statement("SELECT lower(during) AS at, clinician_id FROM appointments WHERE id = $1 AND client_id = $2")
            .bind::<sql::Uuid, _>(appointment)
            .bind::<sql::Uuid, _>(access.client())
            .get_result(conn)
            .await
            .optional()?;
    let row = row.ok_or(Error::NotFound)?;
    let zone = settings::zone(conn, access.practice()).await?;
    Ok((row.at.with_timezone(&zone).date_naive(), row.clinician_id))
}

async fn require_colleague(conn: &mut AsyncPgConnection, access: &ClientBilling, user: UserId) -> Result<()> {
    let found = db::statement("SELECT FROM users WHERE id = $1 AND practice_id = $2 AND role <> 'client'")
        .bind::<sql::Uuid, _>(user)
        .bind::<sql::Uuid, _>(access.practice())
        .execute(conn)
        .await?;
    if found > 0 { Ok(()) } else { Err(Error::NotFound) }
}

/// Takes a charge back.
pub async fn void(
    caller: EhrPrincipal,
    charge: web::Path<ChargeId>,
    input: Body<Reason>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<ShownCharge>> {
    caller.require(Permission::ManageBilling)?;
    let id = *charge;
    let voided = calls::change(pool, caller, Whose::Charge(id), move |conn, access| {
        Box::pin(async move {
            let now = services.clock.now();
            let voided = charges::void(conn, &services.keyring, &access, id, &input.0.reason, now).await?;
            let noted = Noted::new("charge.voided").on("charge", id);
            Ok((shown(conn, &services, &access, id).await?, voided.then_some(noted)))
        })
    });
    Ok(web::Json(voided.await?.content))
}

async fn shown(
    conn: &mut AsyncPgConnection,
    services: &Services,
    access: &ClientBilling,
    id: ChargeId,
) -> Result<ShownCharge> {
    let found = charges::find(conn, &services.keyring, access, id).await?;
    let account = account::of(conn, access.client()).await?;
    view::charges(conn, access.practice(), &account, vec![found]).await?.pop().ok_or(Error::NotFound)
}
