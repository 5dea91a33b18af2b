//! What people command about advice for whoever goes.

use crate::{
    advice::{Card, PlaceNote},
    danger::Danger,
    event::{Advice, What},
    id::PlaceId,
    incident::By,
    refusal::Refusal,
};

use super::Draft;

impl Draft {
    pub(super) fn put_card(&mut self, danger: Danger, card: &Card, by: &By) -> Result<(), Refusal> {
        card.check().map_err(Refusal::Invalid)?;
        let put = Advice::CardPut { danger, card: card.clone(), by: by.clone() };
        self.emit(What::Advice(put));
        Ok(())
    }

    pub(super) fn remove_card(&mut self, danger: Danger, by: &By) -> Result<(), Refusal> {
        if !self.state.advice.cards.contains_key(&danger) {
            return Err(Refusal::Unknown { what: "edited card", name: danger.to_string() });
        }
        self.emit(What::Advice(Advice::CardRemoved { danger, by: by.clone() }));
        Ok(())
    }

    pub(super) fn put_note(
        &mut self,
        place: &PlaceId,
        note: &PlaceNote,
        by: &By,
    ) -> Result<(), Refusal> {
        self.known_place(place)?;
        note.check().map_err(Refusal::Invalid)?;
        for holder in note.things.iter().filter_map(|thing| thing.holder.as_ref()) {
            self.known_person(holder)?;
        }
        let put = Advice::NotePut { place: place.clone(), note: note.clone(), by: by.clone() };
        self.emit(What::Advice(put));
        Ok(())
    }
}
