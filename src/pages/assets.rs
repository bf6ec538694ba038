//! The stylesheet, scripts and pictures of the pages, built into the program. Owns their addresses: each carries a
//! version made from everything shipped, so a browser keeps a file for ever and a release changes every address.
//! Serves nothing that is not embedded, and nothing about anybody.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{
        AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ContentEncoding, ETag, Encoding, EntityTag,
        Header, IfNoneMatch, VARY,
    },
    web::{self, Bytes},
};
use dashmap::DashMap;
use flate2::{Compression, write::GzEncoder};
use rust_embed::{EmbeddedFile, RustEmbed};
use std::{collections::HashMap, io::Write, sync::LazyLock};

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

/// What each script imports, at first or second hand, with itself.
static MODULES: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| {
    let scripts = names().filter(|name| name.ends_with(".js"));
    scripts.map(|name| (name.clone(), with_imports(&name))).collect()
});

/// Where this release's files are: `/assets/<version>`.
pub fn base() -> &'static str {
    &BASE
}

/// The names of all modules that a script needs, so that a page can ask for them at once instead of one after another.
pub fn modules(script: &str) -> &'static [String] {
    MODULES.get(script).map_or(&[], Vec::as_slice)
}

fn with_imports(script: &str) -> Vec<String> {
    let mut found = vec![script.to_owned()];
    let mut at = 0;
    while let Some(name) = found.get(at).cloned() {
        at += 1;
        let Some(file) = Files::get(&name) else { continue };
        let text = String::from_utf8_lossy(&file.data).into_owned();
        for import in text.lines().filter(|line| line.starts_with("import ")) {
            let Some((_, rest)) = import.split_once("'./") else { continue };
            let imported = rest.trim_end_matches("';").to_owned();
            if !found.contains(&imported) {
                found.push(imported);
            }
        }
    }
    found
}

/// `GET /assets/{version}/{name}`
pub async fn show(request: HttpRequest, path: web::Path<(String, String)>) -> HttpResponse {
    let (version, name) = path.into_inner();
    let Some(file) = Files::get(&name) else { return HttpResponse::NotFound().finish() };
    let packed = takes_gzip(&request).then(|| packed(&file));
    let of_what = hex(&file.metadata.sha256_hash()[..16]);
    let tag = EntityTag::new_strong(if packed.is_some() { format!("{of_what}-gz") } else { of_what });
    let this_release = base().strip_prefix("/assets/") == Some(version.as_str());
    let cache = if this_release { FOR_EVER } else { ASK_AGAIN };
    let known = is_known(&request, &tag);
    let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((CACHE_CONTROL, cache)).insert_header(ETag(tag)).insert_header((VARY, "accept-encoding"));
    if known {
        return answer.finish();
    }
    answer.insert_header((CONTENT_TYPE, media_type(&name)));
    match packed {
        Some(packed) => answer.insert_header((CONTENT_ENCODING, "gzip")).body(packed),
        None => answer.body(Bytes::from(file.data.into_owned())),
    }
}

/// Files as they were packed, by what is in them. Packed once and as small as can be: a third less than what is packed
/// for each answer, in a hurry. As many as there are files.
static PACKED: LazyLock<DashMap<[u8; 32], Bytes>> = LazyLock::new(DashMap::new);

fn packed(file: &EmbeddedFile) -> Bytes {
    let pack = || {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        let packed = packer.write_all(&file.data).and_then(|()| packer.finish());
        Bytes::from(packed.expect("writing into memory cannot fail"))
    };
    PACKED.entry(file.metadata.sha256_hash()).or_insert_with(pack).clone()
}

fn takes_gzip(request: &HttpRequest) -> bool {
    let kinds = [Encoding::Known(ContentEncoding::Gzip), Encoding::identity()];
    let negotiated = AcceptEncoding::parse(request).ok().and_then(|accepts| accepts.negotiate(kinds.iter()));
    negotiated == Some(Encoding::Known(ContentEncoding::Gzip))
}

/// `GET /push-worker.js`: what browsers are woken by lives at one address, over all releases and for the whole site.
pub async fn push_worker() -> HttpResponse {
    match Files::get("push-worker.js") {
        Some(file) => HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, ASK_AGAIN))
            .insert_header((CONTENT_TYPE, media_type("push-worker.js")))
            .body(Bytes::from(file.data.into_owned())),
        None => HttpResponse::NotFound().finish(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{
        App,
        http::header::{ETAG, HeaderValue},
        test,
    };

    #[actix_web::test]
    async fn a_file_is_kept_for_ever_under_its_version_and_asked_for_again_under_another() {
        let app = test::init_service(App::new().route("/assets/{version}/{name}", web::get().to(show))).await;
        let cached = async |address: String| {
            let answer = test::call_service(&app, test::TestRequest::get().uri(&address).to_request()).await;
            assert_eq!(answer.status(), 200, "{address}");
            answer.headers().get(CACHE_CONTROL).cloned()
        };
        assert_eq!(cached(format!("{}/carehub.css", base())).await, Some(HeaderValue::from_static(FOR_EVER)));
        assert_eq!(cached("/assets/0/carehub.css".to_owned()).await, Some(HeaderValue::from_static(ASK_AGAIN)));
    }

    #[actix_web::test]
    async fn a_file_that_the_browser_has_is_not_sent_again() {
        let app = test::init_service(App::new().route("/assets/{version}/{name}", web::get().to(show))).await;
        let address = format!("{}/icon.svg", base());
        let first = test::call_service(&app, test::TestRequest::get().uri(&address).to_request()).await;
        let tag = first.headers().get(ETAG).expect("a file has a tag").clone();
        let again = test::TestRequest::get().uri(&address).insert_header(("If-None-Match", tag));
        assert_eq!(test::call_service(&app, again.to_request()).await.status(), 304);
    }

    #[actix_web::test]
    async fn nothing_outside_of_the_folder_is_served() {
        let app = test::init_service(App::new().route("/assets/{version}/{name}", web::get().to(show))).await;
        for name in ["..%2Fmod.rs", "mod.rs", "%2Fetc%2Fpasswd", "."] {
            let request = test::TestRequest::get().uri(&format!("/assets/0/{name}")).to_request();
            assert_eq!(test::call_service(&app, request).await.status(), 404, "{name}");
        }
    }

    #[std::prelude::v1::test]
    fn a_page_asks_for_all_that_its_script_imports_and_for_nothing_else() {
        for (script, modules) in MODULES.iter() {
            for module in modules {
                assert!(Files::get(module).is_some(), "{script} needs {module}, which is not there");
            }
        }
        assert!(modules("portal.js").iter().any(|name| name == "draft.js"), "an import of an import is missing");
        assert!(!modules("portal.js").iter().any(|name| name == "inbox.js"), "the client's page asks for the inbox");
    }

    #[std::prelude::v1::test]
    fn no_page_holds_an_inline_script_or_style() {
        let (mut folders, mut seen) = (vec![std::path::PathBuf::from("src/pages/templates")], 0);
        while let Some(folder) = folders.pop() {
            for template in std::fs::read_dir(folder).expect("the templates are there").flatten() {
                if template.path().is_dir() {
                    folders.push(template.path());
                    continue;
                }
                let text = std::fs::read_to_string(template.path()).expect("a template is text");
                for inline in ["<style", "style=", "<script>", " onclick", " onload", " onsubmit", "javascript:"] {
                    assert!(!text.contains(inline), "{inline} in {:?}", template.path());
                }
                seen += 1;
            }
        }
        assert!(seen > 10, "only {seen} templates were looked at");
    }
}
