//! The calls of accounts, one a file.

pub mod login;
pub mod logout;
pub mod me;
pub mod people;
pub mod signed_in;
