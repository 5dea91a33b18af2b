//! Where a request comes from: the page it was made by, and the machine it was sent by.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap, Uri, header},
};

/// True if the browser says that a page of this gateway made the request. SameSite=Strict already
/// keeps the cookie from other sites; this keeps other ports and names of the same site out as well.
pub(crate) fn is_own_page(
    headers: &HeaderMap,
    uri: &Uri,
    secure: bool,
    public_url: Option<&str>,
) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let Some(origin) = text("origin") else { return false };
    if public_url == Some(origin) {
        return true;
    }
    let host = uri.authority().map(|a| a.as_str()).or_else(|| text("host"));
    let scheme = if secure { "https" } else { "http" };
    host.is_some_and(|host| {
        origin
            .strip_prefix(scheme)
            .and_then(|rest| rest.strip_prefix("://"))
            .is_some_and(|of| of.eq_ignore_ascii_case(host))
    })
}

/// Headers that a reverse proxy adds.
const FORWARDED: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

/// The address that a request is counted under. A proxy on this machine is believed when it names
/// another; anybody else is not.
pub(crate) fn address(headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
    let peer = peer(extensions);
    if !peer.is_loopback() {
        return peer;
    }
    headers
        .get_all("x-forwarded-for")
        .iter()
        .next_back()
        .and_then(|value| value.to_str().ok())
        .and_then(|list| list.rsplit(',').next())
        .and_then(|last| last.trim().parse().ok())
        .unwrap_or(peer)
}

/// True for a program on this machine that speaks for itself, not for somebody outside.
pub(crate) fn is_local(headers: &HeaderMap, extensions: &Extensions) -> bool {
    peer(extensions).is_loopback() && FORWARDED.iter().all(|name| !headers.contains_key(*name))
}

fn peer(extensions: &Extensions) -> IpAddr {
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip().to_canonical())
}

/// The host and port that the browser used, for links back to where it is.
pub(crate) fn host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    uri.authority()
        .map(|authority| authority.as_str())
        .or_else(|| headers.get(header::HOST).and_then(|host| host.to_str().ok()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn own(pairs: &[(&'static str, &'static str)], secure: bool) -> bool {
        let headers: HeaderMap = pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect();
        is_own_page(
            &headers,
            &Uri::from_static("/api/v1/session"),
            secure,
            Some("https://gengfu.example"),
        )
    }

    #[test]
    fn only_a_page_of_this_gateway_may_act() {
        assert!(own(&[("sec-fetch-site", "same-origin")], true));
        assert!(!own(
            &[("sec-fetch-site", "same-site"), ("origin", "https://gengfu.example")],
            true
        ));
        assert!(!own(&[("sec-fetch-site", "cross-site")], true));
        assert!(own(&[("host", "gw.local:8443"), ("origin", "https://gw.local:8443")], true));
        assert!(!own(&[("host", "gw.local:8443"), ("origin", "http://gw.local:8443")], true));
        assert!(!own(&[("host", "gw.local:8443"), ("origin", "https://gw.local:9000")], true));
        assert!(own(&[("host", "127.0.0.1:80"), ("origin", "http://127.0.0.1:80")], false));
        assert!(own(&[("host", "inside:80"), ("origin", "https://gengfu.example")], false));
        assert!(!own(&[("host", "gw.local"), ("origin", "null")], true));
        assert!(!own(&[("host", "gw.local")], true), "no word of where it comes from");
    }

    #[test]
    fn a_stranger_can_not_choose_the_address_they_are_counted_under() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static("1.2.3.4, 203.0.113.9"));
        let mut from = Extensions::new();
        from.insert(ConnectInfo(SocketAddr::from(([198, 51, 100, 1], 5000))));
        assert_eq!(address(&headers, &from), IpAddr::from([198, 51, 100, 1]));
        assert!(!is_local(&headers, &from));
        from.insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 5000))));
        assert_eq!(address(&headers, &from), IpAddr::from([203, 0, 113, 9]));
        assert!(!is_local(&headers, &from), "it speaks for somebody outside");
        assert!(is_local(&HeaderMap::new(), &from));
    }
}
