//! Files that come in and go out: the body is the file, and `Content-Disposition` says what it is called, so that no name
//! stands in a URL. What goes out is shown in a sandbox, whatever it is.

use super::{deadline, idempotency::IdempotencyKey, principal::Principal};
use crate::{
    app::Services,
    db::Pool,
    error::{Error, Result},
    ids::UserId,
    objects::{FileName, Incoming, MOST_BYTES, Media, Object, Objects, Purpose, Received, drawer::Preview},
};
use actix_web::{
    FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder,
    body::SizedStream,
    dev::Payload,
    error::PayloadError,
    http::{
        StatusCode,
        header::{self, ContentDisposition},
    },
    web,
};
use futures_util::{Stream, StreamExt, future::LocalBoxFuture, stream};
use serde::Deserialize;
use utoipa::IntoParams;

/// What runs in a file that is shown runs nowhere.
const SANDBOX: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// A file that is coming.
pub struct Upload {
    name: FileName,
    body: web::Payload,
}

impl Upload {
    /// Takes it in, for the record of this client: whoever calls this may add to it.
    ///
    /// # Errors
    /// As for [`Objects::receive`].
    pub async fn receive(
        self,
        caller: &Principal,
        client: UserId,
        purpose: Purpose,
        key: IdempotencyKey,
        (pool, services): (&Pool, &Services),
    ) -> Result<Received> {
        let incoming = Incoming {
            id: key.or_new(),
            practice: caller.practice_id,
            client,
            uploader: caller.user_id,
            purpose,
            name: self.name.clone(),
            actor: caller.actor(),
            now: services.clock.now(),
        };
        services.objects.receive(pool, &services.keyring, incoming, self.into_body()).await
    }

    /// Its content, as it comes.
    fn into_body(self) -> impl Stream<Item = Result<bytes::Bytes>> {
        self.body.map(|part| part.map_err(|error| broken_off(&error)))
    }
}

impl FromRequest for Upload {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let body = web::Payload::from_request(&request, payload);
        Box::pin(async move {
            let kind =
                request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            if kind.starts_with("multipart/") || kind.starts_with("application/json") {
                return Err(Error::BadRequest(
                    "Send the file itself as the body, as application/octet-stream, and its name in Content-Disposition: \
                     attachment; filename*=UTF-8''…"
                        .into(),
                ));
            }
            let length =
                request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
            if length.is_some_and(|length: u64| length > MOST_BYTES) {
                return Err(Error::TooLarge(
                    "A file may have at most 25 MiB. Make it smaller, or send it in parts.".into(),
                ));
            }
            let name = request.headers().get(header::CONTENT_DISPOSITION).map(ContentDisposition::from_raw);
            let name = name.and_then(std::result::Result::ok).and_then(|said| {
                let extended = said.get_filename_ext().and_then(|name| String::from_utf8(name.value.clone()).ok());
                extended.or_else(|| said.get_filename().map(str::to_owned))
            });
            let body = body.await.map_err(|_| Error::BadRequest("The body broke off.".into()))?;
            Ok(Self { name: FileName::clean(&name.unwrap_or_default()), body })
        })
    }
}

fn broken_off(error: &PayloadError) -> Error {
    if deadline::is_too_slow(error) { Error::TooSlow } else { Error::BadRequest("The body broke off.".into()) }
}

/// A file that goes out.
pub struct Content(pub HttpResponse);

impl Content {
    /// To be kept, under its name; never to be run.
    ///
    /// # Errors
    /// `busy` where the store cannot be reached; a fault of ours where its first piece is not what was kept. A later one
    /// breaks the answer off.
    pub async fn of(objects: &Objects, object: &Object) -> Result<Self> {
        let mut content = Box::pin(objects.read(object).await?);
        let first = content.next().await.transpose()?;
        let content = stream::iter(first.map(Ok)).chain(content);
        let mut response = HttpResponseBuilder::new(StatusCode::OK);
        response
            .insert_header((header::CONTENT_TYPE, object.media.content_type()))
            .insert_header((header::CONTENT_DISPOSITION, object.name.disposition(false)))
            .insert_header((header::CONTENT_SECURITY_POLICY, SANDBOX));
        Ok(Self(response.body(SizedStream::new(object.bytes, Box::pin(content)))))
    }
}

/// How many pages there are, of which an answer is one.
const PAGES: &str = "carehub-pages";

/// `?page=`
#[derive(Deserialize, IntoParams)]
pub struct PageQuery {
    /// The first, where none is named.
    #[param(minimum = 1, default = 1)]
    page: Option<u32>,
}

/// A page of a file, to be looked at.
pub struct Picture(pub HttpResponse);

impl Picture {
    /// A page of it as a picture, in which nothing runs. Says in `Carehub-Pages` how many there are.
    ///
    /// # Errors
    /// As for [`Objects::preview`].
    pub async fn of(objects: &Objects, object: &Object, wanted: &PageQuery) -> Result<Self> {
        let preview = objects.preview(object, wanted.page.unwrap_or(1)).await?;
        let mut response = HttpResponseBuilder::new(StatusCode::OK);
        response.insert_header((header::CONTENT_SECURITY_POLICY, SANDBOX));
        Ok(Self(match preview {
            Preview::Page { pages, png } => {
                response.insert_header((PAGES, pages.to_string())).content_type(Media::Png.content_type()).body(png)
            }
            Preview::Picture(content) => response
                .insert_header((PAGES, "1"))
                .content_type(object.media.content_type())
                .body(SizedStream::new(object.bytes, Box::pin(content))),
        }))
    }
}
