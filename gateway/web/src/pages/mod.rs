//! The built dashboard, embedded into the program.

use std::sync::LazyLock;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::{error::ApiError, secret};

#[derive(RustEmbed)]
#[folder = "$OUT_DIR/dashboard"]
struct Files;

/// Paths that the one page draws itself, by what they begin with; the others are files. The same list is in
/// the pages' service worker.
static DRAWN: LazyLock<Vec<String>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../dashboard/src/drawn.json")).unwrap_or_default()
});
/// What is shown where there is no such page; its style is that of the page about certificates.
const MISSING: &str = include_str!("missing.html");
/// Files whose names carry a hash of what is in them.
const HASHED: &str = "assets/";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Kept, but asked about before use: a new version shows at once.
const ASK: &str = "no-cache";

/// A file of the dashboard, its page, or 404.
pub(crate) fn serve(request: &Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        return ApiError::new(status, "bad_method", "pages are only for reading").into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    let first = path.split('/').next().unwrap_or_default();
    let name = if path.is_empty() || DRAWN.iter().any(|drawn| drawn == first) {
        "index.html"
    } else {
        path
    };
    match Files::get(name) {
        Some(file) => answer(name, file, request.headers()),
        None => missing(),
    }
}

fn answer(name: &str, file: EmbeddedFile, asked: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", secret::hex(&file.metadata.sha256_hash()[..16]));
    let keep = if name.starts_with(HASHED) { FOR_EVER } else { ASK };
    let known = asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|tags| tags.split(',').any(|known| known.trim().trim_start_matches("W/") == tag));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file.data.into_owned()).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    if let (false, Ok(kind)) = (known, HeaderValue::try_from(kind(name, &file.metadata))) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    response
}

fn kind(name: &str, metadata: &rust_embed::Metadata) -> String {
    match name.rsplit_once('.') {
        Some((_, "webmanifest")) => "application/manifest+json".to_owned(),
        Some((_, "html" | "js" | "css" | "svg" | "txt" | "json")) => {
            format!("{}; charset=utf-8", metadata.mimetype())
        }
        _ => metadata.mimetype().to_owned(),
    }
}

fn missing() -> Response {
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (StatusCode::NOT_FOUND, kind, MISSING).into_response()
}
