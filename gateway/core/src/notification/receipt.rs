//! Receipts: what is known of a message after it was handed over.

use serde::{Deserialize, Serialize};

use super::cost::Cost;

/// What a channel reports of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "receipt")]
pub enum Receipt {
    /// The carrier took it. It may still be lost.
    Accepted {
        /// The carrier's own name for it, if it gave one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        carrier_id: Option<String>,
        /// What it cost, if the carrier says so or the operator knows it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cost: Option<Cost>,
    },
    /// It is on the person's device.
    Delivered,
    /// The person reacted to it.
    Answered,
    /// The way is good, and this time nobody took it: busy, refused, a mailbox.
    Declined {
        /// What happened, for people.
        reason: String,
    },
    /// There is nobody at this address, and never will be: no such number, a browser that has
    /// unsubscribed.
    Gone {
        /// What the carrier said.
        reason: String,
    },
    /// It did not go.
    Failed {
        /// Why, for people; never with an address or a secret in it.
        reason: String,
        /// Trying again may help.
        retry: bool,
    },
}
