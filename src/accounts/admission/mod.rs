//! How clients and colleagues come to their accounts. Owns `client_files`, `registration_tries`, `registrations`,
//! `accepted_terms` and `invitations`.
//!
//! A client is put on file by the practice and registers with what only they and the practice know, or with an
//! invitation; a colleague is invited. Nothing about an account changes before the address on file was shown to be
//! theirs, and no answer tells who is on file.
//!
//! - [`admit`]: putting a client on file; [`client_file`]: what is kept to know them by
//! - [`register`]: proving to be that client; [`tries`]: how often one may try
//! - [`confirm`]: the link that was mailed, and mailing it again; [`activate`]: the account opens
//! - [`invite`]: invitations; [`accept`]: a colleague's
//! - [`change_email`]: another address for an account
//! - [`terms`]: what one accepts

pub mod accept;
pub mod activate;
pub mod admit;
pub mod change_email;
pub mod client_file;
pub mod confirm;
pub mod invite;
pub mod register;
pub mod terms;
pub mod tries;
