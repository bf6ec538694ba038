//! Answers that say by their type what they consist of, so that the description of the API is made from them. Further
//! headers and cookies go on with [`actix_web::Responder::customize`].

use super::upload::{Content, Picture};
use crate::error::Error;
use actix_web::{HttpRequest, HttpResponse, Responder, ResponseError, body::BoxBody, http::header};
use askama::Template;
use serde::Serialize;

/// Something was made: 201.
#[derive(Debug)]
pub struct Created<T>(pub T);

/// Something was stored now (201), or was there already under this id (200).
#[derive(Debug)]
pub struct Stored<T> {
    pub repeated: bool,
    pub content: T,
}

/// Taken, and `{}`: for calls that must not tell whether there was anything to do.
#[derive(Debug)]
pub struct Accepted;

/// Done: 204.
#[derive(Debug)]
pub struct NoContent;

/// Goes on at another address: 302.
#[derive(Debug)]
pub struct Redirect(pub String);

/// Goes on at an address of the hub, by a page instead of a redirect: whatever site led here, browsers take what follows
/// for a step of the hub's own.
#[derive(Debug)]
pub struct GoesOn(pub String);

/// Text for operators and their tools.
#[derive(Debug)]
pub struct Plain(pub HttpResponse);

/// A file in JSON, written as it is read.
#[derive(Debug)]
pub struct Download(pub HttpResponse);

/// A file of iCalendar.
#[derive(Debug)]
pub struct CalendarFile {
    pub name: &'static str,
    pub text: String,
}

/// A document to keep: PDF, under a name that says nothing about anybody.
#[derive(Debug)]
pub struct Pdf {
    pub name: String,
    pub content: Vec<u8>,
}

/// A file for spreadsheets: CSV.
#[derive(Debug)]
pub struct Spreadsheet {
    pub name: String,
    pub content: Vec<u8>,
}

/// A connection that became a socket.
#[derive(Debug)]
pub struct Upgraded(pub HttpResponse);

impl<T: Serialize> Responder for Created<T> {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Created().json(self.0)
    }
}

impl<T: Serialize> Responder for Stored<T> {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = if self.repeated { HttpResponse::Ok() } else { HttpResponse::Created() };
        response.json(self.content)
    }
}

impl Responder for Accepted {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Accepted().json(serde_json::Map::new())
    }
}

impl Responder for NoContent {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

impl Responder for Redirect {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Found().insert_header((header::LOCATION, self.0)).finish()
    }
}

impl Responder for GoesOn {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let page = OnwardPage { address: &self.0 };
        match page.render() {
            Ok(text) => HttpResponse::Ok().content_type("text/html; charset=utf-8").body(text),
            Err(error) => Error::Internal(error.into()).error_response(),
        }
    }
}

impl Responder for CalendarFile {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .content_type("text/calendar; charset=utf-8")
            .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", self.name)))
            .body(self.text)
    }
}

impl Responder for Pdf {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .content_type("application/pdf")
            .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", self.name)))
            .body(self.content)
    }
}

impl Responder for Spreadsheet {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .content_type("text/csv; charset=utf-8")
            .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", self.name)))
            .body(self.content)
    }
}

#[derive(Template)]
#[template(
    source = r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Carehub</title>
<meta http-equiv="refresh" content="0; url={{ address }}"></head>
<body><p><a href="{{ address }}">Go on</a></p></body></html>
"#,
    ext = "html"
)]
struct OnwardPage<'a> {
    address: &'a str,
}

macro_rules! as_it_is {
    ($($name:ident)+) => {$(
        impl Responder for $name {
            type Body = BoxBody;
            fn respond_to(self, _: &HttpRequest) -> HttpResponse {
                self.0
            }
        }
    )+};
}

as_it_is! { Content Download Picture Plain Upgraded }
