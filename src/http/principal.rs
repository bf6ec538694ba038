//! Who is calling. A handler that names one of these extractors is refused to everybody else, before it runs:
//! [`Principal`] anybody signed in, [`PortalPrincipal`] clients, [`EhrPrincipal`] those who work for the practice,
//! [`AdminPrincipal`] its administrators.
//!
//! Being extracted counts as activity of the person, unless it is asked for as [`Passive`] or the page says that it
//! calls on its own.

use super::{cookie, rates::RateLimits, source::Source};
use crate::{
    accounts::{
        Audience, Identity, Permission, Role,
        api_keys::{self, LiveKey},
        authenticate::{self, Credential, Recognised, Unrecognised},
        store,
    },
    app::Services,
    audit::Actor,
    db::Pool,
    error::{Error, Result},
    ids::{PracticeId, SignInId, UserId},
    threads::access::Viewer,
};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header, web};
use futures_util::future::LocalBoxFuture;
use secrecy::SecretString;
use std::ops::Deref;

/// What the audit log calls a program with an API key, in place of a role.
pub(super) const KEY: &str = "key";

/// Pages set this header on calls that nobody asked for: reading on after an event, say. It can only let a session end
/// sooner.
const AUTOMATIC: &str = "carehub-automatic";

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Principal {
    pub user_id: UserId,
    pub practice_id: PracticeId,
    pub role: Role,
    pub name: String,
    pub session_id: SignInId,
    identity: Identity,
    is_recent: bool,
    source: Source,
}

/// Who was recognised for a request, whatever became of it: kept with the request for the audit log.
#[derive(Clone, Copy)]
pub(super) struct Known {
    user: UserId,
    practice: PracticeId,
    role: &'static str,
    sign_in: Option<SignInId>,
}

impl Known {
    /// As the audit log names them.
    pub fn actor(self, request: &HttpRequest) -> Actor {
        Actor {
            user: Some(self.user),
            practice: Some(self.practice),
            role: Some(self.role),
            sign_in: self.sign_in,
            ..Source::of(request).nobody()
        }
    }
}

impl From<&LiveKey> for Known {
    fn from(key: &LiveKey) -> Self {
        Self { user: UserId(key.id.0), practice: key.practice, role: KEY, sign_in: None }
    }
}

impl From<&Identity> for Known {
    fn from(identity: &Identity) -> Self {
        Self {
            user: identity.user,
            practice: identity.practice,
            role: identity.role.as_str(),
            sign_in: Some(identity.sign_in),
        }
    }
}

impl Principal {
    /// As the hub knows them.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// As the audit log names them.
    pub fn actor(&self) -> Actor {
        Actor {
            user: Some(self.user_id),
            practice: Some(self.practice_id),
            role: Some(self.role.as_str()),
            sign_in: Some(self.session_id),
            ..self.source.nobody()
        }
    }

    /// Goes on only where the caller's role grants it.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.role.grants(permission) { Ok(()) } else { Err(Error::Forbidden("Your role does not allow this.")) }
    }

    /// Goes on only where the caller showed a factor in the last five minutes: for what changes passwords, factors and
    /// addresses.
    ///
    /// # Errors
    /// `reauthenticate`.
    pub fn require_recent(&self) -> Result<()> {
        if self.is_recent { Ok(()) } else { Err(Error::Reauthenticate) }
    }

    /// As one for whom threads are read.
    pub fn viewer(&self) -> Viewer {
        Viewer::from(&self.identity)
    }
}

impl Principal {
    fn new(recognised: Recognised, source: Source) -> Self {
        let Recognised { identity, is_recent, .. } = recognised;
        Self {
            user_id: identity.user,
            practice_id: identity.practice,
            role: identity.role,
            name: identity.name.clone(),
            session_id: identity.sign_in,
            identity,
            is_recent,
            source,
        }
    }
}

/// A [`Principal`] let in at some door.
pub trait Caller: Deref<Target = Principal> + Sized + 'static {
    /// Lets the principal in.
    ///
    /// # Errors
    /// `forbidden` at the wrong door.
    fn admit(principal: Principal) -> Result<Self>;
}

macro_rules! doors {
    ($($(#[$doc:meta])* $name:ident: $admits:expr, $refusal:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(Principal);

        impl Deref for $name {
            type Target = Principal;
            fn deref(&self) -> &Principal {
                &self.0
            }
        }

        impl Caller for $name {
            fn admit(principal: Principal) -> Result<Self> {
                let admits: fn(Role) -> bool = $admits;
                if admits(principal.role) {
                    Ok(Self(principal))
                } else {
                    Err(Error::Forbidden($refusal))
                }
            }
        }

        impl FromRequest for $name {
            type Error = Error;
            type Future = LocalBoxFuture<'static, Result<Self>>;
            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let request = request.clone();
                Box::pin(async move { Self::admit(active(&request, recognise(&request).await?).await?) })
            }
        }
    )*};
}

doors! {
    /// A client of a practice.
    PortalPrincipal: |role| role.audience() == Audience::Portal, "The portal is for clients. Use the practice's side.";
    /// A clinician, or another who works for a practice.
    EhrPrincipal: |role| role.audience() == Audience::Ehr, "This is the practice's side. Use the portal.";
    /// An administrator of a practice.
    AdminPrincipal: |role| role == Role::Admin, "This is for administrators of the practice.";
}

impl FromRequest for Principal {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { active(&request, recognise(&request).await?).await })
    }
}

/// A caller of a call that pages make on their own: it does not keep the session alive.
#[derive(Clone, Debug)]
pub struct Passive<C>(pub C);

impl<C: Caller> FromRequest for Passive<C> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { C::admit(Principal::new(recognise(&request).await?, Source::of(&request))).map(Self) })
    }
}

/// Somebody signed in, or nobody: never a refusal for want of a credential, and no activity.
#[derive(Clone, Debug)]
pub struct MaybePrincipal(pub Option<Principal>);

impl FromRequest for MaybePrincipal {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            match recognise(&request).await {
                Ok(recognised) => Ok(Self(Some(Principal::new(recognised, Source::of(&request))))),
                Err(Error::Unauthenticated) => Ok(Self(None)),
                Err(other) => Err(other),
            }
        })
    }
}

/// The caller with their session, not counted as activity.
impl FromRequest for Recognised {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { recognise(&request).await })
    }
}

/// A person, whose call counts as activity.
pub(super) async fn active(request: &HttpRequest, recognised: Recognised) -> Result<Principal> {
    if recognised.activity_due && !request.headers().contains_key(AUTOMATIC) {
        let pool = part::<Pool>(request)?;
        let mut conn = pool.get().await?;
        store::touch_sessions(&mut conn, &[recognised.identity.sign_in]).await?;
    }
    Ok(Principal::new(recognised, Source::of(request)))
}

/// Whose credential it is.
pub(super) enum Who {
    Person(Recognised),
    Program(LiveKey),
}

async fn recognise(request: &HttpRequest) -> Result<Recognised> {
    match identify(request).await? {
        Who::Person(recognised) => Ok(recognised),
        Who::Program(_) => Err(Error::Forbidden("This call is for people: no API key opens it.")),
    }
}

/// Finds out who is calling.
pub(super) async fn identify(request: &HttpRequest) -> Result<Who> {
    let services = part::<Services>(request)?;
    let credential = credential(&services, request).ok_or(Error::Unauthenticated)?;
    let pool = part::<Pool>(request)?;
    let mut conn = pool.get().await?;
    if let Credential::Bearer(token) = &credential
        && api_keys::is_key(token)
    {
        let key = api_keys::find_live(&mut conn, token).await?.ok_or(Error::Unauthenticated)?;
        part::<RateLimits>(request)?.take_call_of(UserId(key.id.0))?;
        request.extensions_mut().insert(Known::from(&key));
        return Ok(Who::Program(key));
    }
    match authenticate::recognise(&mut conn, &services.tokens, &services.clock, &credential).await {
        Ok(recognised) => {
            part::<RateLimits>(request)?.take_call_of(recognised.identity.user)?;
            request.extensions_mut().insert(Known::from(&recognised.identity));
            Ok(Who::Person(recognised))
        }
        Err(Unrecognised::Refused) => Err(Error::Unauthenticated),
        Err(Unrecognised::Away) => Err(Error::store_away()),
    }
}

/// A header that was sent is the credential, whatever else was: a bad one never falls back to the cookie.
fn credential(services: &Services, request: &HttpRequest) -> Option<Credential> {
    let Some(header) = request.headers().get(header::AUTHORIZATION) else {
        return cookie::read(&services.config, request).map(Credential::Cookie);
    };
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Credential::Bearer(SecretString::from(token.trim())))
}

fn part<T: 'static>(request: &HttpRequest) -> Result<web::Data<T>> {
    let missing = || Error::Internal(anyhow::anyhow!("{} is not wired into the app", std::any::type_name::<T>()));
    request.app_data::<web::Data<T>>().cloned().ok_or_else(missing)
}
