//! Links with which a person answers one incident or one muster without signing in, receipts for messages,
//! and calendars to subscribe to.
//!
//! A token is base64url of: purpose, fields, and the first 16 bytes of an HMAC-SHA-256 over both and
//! the site's name. Numbers are LEB128, so that a link fits into a text message.

use std::{io, path::Path};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use gengfu_core::{
    id::{IncidentId, MessageId, MusterId, PersonId, RosterId, SiteId},
    time::Timestamp,
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::secret;

/// Bytes of the HMAC that a token carries: 128 bits.
const MAC_LEN: usize = 16;
/// No token that was signed here is longer than this.
const MAX_LEN: usize = 400;
const ANSWER: u8 = 1;
const RECEIPT: u8 = 2;
const CALENDAR: u8 = 3;
const ROLL_CALL: u8 = 4;
const ALERTS: u8 = 5;
const KNOWN: u8 = 6;
/// Bytes by which one known browser differs from another.
const BROWSER_LEN: usize = 8;

/// The key with which links are signed.
#[derive(Clone)]
pub struct AnswerKey(Hmac<Sha256>);

/// What a link allows: to answer this incident as this person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The incident.
    pub incident: IncidentId,
    /// The person whom the link was sent to.
    pub person: PersonId,
    /// The message that carried it.
    pub message: MessageId,
    /// When it lapses.
    pub expires: Timestamp,
}

/// What a muster's link allows: to be counted as this person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollCall {
    /// The muster.
    pub muster: MusterId,
    /// The person whom the link was sent to.
    pub person: PersonId,
}

/// Why a link is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadLink {
    /// It was not made here, is cut short, or is for something else.
    #[error("this link is not valid: it may have been cut short. Open it from the message again")]
    Bad,
    /// Its time is over.
    #[error("this link has expired: sign in instead, or ask who is on duty")]
    Expired,
}

impl AnswerKey {
    /// The key of a site, made of 32 secret bytes.
    pub fn new(secret: &[u8; 32], site: &SiteId) -> Self {
        let mut mac = Self::keyed(secret);
        mac.update(b"gengfu link 1\0");
        mac.update(site.as_str().as_bytes());
        mac.update(b"\0");
        Self(mac)
    }

    /// The key kept in `path` (mode 0600), made at the first start.
    ///
    /// # Errors
    /// When the file can't be read or written, or does not hold 32 bytes.
    pub fn load(path: &Path, site: &SiteId) -> io::Result<Self> {
        let bytes = secret::read_or_make(path, || Ok(secret::random()?.to_vec()))?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| {
            io::Error::other(format!(
                "{}: not a key of 32 bytes. Remove the file to have a new one made; links that were sent before will not work any more",
                path.display()
            ))
        })?;
        Ok(Self::new(&bytes, site))
    }

    /// A token to answer `incident` as `person`, carried by `message`, until `expires`.
    pub fn sign(
        &self,
        incident: IncidentId,
        person: &PersonId,
        message: MessageId,
        expires: Timestamp,
    ) -> String {
        let mut fields = vec![ANSWER];
        put(&mut fields, incident.0);
        put(&mut fields, message.0);
        put(&mut fields, seconds(expires));
        fields.extend_from_slice(person.as_str().as_bytes());
        self.seal(fields)
    }

    /// What a token allows at `now`.
    ///
    /// # Errors
    /// [`BadLink`]: it was not signed here for this purpose, or has expired.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Answer, BadLink> {
        let fields = self.open(ANSWER, token)?;
        let mut rest = fields.as_slice();
        let incident = IncidentId(take(&mut rest).ok_or(BadLink::Bad)?);
        let message = MessageId(take(&mut rest).ok_or(BadLink::Bad)?);
        let expires = instant(take(&mut rest).ok_or(BadLink::Bad)?);
        let person = std::str::from_utf8(rest).ok().and_then(|id| id.parse().ok());
        let person = person.ok_or(BadLink::Bad)?;
        if now >= expires {
            return Err(BadLink::Expired);
        }
        Ok(Answer { incident, person, message, expires })
    }

    /// A token to be counted by `muster` as `person`, until `expires`.
    pub fn sign_roll_call(&self, call: &RollCall, expires: Timestamp) -> String {
        let mut fields = vec![ROLL_CALL];
        put(&mut fields, call.muster.0);
        put(&mut fields, seconds(expires));
        fields.extend_from_slice(call.person.as_str().as_bytes());
        self.seal(fields)
    }

    /// What a muster's token allows at `now`.
    ///
    /// # Errors
    /// [`BadLink`]: it was not signed here for this purpose, or has expired.
    pub fn verify_roll_call(&self, token: &str, now: Timestamp) -> Result<RollCall, BadLink> {
        let fields = self.open(ROLL_CALL, token)?;
        let mut rest = fields.as_slice();
        let muster = MusterId(take(&mut rest).ok_or(BadLink::Bad)?);
        let expires = instant(take(&mut rest).ok_or(BadLink::Bad)?);
        let person = std::str::from_utf8(rest).ok().and_then(|id| id.parse().ok());
        let person = person.ok_or(BadLink::Bad)?;
        if now >= expires { Err(BadLink::Expired) } else { Ok(RollCall { muster, person }) }
    }

    /// A token with which a person's device reports that `message` has arrived. It allows nothing
    /// else.
    pub fn sign_receipt(&self, message: MessageId, expires: Timestamp) -> String {
        let mut fields = vec![RECEIPT];
        put(&mut fields, message.0);
        put(&mut fields, seconds(expires));
        self.seal(fields)
    }

    /// The message that a receipt token names.
    ///
    /// # Errors
    /// [`BadLink`]: it was not signed here for this purpose, or has expired.
    pub fn verify_receipt(&self, token: &str, now: Timestamp) -> Result<MessageId, BadLink> {
        let fields = self.open(RECEIPT, token)?;
        let mut rest = fields.as_slice();
        let message = MessageId(take(&mut rest).ok_or(BadLink::Bad)?);
        let expires = instant(take(&mut rest).ok_or(BadLink::Bad)?);
        if !rest.is_empty() {
            return Err(BadLink::Bad);
        }
        if now >= expires { Err(BadLink::Expired) } else { Ok(message) }
    }

    /// A token with which a calendar program reads a roster's shifts, or those of one person. It never
    /// lapses: a calendar is subscribed to once. It is void once the key is made anew, or the roster or the
    /// person is gone.
    pub fn sign_calendar(&self, roster: &RosterId, person: Option<&PersonId>) -> String {
        let mut fields = vec![CALENDAR];
        fields.extend_from_slice(roster.as_str().as_bytes());
        fields.push(0);
        fields.extend_from_slice(person.map(PersonId::as_str).unwrap_or_default().as_bytes());
        self.seal(fields)
    }

    /// The roster, and perhaps the person, that a calendar's token names.
    ///
    /// # Errors
    /// [`BadLink::Bad`]: it was not signed here for this purpose.
    pub fn verify_calendar(&self, token: &str) -> Result<(RosterId, Option<PersonId>), BadLink> {
        let fields = self.open(CALENDAR, token)?;
        let text = std::str::from_utf8(&fields).map_err(|_| BadLink::Bad)?;
        let (roster, person) = text.split_once('\0').ok_or(BadLink::Bad)?;
        let person = (!person.is_empty()).then(|| person.parse()).transpose();
        let roster = roster.parse().map_err(|_| BadLink::Bad)?;
        Ok((roster, person.map_err(|_| BadLink::Bad)?))
    }

    /// A token to read the alerts of this site, for as long as this person may.
    pub fn sign_alerts(&self, person: &PersonId) -> String {
        let mut fields = vec![ALERTS];
        fields.extend_from_slice(person.as_str().as_bytes());
        self.seal(fields)
    }

    /// Whose right to read the alerts a token carries.
    ///
    /// # Errors
    /// [`BadLink::Bad`]: it was not signed here for this purpose.
    pub fn verify_alerts(&self, token: &str) -> Result<PersonId, BadLink> {
        let fields = self.open(ALERTS, token)?;
        let person = std::str::from_utf8(&fields).ok().and_then(|id| id.parse().ok());
        person.ok_or(BadLink::Bad)
    }

    /// A token that says that this person has signed in with the browser which `random` stands for. It
    /// lets nobody in.
    pub(crate) fn sign_known(&self, person: &PersonId, random: &[u8; 32]) -> String {
        let mut fields = vec![KNOWN];
        fields.extend_from_slice(&random[..BROWSER_LEN]);
        fields.extend_from_slice(person.as_str().as_bytes());
        self.seal(fields)
    }

    /// Who has signed in with the browser that has this token.
    ///
    /// # Errors
    /// [`BadLink::Bad`]: it was not signed here for this purpose.
    pub(crate) fn verify_known(&self, token: &str) -> Result<PersonId, BadLink> {
        let fields = self.open(KNOWN, token)?;
        let person = fields.get(BROWSER_LEN..).and_then(|rest| std::str::from_utf8(rest).ok());
        person.and_then(|id| id.parse().ok()).ok_or(BadLink::Bad)
    }

    fn keyed(secret: &[u8; 32]) -> Hmac<Sha256> {
        // A block-sized key needs no hashing first, and so has no length that could be refused.
        let mut block = [0; 64];
        block[..32].copy_from_slice(secret);
        Hmac::new(&block.into())
    }

    fn seal(&self, mut fields: Vec<u8>) -> String {
        let mac = self.0.clone().chain_update(&fields).finalize().into_bytes();
        fields.extend_from_slice(&mac[..MAC_LEN]);
        BASE64_URL_SAFE_NO_PAD.encode(fields)
    }

    fn open(&self, purpose: u8, token: &str) -> Result<Vec<u8>, BadLink> {
        if token.len() > MAX_LEN {
            return Err(BadLink::Bad);
        }
        let mut fields = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| BadLink::Bad)?;
        let at = fields.len().checked_sub(MAC_LEN).ok_or(BadLink::Bad)?;
        let mac = fields.split_off(at);
        self.0
            .clone()
            .chain_update(&fields)
            .verify_truncated_left(&mac)
            .map_err(|_| BadLink::Bad)?;
        match fields.first() {
            Some(first) if *first == purpose => Ok(fields.split_off(1)),
            _ => Err(BadLink::Bad),
        }
    }
}

fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.as_millis() / 1000).unwrap_or(0)
}

fn instant(seconds: u64) -> Timestamp {
    Timestamp::from_millis(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000))
}

fn put(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

fn take(from: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = from.split_first()?;
        *from = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use gengfu_core::time::Span;

    use super::*;

    fn key() -> AnswerKey {
        AnswerKey::new(&[7; 32], &SiteId::from("linden-court"))
    }

    fn now() -> Timestamp {
        "2026-11-23T08:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_link_says_who_may_answer_what_and_until_when() {
        let until = now() + Span::hours(24);
        let token = key().sign(IncidentId(300), &PersonId::from("李雷"), MessageId(70_000), until);
        assert!(token.len() < 60, "it must fit a text message: {token}");
        let answer = key().verify(&token, now()).unwrap();
        assert_eq!(
            answer,
            Answer {
                incident: IncidentId(300),
                person: PersonId::from("李雷"),
                message: MessageId(70_000),
                expires: until
            }
        );
        assert_eq!(key().verify(&token, until), Err(BadLink::Expired));
    }

    #[test]
    fn no_changed_byte_gets_through() {
        let until = now() + Span::hours(1);
        let token = key().sign(IncidentId(1), &PersonId::from("wang"), MessageId(2), until);
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&token).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let changed = BASE64_URL_SAFE_NO_PAD.encode(changed);
            assert_eq!(key().verify(&changed, now()), Err(BadLink::Bad), "byte {at}");
        }
        for cut in 0..token.len() {
            assert_eq!(key().verify(&token[..cut], now()), Err(BadLink::Bad), "cut at {cut}");
        }
        assert_eq!(key().verify(&"A".repeat(100_000), now()), Err(BadLink::Bad));
    }

    #[test]
    fn a_receipt_acknowledges_nothing_and_a_link_is_no_receipt() {
        let until = now() + Span::hours(1);
        let receipt = key().sign_receipt(MessageId(5), until);
        assert_eq!(key().verify_receipt(&receipt, now()), Ok(MessageId(5)));
        assert_eq!(key().verify(&receipt, now()), Err(BadLink::Bad));
        let link = key().sign(IncidentId(1), &PersonId::from("wang"), MessageId(5), until);
        assert_eq!(key().verify_receipt(&link, now()), Err(BadLink::Bad));
    }

    #[test]
    fn a_neighbouring_site_with_the_same_secret_signs_nothing_for_this_one() {
        let other = AnswerKey::new(&[7; 32], &SiteId::from("linden-court-2"));
        let until = now() + Span::hours(1);
        let token = other.sign(IncidentId(1), &PersonId::from("wang"), MessageId(1), until);
        assert_eq!(key().verify(&token, now()), Err(BadLink::Bad));
    }

    #[test]
    fn the_key_is_made_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("answer.key");
        let site = SiteId::from("home");
        let until = now() + Span::hours(1);
        let token = AnswerKey::load(&path, &site).unwrap().sign_receipt(MessageId(1), until);
        let again = AnswerKey::load(&path, &site).unwrap();
        assert_eq!(again.verify_receipt(&token, now()), Ok(MessageId(1)));
        std::fs::write(&path, b"short").unwrap();
        let error = AnswerKey::load(&path, &site).err().unwrap().to_string();
        assert!(error.contains("answer.key") && error.contains("Remove"), "{error}");
    }
}
