//! Reading what was sent: JSON bodies, path segments, queries. A refusal points at the place and never quotes what
//! stands there. Unknown keys are ignored; what the server owns has no field to be sent in.

use super::deadline;
use crate::error::{Error, FieldError};
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderValue},
    web,
};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

/// The most bytes of a body: as much as a frame of the live half.
pub const BODY_BYTES: usize = 64 * 1024;

/// The most bytes of a whole form, or of all of its answers.
pub const FORM_BYTES: usize = 1024 * 1024;

/// A JSON body, of so many bytes at most.
#[derive(Debug)]
pub struct Body<T, const MOST: usize = BODY_BYTES>(pub T);

/// A JSON body that may be left out.
#[derive(Debug)]
pub struct MaybeBody<T>(pub T);

impl<T: DeserializeOwned + 'static, const MOST: usize> FromRequest for Body<T, MOST> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = request.headers().get(header::CONTENT_TYPE).cloned();
        let bytes = read(request, payload, MOST);
        Box::pin(async move { parse(&kind, &bytes.await?).map(Self) })
    }
}

impl<T: DeserializeOwned + Default + 'static> FromRequest for MaybeBody<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = request.headers().get(header::CONTENT_TYPE).cloned();
        let bytes = read(request, payload, BODY_BYTES);
        Box::pin(async move {
            let bytes = bytes.await?;
            if bytes.is_empty() { Ok(Self(T::default())) } else { parse(&kind, &bytes).map(Self) }
        })
    }
}

fn read(
    request: &HttpRequest,
    payload: &mut Payload,
    most: usize,
) -> LocalBoxFuture<'static, Result<web::Bytes, Error>> {
    let payload = web::Payload::from_request(request, payload);
    Box::pin(async move {
        let broke_off = || Error::BadRequest("The body broke off.".into());
        match payload.await.map_err(|_| broke_off())?.to_bytes_limited(most).await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(error)) if error.as_error().is_some_and(deadline::is_too_slow) => Err(Error::TooSlow),
            Ok(Err(_)) => Err(broke_off()),
            Err(_) => Err(Error::TooLarge(format!("This is too long: a body may have at most {most} bytes."))),
        }
    })
}

/// Whether a `Content-Type` says JSON, with or without parameters.
pub fn is_json(kind: &HeaderValue) -> bool {
    let essence = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

fn parse<T: DeserializeOwned>(kind: &Option<HeaderValue>, bytes: &[u8]) -> Result<T, Error> {
    if !kind.as_ref().is_some_and(is_json) {
        return Err(Error::UnsupportedMediaType);
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| refusal(error.path(), error.inner()))?;
    json.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn refusal(path: &Path, error: &serde_json::Error) -> Error {
    if error.classify() != Category::Data {
        return malformed(error);
    }
    // The library's message may quote what was sent; only the name of a field of ours is taken from it.
    let said = error.to_string();
    match said.strip_prefix("missing field `").and_then(|rest| rest.split_once('`')) {
        Some((field, _)) => Error::Invalid(vec![FieldError {
            pointer: format!("{}/{field}", pointer(path)),
            message: format!("{field} is missing."),
        }]),
        None => Error::field(&pointer(path), "This value is not of the kind that is due here."),
    }
}

fn malformed(error: &serde_json::Error) -> Error {
    Error::BadRequest(format!("The body is not JSON: see line {}, column {}.", error.line(), error.column()))
}

fn pointer(path: &Path) -> String {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// How paths and queries that cannot be read are answered: an id that is none names nothing.
pub fn configure(cfg: &mut web::ServiceConfig) {
    cfg.app_data(web::PathConfig::default().error_handler(|_, _| Error::NotFound.into()))
        .app_data(web::QueryConfig::default().error_handler(|_, _| {
            Error::BadRequest("A parameter of the query is not of the kind that is due there.".into()).into()
        }))
        .app_data(web::PayloadConfig::new(BODY_BYTES))
        .app_data(web::FormConfig::default().limit(BODY_BYTES));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, Debug)]
    struct Input {
        #[allow(dead_code)]
        body: String,
        #[allow(dead_code)]
        tags: Option<Vec<u32>>,
    }

    fn read(text: &str) -> Result<Input, Error> {
        parse(&Some(HeaderValue::from_static("application/json; charset=utf-8")), text.as_bytes())
    }

    fn pointed_at(text: &str) -> String {
        match read(text) {
            Err(Error::Invalid(errors)) => {
                assert!(!errors[0].message.contains("canary"), "quotes what was sent");
                errors[0].pointer.clone()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_refusal_points_at_the_field_and_quotes_nothing() {
        assert_eq!(pointed_at("{}"), "/body");
        assert_eq!(pointed_at(r#"{"body": ["canary"]}"#), "/body");
        assert_eq!(pointed_at(r#"{"body": "x", "tags": [1, "canary"]}"#), "/tags/1");
        assert_eq!(pointed_at(r#""canary""#), "");
    }

    #[test]
    fn what_is_not_json_is_answered_with_its_place() {
        for text in ["", "{", "canary", r#"{"body": "x"} canary"#, r#"{"body": "\ud800"}"#] {
            match read(text) {
                Err(Error::BadRequest(detail)) => assert!(detail.contains("line 1") && !detail.contains("canary")),
                other => panic!("{text}: {other:?}"),
            }
        }
        assert!(matches!(read(&"[".repeat(10_000)), Err(Error::BadRequest(_) | Error::Invalid(_))));
    }

    #[test]
    fn unknown_keys_are_ignored_and_other_media_types_refused() {
        assert!(read(r#"{"body": "x", "role": "admin"}"#).is_ok());
        let refused = parse::<Input>(&Some(HeaderValue::from_static("text/plain")), b"{}");
        assert!(matches!(refused, Err(Error::UnsupportedMediaType)));
    }
}
