//! A W5500-EVB-Pico2: the file that `gengfu board new` writes is what an RP2350's own boot loader looks for. No
//! emulator of that chip is at hand: nothing of it is run here, and what its sources do is shown on the
//! W5500-EVB-Pico, which has the same ones.

use std::collections::BTreeMap;

use gengfu_tests::site::SITE;
use gengfu_wire::identity;

use crate::{house::House, pico::made_as};

const KIND: &str = "w5500-evb-pico2";
/// The flash, as the chip sees it, and where what is in it: see `w5500-evb-pico-boot`.
const FLASH: u32 = 0x1000_0000;
const STATE: u32 = FLASH + 0x6000;
const ACTIVE: u32 = FLASH + 0x8000;
const SLOT: u32 = 384 * 1024;
const WHO: u32 = FLASH + 1024 * 1024;
/// RP2350, ARM, secure: what its boot loader takes (RP2350 datasheet, chapter 5).
const FAMILY: u32 = 0xe48b_ff59;
/// The block that says what an image is stands in its first 4 KB (datasheet, chapter 5).
const SEEN: u32 = 4096;
const BLOCK_BEGINS: u32 = 0xffff_ded3;
const BLOCK_ENDS: u32 = 0xab12_3579;
/// An executable, secure, for ARM, on an RP2350: the item with the image's type, one word long.
const IMAGE: u32 = 0x1021_0142;
/// The last item: one word stands before it.
const LAST: u32 = 0x0000_01ff;

/// What the file brings into the flash.
struct Flash(BTreeMap<u32, u8>);

impl Flash {
    fn of(file: &[u8]) -> Self {
        let count = file.len() / 512;
        let mut flash = BTreeMap::new();
        for (number, block) in file.chunks(512).enumerate() {
            let word = |at: usize| u32::from_le_bytes(block[at..at + 4].try_into().unwrap());
            assert_eq!((word(0), word(4), word(508)), (0x0A32_4655, 0x9E5D_5157, 0x0AB1_6F30));
            assert_eq!((word(8), word(16), word(28)), (0x2000, 256, FAMILY), "block {number}");
            assert_eq!((word(20) as usize, word(24) as usize), (number, count));
            assert!(word(12).is_multiple_of(256));
            flash.extend((word(12)..).zip(block[32..288].iter().copied()));
        }
        Self(flash)
    }

    fn bytes(&self, at: u32, length: u32) -> Vec<u8> {
        (at..at + length).map(|at| self.0.get(&at).copied().unwrap_or(0xff)).collect()
    }

    fn word(&self, at: u32) -> u32 {
        u32::from_le_bytes(self.bytes(at, 4).try_into().unwrap())
    }

    /// The stack and the first instruction of the program that stands there.
    fn begins(&self, at: u32) -> (u32, u32) {
        (self.word(at), self.word(at + 4))
    }
}

#[tokio::test]
async fn the_file_for_an_rp2350_is_as_its_boot_loader_wants_it() {
    let house = House::with_a_lift().await;
    let flash = Flash::of(&std::fs::read(made_as(&house, KIND, None)).unwrap());

    // What the chip is to start: one block, which leads to itself.
    let begins = |at: &u32| flash.word(*at) == BLOCK_BEGINS;
    let blocks: Vec<u32> = (FLASH..FLASH + SEEN).step_by(4).filter(begins).collect();
    let [block] = blocks[..] else { panic!("blocks at {blocks:x?}") };
    let words: Vec<u32> = (1..5).map(|n| flash.word(block + 4 * n)).collect();
    assert_eq!(words, [IMAGE, LAST, 0, BLOCK_ENDS], "{words:x?}");
    // Without an entry point of its own, a program begins by the table at the image's start.
    let (stack, first) = flash.begins(FLASH);
    assert!((0x2003_0000..=0x2003_8000).contains(&stack), "{stack:#x}");
    assert!((FLASH..STATE).contains(&first) && first % 2 == 1, "{first:#x}");

    // Nothing is to be done at the first start, and the program stands where the boot loader jumps.
    assert!(flash.bytes(STATE, 4096).iter().all(|byte| *byte == 0xff));
    let (stack, first) = flash.begins(ACTIVE);
    assert_eq!(stack, 0x2000_9000, "the stack is at the foot of the RAM: {stack:#x}");
    assert!((ACTIVE..ACTIVE + SLOT).contains(&first) && first % 2 == 1, "{first:#x}");
    let program = flash.bytes(ACTIVE, SLOT);
    assert!(program.windows(KIND.len()).any(|part| part == KIND.as_bytes()), "it says its kind");

    let page = flash.bytes(WHO, identity::MAX_IDENTITY as u32);
    let who = identity::read(&page).unwrap();
    assert_eq!((who.site, who.board), (SITE, "pit"));
}
