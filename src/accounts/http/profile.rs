//! `GET|PATCH|PUT portal/profile`, `GET|PUT portal/profile/emergency-contacts`: what clients say about themselves;
//! `GET ehr/clients/{client}/profile`: the same for those who look after them.

use crate::{
    accounts::{
        access::{ClientAccess, Viewer, find_client_access},
        demographics::{self, Address, Demographics, EmergencyContact, MOST_CONTACTS, line_of, phone_of},
        profile,
    },
    app::Services,
    audit::{self, Event},
    db::Pool,
    error::{Error, Result},
    http::{
        detached,
        json::Body,
        page::List,
        principal::{EhrPrincipal, PortalPrincipal},
    },
    ids::UserId,
};
use actix_web::web;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// A client.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ClientProfile)]
pub struct Profile {
    /// As the practice has it on file.
    name: String,
    email: String,
    preferred_name: Option<String>,
    pronouns: Option<String>,
    phone: Option<String>,
    address: Option<Address>,
}

/// A client, with whom to call.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ClientProfileForStaff)]
pub struct WithContacts {
    #[serde(flatten)]
    profile: Profile,
    emergency_contacts: Vec<EmergencyContact>,
}

/// What is to change. What is left out stays; null takes it away.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ProfileChange)]
pub struct Change {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    preferred_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pronouns: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    phone: Option<Option<String>>,
    /// In place of the whole address before.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Address>)]
    address: Option<Option<Address>>,
}

/// All of them, in place of those before.
#[derive(Deserialize, ToSchema)]
#[schema(as = EmergencyContacts)]
pub struct Contacts {
    #[schema(max_items = 5)]
    items: Vec<EmergencyContact>,
}

/// Tells null from what was left out.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> std::result::Result<Option<Option<T>>, D::Error> {
    Option::deserialize(value).map(Some)
}

async fn read(
    conn: &mut AsyncPgConnection,
    services: &Services,
    access: &ClientAccess,
) -> Result<(Profile, Vec<EmergencyContact>)> {
    let person = profile::find_profile(conn, access.client()).await?.ok_or(Error::NotFound)?;
    let said = demographics::find(conn, &services.keyring, access).await?;
    let Demographics { preferred_name, pronouns, phone, address, emergency_contacts } = said;
    Ok((
        Profile { name: person.name, email: person.email, preferred_name, pronouns, phone, address },
        emergency_contacts,
    ))
}

async fn find_access(conn: &mut AsyncPgConnection, viewer: Viewer, client: UserId) -> Result<ClientAccess> {
    find_client_access(conn, viewer, client).await?.ok_or(Error::NotFound)
}

/// One's own.
pub async fn show(
    caller: PortalPrincipal,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Profile>> {
    Ok(web::Json(own(&caller, &pool, &services, "profile").await?.0))
}

/// Changes one's own. The name stays as the practice has it on file.
pub async fn change(
    caller: PortalPrincipal,
    input: Body<Change>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<Profile>> {
    let Change { preferred_name, pronouns, phone, address } = input.0;
    let preferred_name = preferred_name.map(|name| line_of(name, "/preferredName")).transpose()?;
    let pronouns = pronouns.map(|words| line_of(words, "/pronouns")).transpose()?;
    let phone = phone.map(|number| phone_of(number, "/phone")).transpose()?;
    let address = address.map(|lines| lines.map_or(Ok(None), Address::read)).transpose()?;
    let fields: Vec<&str> = [
        preferred_name.is_some().then_some("preferredName"),
        pronouns.is_some().then_some("pronouns"),
        phone.is_some().then_some("phone"),
        address.is_some().then_some("address"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let detail = json!({"fields": fields});
    let changed = update(caller, pool, services, "profile.changed", detail, move |said| {
        said.preferred_name = preferred_name.unwrap_or(said.preferred_name.take());
        said.pronouns = pronouns.unwrap_or(said.pronouns.take());
        said.phone = phone.unwrap_or(said.phone.take());
        said.address = address.unwrap_or(said.address.take());
    });
    Ok(web::Json(changed.await?.0))
}

/// Whom to call for oneself.
pub async fn contacts(
    caller: PortalPrincipal,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<EmergencyContact>>> {
    Ok(web::Json(List::whole(own(&caller, &pool, &services, "emergencyContacts").await?.1)))
}

/// Their own, which the audit log tells, too: somebody else may hold their phone.
async fn own(
    caller: &PortalPrincipal,
    pool: &Pool,
    services: &Services,
    part: &'static str,
) -> Result<(Profile, Vec<EmergencyContact>)> {
    let mut conn = pool.get().await?;
    let access = find_access(&mut conn, caller.viewer(), caller.user_id).await?;
    let found = read(&mut conn, services, &access).await?;
    let actor = caller.actor();
    let event = Event::new(&actor, "record.viewed").of_client(caller.user_id).with(json!({"part": part}));
    audit::record(&mut conn, event).await?;
    Ok(found)
}

/// Says whom to call.
pub async fn change_contacts(
    caller: PortalPrincipal,
    input: Body<Contacts>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<List<EmergencyContact>>> {
    let typed = input.0.items;
    if typed.len() > MOST_CONTACTS {
        return Err(Error::field("/items", "At most five people can be named. Take one out."));
    }
    let read = |(at, contact): (usize, EmergencyContact)| contact.read(&format!("/items/{at}"));
    let contacts = typed.into_iter().enumerate().map(read).collect::<Result<Vec<_>>>()?;
    let detail = json!({"contacts": contacts.len()});
    let changed = update(caller, pool, services, "emergencyContacts.changed", detail, move |said| {
        said.emergency_contacts = contacts;
    });
    Ok(web::Json(List::whole(changed.await?.1)))
}

async fn update(
    caller: PortalPrincipal,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
    action: &'static str,
    detail: serde_json::Value,
    apply: impl FnOnce(&mut Demographics) + Send + 'static,
) -> Result<(Profile, Vec<EmergencyContact>)> {
    detached::to_the_end(async move {
        let (mut conn, client) = (pool.get().await?, caller.user_id);
        conn.transaction(async |conn| {
            demographics::lock(conn, client).await?;
            let access = find_access(conn, caller.viewer(), client).await?;
            let mut said = demographics::find(conn, &services.keyring, &access).await?;
            apply(&mut said);
            demographics::store(conn, &services.keyring, client, &said).await?;
            audit::record(conn, Event::new(&caller.actor(), action).of_client(client).with(detail)).await?;
            read(conn, &services, &access).await
        })
        .await
    })
    .await
}

/// Of a client whom one looks after.
pub async fn of_client(
    caller: EhrPrincipal,
    client: web::Path<UserId>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<web::Json<WithContacts>> {
    let mut conn = pool.get().await?;
    let access = find_access(&mut conn, caller.viewer(), *client).await?;
    let (profile, emergency_contacts) = read(&mut conn, &services, &access).await?;
    let actor = caller.actor();
    let event = access.event(&actor, "record.viewed").with(json!({"part": "profile"}));
    audit::record(&mut conn, event).await?;
    Ok(web::Json(WithContacts { profile, emergency_contacts }))
}
