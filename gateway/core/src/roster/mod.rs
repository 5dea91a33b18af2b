//! Rosters: who is on call, at any instant, by the wall clock.

/// A roster (its shape is being written).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Roster {
    /// Name.
    pub id: crate::id::RosterId,
}
