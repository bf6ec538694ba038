//! The two doors as types, so that calls of people who are not signed in yet are written once for both.

use crate::{
    accounts::Audience,
    http::principal::{EhrPrincipal, PortalPrincipal},
};

/// Stands at a door.
pub trait At: 'static {
    const DOOR: Audience;
}

impl At for PortalPrincipal {
    const DOOR: Audience = Audience::Portal;
}

impl At for EhrPrincipal {
    const DOOR: Audience = Audience::Ehr;
}
