//! The stylesheet, scripts and pictures of the pages, built into the program. Owns their addresses: each carries a
//! version made from everything shipped, so a browser keeps a file for ever and a release changes every address.
//! Serves nothing that is not embedded, and nothing about anybody.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, ETag, EntityTag, Header, IfNoneMatch},
    web,
};
use rust_embed::RustEmbed;
use std::sync::LazyLock;

const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// A page of an earlier release still asks by its own version: it gets today's file, and must ask again.
const ASK_AGAIN: &str = "no-cache";

#[derive(RustEmbed)]
#[folder = "src/pages/assets/"]
struct Files;

static BASE: LazyLock<String> = LazyLock::new(|| {
    let mut every = [0_u8; 8];
    for file in names().filter_map(|name| Files::get(&name)) {
        for (at, byte) in file.metadata.sha256_hash().into_iter().enumerate() {
            every[at % 8] = every[at % 8].rotate_left(3) ^ byte;
        }
    }
    format!("/assets/{}", hex(&every))
});

static MODULES: LazyLock<Vec<String>> = LazyLock::new(|| names().filter(|name| name.ends_with(".js")).collect());

/// Where this release's files are: `/assets/<version>`.
pub fn base() -> &'static str {
    &BASE
}

/// The names of all script modules, so that a page can ask for them at once instead of one after another.
pub fn modules() -> &'static [String] {
    &MODULES
}

/// `GET /assets/{version}/{name}`
pub async fn show(request: HttpRequest, path: web::Path<(String, String)>) -> HttpResponse {
    let (version, name) = path.into_inner();
    let Some(file) = Files::get(&name) else { return HttpResponse::NotFound().finish() };
    let tag = EntityTag::new_strong(hex(&file.metadata.sha256_hash()[..16]));
    let cache = if base().ends_with(&version) { FOR_EVER } else { ASK_AGAIN };
    let known = is_known(&request, &tag);
    let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((CACHE_CONTROL, cache)).insert_header(ETag(tag));
    if known {
        return answer.finish();
    }
    answer.insert_header((CONTENT_TYPE, media_type(&name))).body(web::Bytes::from(file.data.into_owned()))
}

fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|one| one.weak_eq(tag)),
        _ => false,
    }
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    }
}

/// In one order always, so that the same files give the same version.
fn names() -> impl Iterator<Item = String> {
    let mut names: Vec<String> = Files::iter().map(|name| name.into_owned()).collect();
    names.sort_unstable();
    names.into_iter()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
