//! Who people are, how they sign in, and whose record they may see.

mod api_keys;
mod break_glass;
mod care_team;
mod change_email;
mod change_password;
mod evenly;
mod external;
mod external_inside;
mod forgotten_password;
mod imported;
mod invitations;
mod passkeys;
mod profile;
mod recovery;
mod refresh;
mod registration;
mod second_factor;
mod secrets;
mod sessions;
mod sign_in;
mod sign_out;
mod users;
