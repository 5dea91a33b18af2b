//! Places inside a site: district › compound › building › stairwell › lift, as deep as needed.

use serde::{Deserialize, Serialize};

use crate::{id::PlaceId, text::Text};

/// Somewhere that people can go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Its name for programs.
    pub id: PlaceId,
    /// Its name for people.
    pub name: Text,
    /// The place that it is part of; none for a top one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inside: Option<PlaceId>,
}

/// Places deeper than this are taken for a loop in the configuration.
const MAX_DEPTH: usize = 16;

/// The place and those around it, innermost first. A loop or an unknown parent ends the walk.
pub fn around<'a>(
    places: &'a imbl::OrdMap<PlaceId, Place>,
    place: &'a PlaceId,
) -> impl Iterator<Item = &'a PlaceId> {
    std::iter::successors(Some(place), |at| places.get(*at).and_then(|p| p.inside.as_ref()))
        .take(MAX_DEPTH)
}

/// "Building 3 › Lift 1" in both languages; the bare id where the place is not known.
pub fn path(places: &imbl::OrdMap<PlaceId, Place>, place: &PlaceId) -> Text {
    let mut names: Vec<Text> = around(places, place)
        .map(|id| places.get(id).map_or_else(|| Text::from(id.as_str()), |p| p.name.clone()))
        .collect();
    names.reverse();
    let join = |pick: fn(&Text) -> &str| names.iter().map(pick).collect::<Vec<_>>().join(" › ");
    Text {
        zh: join(|t| t.get(crate::text::Language::Zh)),
        en: join(|t| t.get(crate::text::Language::En)),
    }
}
