//! What is where in the flash of a board that is sold: the boot loader, the program, the linker's scripts of both and
//! the gateway, which writes a board's file, each say it in their own language, and all say the same.

const KEEPING: &str = include_str!("../../../boards/w5500-evb-pico/src/keeping.rs");
const BOOT: &str = include_str!("../../../boards/w5500-evb-pico-boot/src/main.rs");
const PROGRAMS: [&str; 2] = [
    include_str!("../../../boards/w5500-evb-pico/memory.x"),
    include_str!("../../../boards/w5500-evb-pico2/memory.x"),
];
const EMULATED: &str = include_str!("../../../boards/qemu-mps2/memory.x");
const BOOT_LOADERS: [&str; 2] = [
    include_str!("../../../boards/w5500-evb-pico-boot/memory.x"),
    include_str!("../../../boards/w5500-evb-pico2-boot/memory.x"),
];
const GATEWAY: &str = include_str!("../../../../gateway/daemon/src/board/kind.rs");

/// The flash, as the chip sees it.
const FLASH: u32 = 0x1000_0000;
/// The first byte of the RAM of each chip, and how much of it a program may take.
const RAM: u32 = 0x2000_0000;
const LIMIT: u32 = 96 * 1024;

/// A number as Rust or a linker's script writes it: sums and products of others.
fn number(text: &str, names: &dyn Fn(&str) -> u32) -> u32 {
    let one = |text: &str| {
        let text = text.trim().replace('_', "");
        let of =
            |text: &str, radix, unit: u32| u32::from_str_radix(text, radix).ok().map(|n| n * unit);
        let read = match (text.strip_prefix("0x"), text.strip_suffix('K')) {
            (Some(digits), _) => of(digits, 16, 1),
            (_, Some(digits)) => of(digits, 10, 1024),
            _ => of(&text, 10, 1),
        };
        read.unwrap_or_else(|| names(&text))
    };
    text.split('+').map(|sum| sum.split('*').map(one).product::<u32>()).sum()
}

/// A constant of a source.
fn constant(source: &str, name: &str) -> u32 {
    let begin = format!("const {name}: ");
    let line = source.lines().find(|line| line.starts_with(&begin));
    let line = line.unwrap_or_else(|| panic!("no {name}"));
    let value = line.split_once('=').unwrap().1.trim().trim_end_matches(';');
    number(value, &|other| match other {
        "ERASESIZE as u32" => 4096,
        other => constant(source, other),
    })
}

/// Where a region of a linker's script begins, and how long it is.
fn region(script: &str, name: &str) -> (u32, u32) {
    let begin = format!("{name} :");
    let line = script.lines().find_map(|line| line.trim().strip_prefix(&begin)).unwrap();
    let (origin, length) = line.split_once(", LENGTH =").unwrap();
    let none = |other: &str| panic!("{other} in a script");
    let origin = number(origin.split_once('=').unwrap().1, &none);
    let (length, less) = length.split_once('-').unwrap_or((length, "0"));
    (origin, number(length, &none) - number(less, &none))
}

#[test]
fn all_who_know_the_flash_know_the_same() {
    for name in ["SIZE", "PAGE", "STATE", "SLOT"] {
        assert_eq!(constant(KEEPING, name), constant(BOOT, name), "{name}");
    }
    let (state, slot) = (constant(BOOT, "STATE"), constant(BOOT, "SLOT"));
    let (active, second, page) =
        (constant(BOOT, "ACTIVE"), constant(BOOT, "SECOND"), constant(BOOT, "PAGE"));
    assert_eq!(constant(KEEPING, "SECOND"), second);
    let who = constant(KEEPING, "WHO");
    // None reaches into the next.
    assert!(state + page <= active && active + slot == second && second + slot + page <= who);
    for script in PROGRAMS {
        let (origin, length) = region(script, "FLASH");
        assert!(origin == FLASH + active && length <= slot, "{origin:#x} {length}");
    }
    for script in PROGRAMS.into_iter().chain([EMULATED]) {
        // Below the stack there is no RAM: one that is full must not write over what the program keeps.
        let (origin, length) = region(script, "STACK");
        assert_eq!(origin, RAM);
        assert_eq!(region(script, "RAM"), (RAM + length, LIMIT - length));
    }
    for script in BOOT_LOADERS {
        let (origin, length) = region(script, "FLASH");
        assert!(origin + length <= FLASH + state, "{origin:#x} {length}");
        assert_eq!(region(script, "STATE"), (FLASH + state, page));
    }
    let hex = |at: u32| {
        let digits = format!("{at:08x}");
        format!("0x{}_{}", &digits[..4], &digits[4..])
    };
    let program = format!("{}..{}", hex(FLASH + active), hex(FLASH + second));
    assert!(GATEWAY.contains(&program), "{program}");
    assert!(GATEWAY.contains(&hex(FLASH + who)), "who the board is");
}
