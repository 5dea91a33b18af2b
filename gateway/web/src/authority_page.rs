//! The page that explains how to install the local authority's root, and the root itself. Served
//! over HTTPS, and over plain HTTP where the operator opens a port for it: a phone that does not
//! know the root yet is warned on HTTPS.

use std::sync::Arc;

use axum::{
    Router,
    extract::{OriginalUri, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use crate::{app::App, auth::origin, error::ApiError, headers};

const PAGE: &str = include_str!("pages/ca.html");
const STYLE: &str = include_str!("pages/ca.css");

/// `/ca`, the root as phones take it (`/ca.crt`) and as programs do (`/ca.pem`), and the page's style.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/ca", get(page))
        .route("/ca.crt", get(certificate))
        .route("/ca.pem", get(text))
        .route(
            "/ca.css",
            get(async || ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)),
        )
}

/// The plain HTTP port beside HTTPS: the pages above, and the way to HTTPS.
pub(crate) fn plain_router(app: Arc<App>, https_port: u16) -> Router {
    let to_https = move |State(app): State<Arc<App>>, uri: OriginalUri, headers: HeaderMap| async move {
        match https_address(&app, &headers, &uri, https_port) {
            Some(address) => {
                let path = uri.path_and_query().map_or("/", |path| path.as_str());
                Redirect::temporary(&format!("{address}{path}")).into_response()
            }
            None => ApiError::bad_request("this port only leads to HTTPS").into_response(),
        }
    };
    router().fallback(to_https).layer(middleware::from_fn(headers::add_plain)).with_state(app)
}

async fn page(State(app): State<Arc<App>>, uri: OriginalUri, headers: HeaderMap) -> Response {
    let Some(root) = &app.root else { return none() };
    let pages = app.public_url.as_ref().map_or_else(
        || {
            let host = origin::host(&headers, &uri).unwrap_or_default();
            if app.secure && !host.is_empty() { format!("https://{host}/") } else { "/".to_owned() }
        },
        |url| format!("{url}/"),
    );
    let page = PAGE
        .replace("{fingerprint}", &root.fingerprint())
        .replace("{name}", root.name)
        .replace("{pages}", &escaped(&pages));
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

async fn certificate(State(app): State<Arc<App>>) -> Response {
    let Some(root) = &app.root else { return none() };
    let headers = [
        // By this type phones know that it is to be installed.
        (header::CONTENT_TYPE, "application/x-x509-ca-cert"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"gengfu-ca.crt\""),
    ];
    (headers, root.der.clone()).into_response()
}

/// The same as text: curl and most programs take no other.
async fn text(State(app): State<Arc<App>>) -> Response {
    let Some(root) = &app.root else { return none() };
    ([(header::CONTENT_TYPE, "application/x-pem-file")], root.pem.clone()).into_response()
}

fn none() -> Response {
    let words = "this gateway has no certificate authority of its own: its certificate is known to phones already, or it is reached without HTTPS";
    ApiError::new(StatusCode::NOT_FOUND, "no_authority", words).into_response()
}

/// Where the same host answers by HTTPS.
fn https_address(
    app: &App,
    headers: &HeaderMap,
    uri: &axum::http::Uri,
    port: u16,
) -> Option<String> {
    let host = origin::host(headers, uri)?;
    let authority: axum::http::uri::Authority = host.parse().ok()?;
    let address = match app.public_url.as_ref().filter(|url| url.as_str().starts_with("https")) {
        Some(url) => url.to_string(),
        None if port == 443 => format!("https://{}", authority.host()),
        None => format!("https://{}:{port}", authority.host()),
    };
    HeaderValue::try_from(&address).ok().map(|_| address)
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
        out
    })
}
