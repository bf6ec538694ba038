//! The id that a sender chose, so that sending again stores nothing twice: the body's `id`, else `Idempotency-Key`.

use crate::{
    error::{Error, Result},
    ids::EntryId,
};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use std::future::{Ready, ready};

/// The `Idempotency-Key` header, where there is one.
#[derive(Clone, Copy, Debug)]
pub struct IdempotencyKey(Option<EntryId>);

impl IdempotencyKey {
    /// The id of what is sent: the body's own, else the header's, else a new one.
    pub fn or_given(self, given: Option<EntryId>) -> EntryId {
        given.or(self.0).unwrap_or_default()
    }

    /// The id of whatever is made: the header's, else a new one.
    pub fn or_new<T: From<uuid::Uuid>>(self) -> T {
        T::from(self.0.unwrap_or_default().0)
    }
}

impl FromRequest for IdempotencyKey {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(value) = request.headers().get("idempotency-key") else { return ready(Ok(Self(None))) };
        // Structured fields put a text in quotation marks; a UUID means the same without.
        let id = value.to_str().ok().and_then(|text| text.trim_matches('"').parse().ok());
        ready(match id {
            Some(id) => Ok(Self(Some(id))),
            None => Err(Error::BadRequest("The Idempotency-Key must be a UUID.".into())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    async fn read(value: &str) -> Result<IdempotencyKey> {
        IdempotencyKey::extract(&TestRequest::default().insert_header(("idempotency-key", value)).to_http_request())
            .await
    }

    #[actix_web::test]
    async fn the_bodys_own_id_comes_first_then_the_header() {
        let (header, body) = (EntryId::new(), EntryId::new());
        let key = read(&header.to_string()).await.unwrap();
        assert_eq!(key.or_given(None), header);
        assert_eq!(key.or_given(Some(body)), body);
        assert_eq!(read(&format!("\"{header}\"")).await.unwrap().or_given(None), header);
    }

    #[actix_web::test]
    async fn a_key_that_is_no_uuid_is_refused() {
        assert!(matches!(read("again").await, Err(Error::BadRequest(_))));
    }
}
