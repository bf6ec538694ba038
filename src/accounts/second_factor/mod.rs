//! The second factor of typed codes: an authenticator app (TOTP), and backup codes for the day it is gone. Owns
//! `totp_authenticators` and `backup_codes`. Passkeys are in [`super::passkeys`]; which of all a person has is told by
//! [`super::sign_in::second_factor`].
//!
//! Invariants: a code lets somebody in once; a seed is sealed, a backup code hashed; whoever guesses is counted by
//! [`super::lockout`] under the lock of the user's row, before the next guess is judged.
//!
//! - [`totp`]: codes by time, and the picture that apps scan
//! - [`authenticator`]: a person's app; [`backup_codes`]: a person's sheet of codes
//! - [`change`]: enrolling, removing, making new codes, and resetting all of it for somebody who lost it
//! - [`verify`]: a typed code instead of a ticket

pub mod authenticator;
pub mod backup_codes;
pub mod change;
pub mod totp;
pub mod verify;
