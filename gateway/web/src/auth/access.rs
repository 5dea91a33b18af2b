//! Which roles may use which route: one table. A route that is not in it is closed.

use axum::http::Method;
use gengfu_core::person::Role::{self, Admin, Installer, Maintainer, Volunteer};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Whoever holds the signed token in the path; the handler verifies it.
    Link,
    /// Whoever is signed in, whatever their roles.
    SignedIn,
    /// Who has one of these roles. Admins have all.
    Roles(&'static [Role]),
    /// A program on this machine, or who has one of these roles.
    LocalOr(&'static [Role]),
}

use Access::{Link, LocalOr, Public, Roles, SignedIn};

const ADMIN: Access = Roles(&[Admin]);
const UPKEEP: Access = Roles(&[Admin, Maintainer]);
const BOARDS: Access = Roles(&[Admin, Installer]);
const TECHNICAL: Access = Roles(&[Admin, Maintainer, Installer]);
const ANSWERING: Access = Roles(&[Admin, Maintainer, Volunteer]);
const EVERYBODY: Access = Roles(&[Admin, Maintainer, Installer, Volunteer]);

/// Method, path as the router has it, who.
pub const TABLE: &[(Method, &str, Access)] = &[
    (Method::GET, "/healthz", Public),
    (Method::GET, "/readyz", Public),
    (Method::GET, "/metrics", LocalOr(&[Admin, Maintainer])),
    // Links
    (Method::GET, "/api/v1/answer/{token}", Link),
    (Method::GET, "/api/v1/answer/{token}/events", Link),
    (Method::GET, "/api/v1/answer/{token}/pictures", Link),
    (Method::GET, "/api/v1/answer/{token}/pictures/{number}", Link),
    (Method::POST, "/api/v1/answer/{token}/acknowledge", Link),
    (Method::POST, "/api/v1/answer/{token}/arrive", Link),
    (Method::POST, "/api/v1/answer/{token}/hand-over", Link),
    (Method::POST, "/api/v1/answer/{token}/end", Link),
    (Method::POST, "/api/v1/receipt/{token}", Link),
    (Method::GET, "/api/v1/calendar/{token}", Link),
    (Method::GET, "/api/v1/cap/{token}/feed.atom", Link),
    (Method::GET, "/api/v1/cap/{token}/{name}", Link),
    (Method::GET, "/api/v1/roll-call/{token}", Link),
    (Method::POST, "/api/v1/roll-call/{token}", Link),
    // An invitation opens a session, so that its use must come from a page of this gateway.
    (Method::GET, "/api/v1/invitation/{token}", Public),
    (Method::POST, "/api/v1/invitation/{token}", Public),
    // Oneself
    (Method::POST, "/api/v1/session", Public),
    (Method::GET, "/api/v1/session", SignedIn),
    (Method::DELETE, "/api/v1/session", SignedIn),
    (Method::GET, "/api/v1/me/methods", SignedIn),
    (Method::PUT, "/api/v1/me/methods", SignedIn),
    (Method::GET, "/api/v1/me/ways", SignedIn),
    (Method::POST, "/api/v1/me/ways/{number}/test", SignedIn),
    (Method::POST, "/api/v1/me/ways/{number}/arrived", SignedIn),
    (Method::GET, "/api/v1/me/swaps", SignedIn),
    (Method::POST, "/api/v1/me/swaps", SignedIn),
    (Method::POST, "/api/v1/me/swaps/{id}/accept", SignedIn),
    (Method::POST, "/api/v1/me/swaps/{id}/decline", SignedIn),
    (Method::POST, "/api/v1/me/swaps/{id}/withdraw", SignedIn),
    (Method::POST, "/api/v1/me/push", SignedIn),
    (Method::GET, "/api/v1/push/key", Public),
    // Incidents and alarms
    (Method::GET, "/api/v1/incidents", EVERYBODY),
    (Method::GET, "/api/v1/incidents/{id}", EVERYBODY),
    (Method::GET, "/api/v1/incidents/{id}/timeline", EVERYBODY),
    (Method::GET, "/api/v1/incidents/{id}/events", EVERYBODY),
    (Method::GET, "/api/v1/incidents/{id}/pictures", EVERYBODY),
    (Method::GET, "/api/v1/incidents/{id}/pictures/{number}", EVERYBODY),
    (Method::POST, "/api/v1/incidents/{id}/acknowledge", ANSWERING),
    (Method::POST, "/api/v1/incidents/{id}/arrive", ANSWERING),
    (Method::POST, "/api/v1/incidents/{id}/hand-over", ANSWERING),
    (Method::POST, "/api/v1/incidents/{id}/end", ANSWERING),
    (Method::GET, "/api/v1/records", EVERYBODY),
    (Method::GET, "/api/v1/records.csv", EVERYBODY),
    (Method::GET, "/api/v1/records/{id}", EVERYBODY),
    (Method::GET, "/api/v1/records/{id}/table.csv", EVERYBODY),
    (Method::GET, "/api/v1/musters", ANSWERING),
    (Method::POST, "/api/v1/musters", ANSWERING),
    (Method::GET, "/api/v1/musters/{id}", ANSWERING),
    (Method::POST, "/api/v1/musters/{id}/answer", ANSWERING),
    (Method::POST, "/api/v1/musters/{id}/end", ANSWERING),
    (Method::GET, "/api/v1/alarms", EVERYBODY),
    (Method::GET, "/api/v1/alarms/{id}", EVERYBODY),
    (Method::POST, "/api/v1/alarms/{id}/acknowledge", UPKEEP),
    (Method::POST, "/api/v1/alarms/{id}/shelve", UPKEEP),
    (Method::POST, "/api/v1/alarms/{id}/unshelve", UPKEEP),
    (Method::GET, "/api/v1/events", EVERYBODY),
    (Method::GET, "/api/v1/live", TECHNICAL),
    (Method::GET, "/api/v1/live/events", TECHNICAL),
    (Method::GET, "/api/v1/cap", UPKEEP),
    // The building
    (Method::GET, "/api/v1/places", EVERYBODY),
    (Method::GET, "/api/v1/places/{id}/advice", UPKEEP),
    (Method::PUT, "/api/v1/places/{id}/advice", UPKEEP),
    (Method::GET, "/api/v1/cards", UPKEEP),
    (Method::GET, "/api/v1/cards/{danger}", UPKEEP),
    (Method::PUT, "/api/v1/cards/{danger}", UPKEEP),
    (Method::DELETE, "/api/v1/cards/{danger}", UPKEEP),
    (Method::GET, "/api/v1/points", TECHNICAL),
    (Method::GET, "/api/v1/points/{id}", TECHNICAL),
    (Method::GET, "/api/v1/points/{id}/history", TECHNICAL),
    (Method::GET, "/api/v1/points/{id}/history.csv", TECHNICAL),
    (Method::GET, "/api/v1/points/{id}/chart", TECHNICAL),
    (Method::GET, "/api/v1/outputs", EVERYBODY),
    (Method::POST, "/api/v1/outputs/{id}/switch", ANSWERING),
    (Method::GET, "/api/v1/devices", TECHNICAL),
    (Method::POST, "/api/v1/devices", BOARDS),
    (Method::GET, "/api/v1/devices/{id}", TECHNICAL),
    (Method::DELETE, "/api/v1/devices/{id}", BOARDS),
    (Method::POST, "/api/v1/devices/{id}/credential", BOARDS),
    (Method::POST, "/api/v1/devices/{id}/out-of-service", UPKEEP),
    (Method::DELETE, "/api/v1/devices/{id}/out-of-service", UPKEEP),
    (Method::GET, "/api/v1/walk-tests", EVERYBODY),
    (Method::GET, "/api/v1/devices/{id}/walk-test", TECHNICAL),
    (Method::GET, "/api/v1/devices/{id}/walk-test/events", TECHNICAL),
    (Method::POST, "/api/v1/devices/{id}/walk-test", BOARDS),
    (Method::DELETE, "/api/v1/devices/{id}/walk-test", TECHNICAL),
    (Method::POST, "/api/v1/devices/{id}/walk-test/arrived", BOARDS),
    (Method::GET, "/api/v1/boards", TECHNICAL),
    (Method::GET, "/api/v1/boards/kinds", BOARDS),
    (Method::POST, "/api/v1/boards/{id}/identify", TECHNICAL),
    (Method::POST, "/api/v1/boards/{id}/image", BOARDS),
    (Method::GET, "/api/v1/boards/{id}/wiring.svg", TECHNICAL),
    (Method::GET, "/api/v1/updates", TECHNICAL),
    (Method::POST, "/api/v1/updates", UPKEEP),
    (Method::DELETE, "/api/v1/updates", UPKEEP),
    (Method::GET, "/api/v1/found", TECHNICAL),
    (Method::POST, "/api/v1/found/{id}/adopt", BOARDS),
    (Method::GET, "/api/v1/modbus", BOARDS),
    (Method::POST, "/api/v1/modbus/{id}/scan", BOARDS),
    (Method::DELETE, "/api/v1/modbus/{id}/scan", BOARDS),
    (Method::POST, "/api/v1/modbus/{id}/read", BOARDS),
    // People and how they are reached
    (Method::GET, "/api/v1/people", UPKEEP),
    (Method::GET, "/api/v1/people/{id}", ADMIN),
    (Method::PUT, "/api/v1/people/{id}", ADMIN),
    (Method::DELETE, "/api/v1/people/{id}", ADMIN),
    (Method::POST, "/api/v1/people/{id}/invitation", ADMIN),
    (Method::GET, "/api/v1/people/{id}/ways", UPKEEP),
    (Method::GET, "/api/v1/rosters", EVERYBODY),
    (Method::GET, "/api/v1/rosters/{id}", EVERYBODY),
    (Method::PUT, "/api/v1/rosters/{id}", UPKEEP),
    (Method::DELETE, "/api/v1/rosters/{id}", UPKEEP),
    (Method::GET, "/api/v1/rosters/{id}/on-call", EVERYBODY),
    (Method::GET, "/api/v1/rosters/{id}/shifts", EVERYBODY),
    (Method::GET, "/api/v1/rosters/{id}/people", EVERYBODY),
    (Method::GET, "/api/v1/rosters/{id}/calendar", EVERYBODY),
    (Method::GET, "/api/v1/rosters/{id}/month", EVERYBODY),
    (Method::POST, "/api/v1/rosters/{id}/import", UPKEEP),
    (Method::GET, "/api/v1/policies", UPKEEP),
    (Method::GET, "/api/v1/policies/{id}", UPKEEP),
    (Method::PUT, "/api/v1/policies/{id}", UPKEEP),
    (Method::DELETE, "/api/v1/policies/{id}", UPKEEP),
    (Method::GET, "/api/v1/rehearsal", UPKEEP),
    (Method::GET, "/api/v1/audit", UPKEEP),
    (Method::GET, "/api/v1/figures", UPKEEP),
    (Method::GET, "/api/v1/channels", UPKEEP),
    (Method::POST, "/api/v1/channels/{id}/test", UPKEEP),
    (Method::GET, "/api/v1/health", TECHNICAL),
];

/// Who may use a route; none where the table says nothing of it, and so nobody may.
pub fn access(method: &Method, path: &str) -> Option<Access> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    TABLE.iter().find(|(m, p, _)| m == method && *p == path).map(|(_, _, access)| *access)
}

/// True where the table knows the path, if with another method.
pub(crate) fn knows(path: &str) -> bool {
    TABLE.iter().any(|(_, p, _)| *p == path)
}
