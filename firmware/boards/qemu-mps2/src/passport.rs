//! Who this board is, and where its gateway is: lines of text in the machine's second RAM, which
//! QEMU's loader puts there before each start. In memory rather than on QEMU's command line, since
//! everybody on the host may read that, and the password is among the lines.

use gengfu_board::net::settings::{Address, Gateway, Settings};
use heapless::Vec;

/// Where it stands.
pub const AT: usize = 0x2100_0000;
/// It is not longer, in bytes; a zero ends it.
const LENGTH: usize = 1024;

/// What stands in it.
#[derive(Clone)]
pub struct Passport {
    /// The gateway's site.
    pub site: &'static str,
    /// The board's name.
    pub board: &'static str,
    /// The way to the gateway.
    pub settings: Settings<'static>,
}

/// Reads it; none where it is missing or names something twice, unknown, or wrong.
pub fn read() -> Option<Passport> {
    // SAFETY: AN385 has 16 MB of RAM there, which nothing else uses, and which nobody writes.
    let bytes = unsafe { core::slice::from_raw_parts(AT as *const u8, LENGTH) };
    let text = core::str::from_utf8(bytes.split(|byte| *byte == 0).next()?).ok()?;
    let (mut site, mut board, mut password, mut address) = (None, None, None, None);
    let mut gateways = Vec::new();
    for line in text.lines() {
        let (key, value) = line.split_once(' ')?;
        let before = match key {
            "site" => site.replace(value),
            "board" => board.replace(value),
            "password" => password.replace(value),
            "gateway" => gateways.push(Gateway::parse(value)?).err().map(|_| value),
            "address" => address.replace(Address::parse(value)?).map(|_| value),
            _ => return None,
        };
        if before.is_some() {
            return None;
        }
    }
    let address = address.unwrap_or(Address::Dhcp);
    let settings = Settings { password: password?, gateways, address };
    Some(Passport { site: site?, board: board?, settings })
}
