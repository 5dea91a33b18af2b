//! `[[places]]`: the compound, its buildings, stairwells and lifts.

use std::{collections::BTreeMap, ops::Range};

use gengfu_core::{id::PlaceId, site::Place, text::Text};
use imbl::OrdMap;

use super::{
    fields::Node,
    kind::Words,
    problem::{At, Problems, choose},
};

/// Reads `[[places]]` and checks that they form a tree.
pub fn read(nodes: Vec<Node<'_>>, problems: &Problems) -> OrdMap<PlaceId, Place> {
    let mut places = OrdMap::new();
    let mut inside: BTreeMap<PlaceId, At<PlaceId>> = BTreeMap::new();
    for node in nodes {
        let Some(mut fields) = node.fields("[[places]]") else { continue };
        let id = fields.required::<PlaceId>("id");
        let name = fields.required::<Words>("name");
        let parent = fields.optional::<PlaceId>("inside");
        fields.done();
        let Some(At { value: id, span }) = id else { continue };
        if places.contains_key(&id) {
            problems.error(
                &span,
                format!("there is a place \"{id}\" already"),
                "give each place an id of its own",
            );
            continue;
        }
        if let Some(parent) = &parent {
            inside.insert(id.clone(), parent.clone());
        }
        let name = name.map_or_else(|| Text::from(id.as_str()), |at| at.value.into());
        places.insert(id.clone(), Place { id, name, inside: parent.map(|at| at.value) });
    }
    for (id, At { value: parent, span }) in &inside {
        if !places.contains_key(parent) {
            unknown(problems, span, parent, &places);
        } else if loops(id, &inside) {
            problems.error(
                span,
                format!("place \"{id}\" lies inside itself, by way of \"{parent}\""),
                "let one of the places on this way have no `inside`",
            );
        }
    }
    places
}

/// Reports a place that is not there.
pub fn unknown(
    problems: &Problems,
    span: &Range<usize>,
    id: &PlaceId,
    places: &OrdMap<PlaceId, Place>,
) {
    problems.missing(
        span,
        format!("there is no place \"{id}\""),
        choose(id.as_str(), places.keys().map(PlaceId::as_str), "add it as an entry of [[places]]"),
    );
}

/// True if the way outwards from `id` comes back to it.
fn loops(id: &PlaceId, inside: &BTreeMap<PlaceId, At<PlaceId>>) -> bool {
    let mut at = id;
    for _ in 0..=inside.len() {
        match inside.get(at) {
            Some(parent) if parent.value == *id => return true,
            Some(parent) => at = &parent.value,
            None => return false,
        }
    }
    false
}
