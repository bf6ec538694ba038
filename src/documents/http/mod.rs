//! The calls about documents, one idea a file. Those that exist at both doors are generic over the caller: what a caller
//! may see is decided where it is read.

pub mod add;
pub mod content;
pub mod list;
pub mod share;
pub mod show;
pub mod sign;

use super::access::DocumentAccess;
use crate::{
    accounts::access::{ClientAccess, Viewer, find_client_access},
    error::{Error, Result},
    ids::{DocumentId, UserId},
};
use diesel_async::AsyncPgConnection;

async fn of_client(conn: &mut AsyncPgConnection, viewer: Viewer, client: UserId) -> Result<ClientAccess> {
    find_client_access(conn, viewer, client).await?.ok_or(Error::NotFound)
}

async fn of_document(conn: &mut AsyncPgConnection, viewer: Viewer, document: DocumentId) -> Result<DocumentAccess> {
    super::find_access(conn, viewer, document).await?.ok_or(Error::NotFound)
}
