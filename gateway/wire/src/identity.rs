//! Who a board is, as bytes for a flash page of their own: one firmware image serves all boards, and
//! an update leaves who they are alone. Written once on a computer, read by the board at each start.
//!
//! ```text
//! "GFID"  1 byte version  1 byte 0  2 bytes length of the fields
//! fields: 1 byte tag, 1 byte length, so many bytes
//! 4 bytes CRC-32 (IEEE) of all that stands before
//! ```
//! Numbers are little-endian. Fields that are not known are passed over, so that version 1 can grow.

use core::fmt;

/// The first bytes of such a page.
pub const MAGIC: [u8; 4] = *b"GFID";
/// The layout that is written and read here.
pub const LAYOUT: u8 = 1;
/// A text is never longer than this, in bytes.
pub const MAX_TEXT: usize = 64;
/// So many addresses of a gateway have room.
pub const MAX_GATEWAYS: usize = 3;
/// An identity is never longer than this, in bytes.
pub const MAX_IDENTITY: usize =
    HEADER + (4 + MAX_GATEWAYS) * (2 + MAX_TEXT) + 2 * (2 + KEY) + CHECKSUM;

const HEADER: usize = 8;
const CHECKSUM: usize = 4;
const KEY: usize = 32;

const SITE: u8 = 1;
const BOARD: u8 = 2;
const PASSWORD: u8 = 3;
const GATEWAY: u8 = 4;
const GATEWAY_KEY: u8 = 5;
const UPDATE_KEY: u8 = 6;
const ADDRESS: u8 = 7;

/// Who a board is, and whom it trusts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Credentials<'a> {
    /// The gateway's site.
    pub site: &'a str,
    /// The board's name, which is its user name and its client id too.
    pub board: &'a str,
    /// Its password. Never to be logged.
    pub password: &'a str,
    /// Where the broker is, as `host:port`, to be tried in this order; at least the first.
    pub gateways: [Option<&'a str>; MAX_GATEWAYS],
    /// SHA-256 of the public key of the broker's certificate; none where there is no TLS.
    pub gateway_key: Option<[u8; KEY]>,
    /// The ed25519 public key that updates are signed by; none where the board takes no updates.
    pub update_key: Option<[u8; KEY]>,
    /// The board's own address where it is fixed: `address/prefix`, then the router's, then the name
    /// server's, with a blank between each; none where DHCP gives it.
    pub address: Option<&'a str>,
}

/// The password is not shown.
impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("site", &self.site)
            .field("board", &self.board)
            .field("gateways", &self.gateways)
            .field("gateway_key", &self.gateway_key)
            .field("update_key", &self.update_key)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Why there is no identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityError {
    /// Nothing was ever written there.
    Empty,
    /// Of a layout that this firmware does not know.
    Layout(u8),
    /// Not what was written: cut short, or its checksum is wrong.
    Damaged,
    /// Site, board, password or the first gateway is missing, or is longer than 64 bytes.
    Incomplete,
    /// The buffer is too short for it.
    TooLong,
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IdentityError::Empty => f.write_str("this board has no identity yet"),
            IdentityError::Layout(found) => {
                write!(f, "an identity of layout {found}: only {LAYOUT} is known here")
            }
            IdentityError::Damaged => f.write_str("the identity is damaged: write it again"),
            IdentityError::Incomplete => write!(
                f,
                "an identity has a site, a board, a password and a gateway, each of 1 to {MAX_TEXT} bytes"
            ),
            IdentityError::TooLong => write!(f, "an identity needs up to {MAX_IDENTITY} bytes"),
        }
    }
}
impl core::error::Error for IdentityError {}

/// Writes an identity into `page` and returns the part that was used.
///
/// # Errors
/// Where something is missing or too long, or the page is too short.
pub fn write<'p>(who: &Credentials<'_>, page: &'p mut [u8]) -> Result<&'p [u8], IdentityError> {
    who.check()?;
    let mut out = Writer { page, used: 0 };
    out.put(&MAGIC)?;
    out.put(&[LAYOUT, 0, 0, 0])?;
    for (tag, text) in [(SITE, who.site), (BOARD, who.board), (PASSWORD, who.password)] {
        out.field(tag, text.as_bytes())?;
    }
    for gateway in who.gateways.into_iter().flatten() {
        out.field(GATEWAY, gateway.as_bytes())?;
    }
    for (tag, key) in [(GATEWAY_KEY, who.gateway_key), (UPDATE_KEY, who.update_key)] {
        if let Some(key) = key {
            out.field(tag, &key)?;
        }
    }
    if let Some(address) = who.address {
        out.field(ADDRESS, address.as_bytes())?;
    }
    let Writer { page, mut used } = out;
    let length = u16::try_from(used - HEADER).map_err(|_| IdentityError::TooLong)?;
    page[HEADER - 2..HEADER].copy_from_slice(&length.to_le_bytes());
    let checksum = crc32(&page[..used]).to_le_bytes();
    page.get_mut(used..used + CHECKSUM).ok_or(IdentityError::TooLong)?.copy_from_slice(&checksum);
    used += CHECKSUM;
    Ok(&page[..used])
}

/// Reads the identity that a page begins with. What stands behind it does not matter.
///
/// # Errors
/// Where there is none that can be used; see [`IdentityError`].
pub fn read(page: &[u8]) -> Result<Credentials<'_>, IdentityError> {
    let header = page.get(..HEADER).ok_or(IdentityError::Damaged)?;
    if header.iter().all(|byte| *byte == 0xff) {
        return Err(IdentityError::Empty);
    }
    if header[..4] != MAGIC {
        return Err(IdentityError::Damaged);
    }
    if header[4] != LAYOUT {
        return Err(IdentityError::Layout(header[4]));
    }
    let end = HEADER + usize::from(u16::from_le_bytes([header[6], header[7]]));
    let checksum = page.get(end..end + CHECKSUM).ok_or(IdentityError::Damaged)?;
    if crc32(&page[..end]).to_le_bytes() != *checksum {
        return Err(IdentityError::Damaged);
    }
    let mut who = Credentials {
        site: "",
        board: "",
        password: "",
        gateways: [None; MAX_GATEWAYS],
        gateway_key: None,
        update_key: None,
        address: None,
    };
    let mut rest = &page[HEADER..end];
    while let [tag, length, following @ ..] = rest {
        let Some((value, behind)) = following.split_at_checked(usize::from(*length)) else {
            return Err(IdentityError::Damaged);
        };
        who.take(*tag, value)?;
        rest = behind;
    }
    who.check()?;
    Ok(who)
}

impl<'a> Credentials<'a> {
    fn check(&self) -> Result<(), IdentityError> {
        let first = self.gateways[0].ok_or(IdentityError::Incomplete)?;
        let fits = |text: &str| (1..=MAX_TEXT).contains(&text.len());
        let all = [self.site, self.board, self.password, first];
        let further = self.gateways.iter().chain([&self.address]).flatten();
        match all.iter().chain(further).all(|text| fits(text)) {
            true => Ok(()),
            false => Err(IdentityError::Incomplete),
        }
    }

    fn take(&mut self, tag: u8, value: &'a [u8]) -> Result<(), IdentityError> {
        let text = || core::str::from_utf8(value).map_err(|_| IdentityError::Damaged);
        let key = || <[u8; KEY]>::try_from(value).map_err(|_| IdentityError::Damaged);
        match tag {
            SITE => self.site = text()?,
            BOARD => self.board = text()?,
            PASSWORD => self.password = text()?,
            GATEWAY => {
                if let Some(free) = self.gateways.iter_mut().find(|known| known.is_none()) {
                    *free = Some(text()?);
                }
            }
            GATEWAY_KEY => self.gateway_key = Some(key()?),
            UPDATE_KEY => self.update_key = Some(key()?),
            ADDRESS => self.address = Some(text()?),
            _ => {}
        }
        Ok(())
    }
}

struct Writer<'p> {
    page: &'p mut [u8],
    used: usize,
}

impl Writer<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), IdentityError> {
        let end = self.used + bytes.len();
        let room = self.page.get_mut(self.used..end).ok_or(IdentityError::TooLong)?;
        room.copy_from_slice(bytes);
        self.used = end;
        Ok(())
    }

    fn field(&mut self, tag: u8, value: &[u8]) -> Result<(), IdentityError> {
        let length = u8::try_from(value.len()).map_err(|_| IdentityError::TooLong)?;
        self.put(&[tag, length])?;
        self.put(value)
    }
}

/// CRC-32 as in Ethernet and ZIP; "123456789" gives CBF43926.
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & 0u32.wrapping_sub(crc & 1));
        }
    }
    !crc
}
