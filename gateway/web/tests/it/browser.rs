//! A browser that visits the house, and what it gets.

use std::net::SocketAddr;

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
    response::Response,
};
use serde_json::{Value as Json, json};
use tower::ServiceExt;

/// Somebody's browser.
#[derive(Clone)]
pub struct Browser {
    pub router: Router,
    pub cookie: Option<String>,
    pub from: [u8; 4],
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
    /// What a change of it is to name.
    #[track_caller]
    pub fn tag(&self) -> String {
        assert!(self.status.is_success(), "{} {}", self.status, self.text);
        self.headers[header::ETAG].to_str().unwrap().to_owned()
    }
    /// The machine's code of a refusal.
    pub fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }
    /// The body of a success.
    #[track_caller]
    pub fn ok(self) -> Json {
        assert!(self.status.is_success(), "{} {}", self.status, self.text);
        if self.text.is_empty() { Json::Null } else { self.json() }
    }
}

impl Browser {
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path, None)).await
    }
    pub async fn post(&self, path: &str, body: Json) -> Answer {
        self.send(self.request(Method::POST, path, Some(body))).await
    }
    pub async fn put(&self, path: &str, body: Json) -> Answer {
        self.send(self.request(Method::PUT, path, Some(body))).await
    }
    /// Makes something new, and replaces nothing.
    pub async fn make(&self, path: &str, body: Json) -> Answer {
        self.if_(header::IF_NONE_MATCH, "*", (Method::PUT, path, Some(body))).await
    }
    /// Changes something, or removes it where there is no body, if it still has this tag.
    pub async fn change(&self, path: &str, tag: &str, body: Option<Json>) -> Answer {
        let method = if body.is_some() { Method::PUT } else { Method::DELETE };
        self.if_(header::IF_MATCH, tag, (method, path, body)).await
    }
    async fn if_(
        &self,
        name: header::HeaderName,
        value: &str,
        (method, path, body): (Method, &str, Option<Json>),
    ) -> Answer {
        let mut request = self.request(method, path, body);
        request.headers_mut().insert(name, value.parse().unwrap());
        self.send(request).await
    }
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path, None)).await
    }

    /// What a page of the gateway's own would send.
    pub fn request(&self, method: Method, path: &str, body: Option<Json>) -> Request<Body> {
        let mut request = Request::builder()
            .uri(path)
            .header(header::HOST, "gengfu.example")
            .extension(ConnectInfo(SocketAddr::from((self.from, 40_000))));
        if !method.is_safe() {
            request = request.header("sec-fetch-site", "same-origin");
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let body = match body {
            Some(json) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        request.method(method).body(body).unwrap()
    }

    pub async fn open(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.open(request).await.into_parts();
        let bytes = axum::body::to_bytes(body, 10_000_000).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// Signs in by name and password, and keeps the cookie.
    pub async fn sign_in(&mut self, person: &str, password: &str) -> Answer {
        let body = json!({ "person": person, "password": password });
        let answer = self.post("/api/v1/session", body).await;
        if let Some(cookie) = answer.headers.get(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        answer
    }
}
