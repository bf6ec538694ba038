//! The calls of the second factor, one resource a file.

pub mod backup_codes;
pub mod enrol;
pub mod reset;
pub mod show;
pub mod totp;
pub mod verify;
