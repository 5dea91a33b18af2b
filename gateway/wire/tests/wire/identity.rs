//! The page that says who a board is.

use std::fmt::Write;

use gengfu_wire::identity::{
    Credentials, IdentityError, MAX_IDENTITY, MAX_TEXT, crc32, read, write,
};
use proptest::prelude::*;

const WHO: Credentials<'static> = Credentials {
    site: "garden-12",
    board: "lift-1",
    password: "00112233445566778899aabbccddeeff",
    gateways: [Some("gengfu.lan:8883"), Some("192.168.1.10:1883"), None],
    gateway_key: Some([0xA5; 32]),
    update_key: None,
    address: None,
};

fn page(who: &Credentials<'_>) -> Vec<u8> {
    write(who, &mut [0; MAX_IDENTITY]).unwrap().to_vec()
}

#[test]
fn the_page_is_what_boards_in_the_field_were_written_with() {
    let mut shown = String::new();
    for line in page(&WHO).chunks(16) {
        for byte in line {
            write!(shown, "{byte:02x} ").unwrap();
        }
        let plain = |byte: &u8| if byte.is_ascii_graphic() { char::from(*byte) } else { '.' };
        writeln!(shown, " {}", line.iter().map(plain).collect::<String>()).unwrap();
    }
    insta::assert_snapshot!("identity", shown);
}

#[test]
fn what_was_written_is_read_whatever_stands_behind_it() {
    let mut flash = [0xff; 4096];
    let bytes = page(&WHO);
    flash[..bytes.len()].copy_from_slice(&bytes);
    assert_eq!(read(&flash), Ok(WHO));
    assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
}

#[test]
fn what_is_no_identity_says_why() {
    assert_eq!(read(&[0xff; 4096]), Err(IdentityError::Empty));
    assert_eq!(read(&[0; 4096]), Err(IdentityError::Damaged));
    assert_eq!(read(&[]), Err(IdentityError::Damaged));
    let whole = page(&WHO);
    for at in 0..whole.len() {
        assert!(read(&whole[..at]).is_err(), "cut at {at}");
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        assert!(read(&damaged).is_err(), "damaged at {at}");
    }
    let mut later = whole;
    later[4] = 2;
    assert_eq!(read(&later), Err(IdentityError::Layout(2)));
    let (nobody, nowhere) = (Credentials { board: "", ..WHO }, [None; 3]);
    let long = "x".repeat(MAX_TEXT + 1);
    let long = Credentials { gateways: [Some("a:1"), Some(&long), None], ..WHO };
    for who in [nobody, Credentials { gateways: nowhere, ..WHO }, long] {
        assert_eq!(write(&who, &mut [0; 1024]), Err(IdentityError::Incomplete));
    }
    assert_eq!(write(&WHO, &mut [0; 60]), Err(IdentityError::TooLong));
}

#[test]
fn fields_of_a_later_firmware_are_passed_over() {
    let mut bytes = page(&WHO);
    bytes.truncate(bytes.len() - 4);
    bytes.extend([200, 3, 1, 2, 3]);
    let length = u16::try_from(bytes.len() - 8).unwrap();
    bytes[6..8].copy_from_slice(&length.to_le_bytes());
    let checksum = crc32(&bytes);
    bytes.extend(checksum.to_le_bytes());
    assert_eq!(read(&bytes), Ok(WHO));
}

#[test]
fn the_password_is_not_shown() {
    assert!(!format!("{WHO:?}").contains("0011"));
}

#[test]
fn the_longest_identity_has_room() {
    let long = "x".repeat(MAX_TEXT);
    let who = Credentials {
        site: &long,
        board: &long,
        password: &long,
        gateways: [Some(&long); 3],
        gateway_key: Some([1; 32]),
        update_key: Some([2; 32]),
        address: Some(&long),
    };
    let bytes = page(&who);
    assert_eq!((bytes.len(), read(&bytes)), (MAX_IDENTITY, Ok(who)));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        _ = read(&bytes);
        if bytes.len() > 12 {
            let end = bytes.len() - 4;
            bytes[..6].copy_from_slice(b"GFID\x01\x00");
            let length = u16::try_from(end - 8).unwrap();
            bytes[6..8].copy_from_slice(&length.to_le_bytes());
            let checksum = crc32(&bytes[..end]);
            bytes[end..].copy_from_slice(&checksum.to_le_bytes());
            _ = read(&bytes);
        }
    }
}
