//! The calls of accounts, one a file.

pub mod admission;
pub mod api_keys;
pub mod break_glass;
pub mod care_team;
pub mod door;
pub mod invitations;
pub mod login;
pub mod logout;
pub mod me;
pub mod mfa;
pub mod oidc;
pub mod passkeys;
pub mod people;
pub mod profile;
pub mod reauthenticate;
pub mod recover;
pub mod refresh;
pub mod sessions;
pub mod settings;
pub mod signed_in;
pub mod users;
