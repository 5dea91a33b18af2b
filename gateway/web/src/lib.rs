//! The pages and the HTTP API of the gateway. It knows nothing of journals, brokers or channels:
//! what it needs of them stands in [`gateway::Gateway`].
//!
//! In reading order:
//!
//! - [`gateway`]: the door to the rest of the gateway.
//! - [`server`], [`tls`], [`authority`], `authority_page`: ports, HTTPS, and the local root.
//! - [`known_key`]: what boards know the gateway by.
//! - [`auth`]: who is asking, and [which roles](auth::access) may use which route.
//! - [`answer_key`], [`PublicUrl`]: the links in messages.
//! - [`calendar`]: rosters for calendar programs, and theirs as rosters; [`month`]: for the wall.
//! - [`boards`], [`updates`], [`found`]: what boards and newcomers say of themselves.
//! - [`api`], one file a resource, and [`views`], what it shows; `live`: server-sent events, `building`: the
//!   picture that they share.
//! - `rehearsal`: what would happen if something rang.
//! - `past`: the journal, looked back on; `record_table`, `csv`: tables for a spreadsheet.
//! - `pages`: the built dashboard; `headers`: what keeps browsers safe.

pub mod answer_key;
pub mod api;
mod app;
pub mod auth;
pub mod authority;
mod authority_page;
pub mod boards;
mod building;
pub mod calendar;
mod csv;
mod error;
mod extract;
pub mod found;
pub mod gateway;
mod headers;
pub mod known_key;
mod live;
pub mod modbus;
pub mod month;
mod pages;
mod past;
mod precondition;
mod public_url;
mod record_table;
mod rehearsal;
mod secret;
pub mod server;
mod table_words;
pub mod tls;
pub mod updates;
pub mod views;

pub use answer_key::AnswerKey;
pub use app::{App, router};
pub use auth::invitation::invite;
pub use gateway::Gateway;
pub use headers::CONTENT_SECURITY_POLICY;
pub use public_url::{BadPublicUrl, PublicUrl};
pub use server::{Server, StartError, WebSettings};
pub use tls::Tls;
