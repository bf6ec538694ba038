//! The calls of accounts, one a file.

pub mod break_glass;
pub mod care_team;
pub mod login;
pub mod logout;
pub mod me;
pub mod people;
pub mod signed_in;
