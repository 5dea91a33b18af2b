//! The power is cut at every word that is written and in the middle of every erase, one run for each.

use gengfu_board::flash::store::StoreError;
use gengfu_wire::topic::Down;

use crate::{
    flash::Cut,
    outage::{House, quick},
};

/// What happens in the house until the power goes; receipts come for most, some get lost.
fn live<const W: usize>(house: &mut House<W>) -> Result<(), StoreError<Cut>> {
    house.power_on()?;
    house.hear(Down::Config, &quick());
    house.round(1)?;
    house.say();
    for at in 0..48usize {
        house.toggle([1, 3, 2, 3][at % 4]);
        house.round(100)?;
        if at % 16 == 15 {
            house.power_on()?;
        }
        if at % 3 == 0 {
            house.say();
            while house.under_way().0 > 0 {
                house.arrive(0);
            }
            while house.under_way().1 > 1 {
                house.receipt(0);
            }
            if at % 5 == 0 {
                house.lose();
            }
            house.round(1)?;
        }
    }
    Ok(())
}

fn cut_everywhere<const W: usize>() -> usize {
    let mut whole = House::<W>::new(20);
    live(&mut whole).unwrap();
    whole.power_off();
    let work = whole.flash.work();
    for cut in 0..work {
        let mut house = House::<W>::new(20);
        house.flash.cut_after(Some(cut));
        let lived = live(&mut house);
        assert_eq!(lived, Err(StoreError::Flash(Cut)), "cut after {cut} of {work} words");
        // What the gateway has, and what the board has said, is all known to be in the flash.
        let journal = house.journal.clone();
        house.settle();
        assert_eq!(house.dropped, 0);
        assert!(journal.iter().all(|(name, fact)| house.journal.get(name) == Some(fact)));
        // Numbers have no holes but for the one event that was being written.
        let mut last = None;
        for name in house.journal.keys() {
            let follows = match last {
                Some((boot, seq)) if boot == name.boot => name.seq == seq + 1,
                _ => name.seq == 1,
            };
            assert!(follows, "cut after {cut} of {work} words: {last:?}, {name:?}");
            last = Some((name.boot, name.seq));
        }
    }
    work
}

#[test]
fn no_word_is_one_too_many_for_flash_written_by_four_bytes() {
    let words = cut_everywhere::<4>();
    assert!(words > 700, "{words}");
}

#[test]
fn no_byte_is_one_too_many_for_flash_written_by_the_byte() {
    let words = cut_everywhere::<1>();
    assert!(words > 3_000, "{words}");
}
