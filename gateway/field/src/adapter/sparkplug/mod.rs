//! Sparkplug B: edge nodes that announce their metrics in birth certificates, and then say only what
//! changes, by number.
//!
//! - [`topic`]: where which message comes. [`payload`]: what one holds, as Protocol Buffers.
//! - [`session`]: what is known of a node from its birth to its death. [`birth`]: names and types.
//! - [`node`]: what a message of a node means. [`rebirth`]: asking for the certificates again.
//! - [`metric`]: from a metric to a value. [`nodes`]: all of them.
//!
//! From the public specification, version 3.0 (Eclipse Sparkplug), of the messages that a host
//! application receives; the one that it sends is the command for a rebirth.

mod birth;
mod metric;
mod node;
mod nodes;
mod payload;
mod rebirth;
mod session;
#[cfg(test)]
mod tests;
mod topic;

pub use metric::SparkplugPoint;
pub use nodes::Nodes;
pub use payload::{Metric, Payload, metric::Value as MetricValue};
pub use topic::{NAMESPACE, filter_over, is_name};

use gengfu_core::id::DeviceId;

/// Payloads larger than this are no readings.
const MAX_PAYLOAD: usize = 256 * 1024;

/// A device that speaks Sparkplug B.
#[derive(Debug, Clone, PartialEq)]
pub struct SparkplugDevice {
    /// The device.
    pub device: DeviceId,
    /// The group of its edge node.
    pub group: String,
    /// The edge node.
    pub node: String,
    /// Its name below the node; none for the node itself.
    pub member: Option<String>,
    /// Its points.
    pub points: Vec<SparkplugPoint>,
}
