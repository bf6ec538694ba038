//! Somebody who works for the practice, or a program with one of its API keys: for the calls that both may make. What
//! either may do is settled by [`Agent::require`]. All other calls are for people, and refuse keys.

use super::{
    principal::{self, Caller, EhrPrincipal, Who},
    source::Source,
};
use crate::{
    accounts::{Permission, Role, api_keys::LiveKey},
    audit::Actor,
    error::{Error, Result},
    ids::{PracticeId, UserId},
    threads::access::Viewer,
};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;

/// A person or a program.
#[derive(Clone, Debug)]
pub enum Agent {
    Person(EhrPrincipal),
    Program { key: LiveKey, source: Source },
}

impl Agent {
    pub fn practice(&self) -> PracticeId {
        match self {
            Self::Person(person) => person.practice_id,
            Self::Program { key, .. } => key.practice,
        }
    }

    /// As the audit log names them: a program by its key.
    pub fn actor(&self) -> Actor {
        match self {
            Self::Person(person) => person.actor(),
            Self::Program { key, source } => Actor {
                user: Some(UserId(key.id.0)),
                practice: Some(key.practice),
                role: Some(principal::KEY),
                ..source.nobody()
            },
        }
    }

    /// Goes on only where the role, or the key, grants it.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn require(&self, permission: Permission) -> Result<()> {
        match self {
            Self::Person(person) => person.require(permission),
            Self::Program { key, .. } if key.grants(permission) => Ok(()),
            Self::Program { .. } => Err(Error::Forbidden("This API key does not have the scope for this.")),
        }
    }

    /// As one for whom people are looked up: a program is like the front desk, which reaches all and cares for none.
    pub fn viewer(&self) -> Viewer {
        match self {
            Self::Person(person) => person.viewer(),
            Self::Program { key, .. } => Viewer { user: UserId(key.id.0), practice: key.practice, role: Role::Staff },
        }
    }
}

impl FromRequest for Agent {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            match principal::identify(&request).await? {
                Who::Person(recognised) => {
                    EhrPrincipal::admit(principal::active(&request, recognised).await?).map(Self::Person)
                }
                Who::Program(key) => Ok(Self::Program { key, source: Source::of(&request) }),
            }
        })
    }
}
