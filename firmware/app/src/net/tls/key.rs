//! Whether who answers is the gateway: the public key of its certificate has the SHA-256 that stands in the
//! board's identity, and the handshake is signed by that very key.
//!
//! Nothing else of the certificate counts. Its names do not, since the key is one gateway's. Its dates do not
//! either: a board has no clock before the gateway has told it the time, and one that found its gateway's
//! certificate too old would be a board that nobody hears. Who has lost the key makes a new one, and new
//! files for the boards.

use embedded_tls::{
    Aes128GcmSha256, CertificateEntryRef, CertificateRef, CertificateVerifyRef, CryptoProvider,
    CryptoRngCore, SignatureScheme, TlsError, TlsVerifier,
};
use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier};
use sha2::{Digest, Sha256};

use super::random::Random;

/// A public key of P-256 in a certificate begins so: what kind it is, and that 65 bytes follow (RFC 5480).
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A,
    0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// What a server signs begins with these (RFC 8446, 4.4.3).
const BLANKS: [u8; 64] = [0x20; 64];
const CONTEXT: &[u8; 34] = b"TLS 1.3, server CertificateVerify\0";
const HASH: usize = 32;
/// All that a server signs, in bytes.
const SIGNED: usize = BLANKS.len() + CONTEXT.len() + HASH;

/// DER: a sequence, a number, and what stands in front of a certificate's version.
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const VERSION: u8 = 0xA0;

/// Holds a handshake against the one key.
pub struct Known<'k> {
    key: &'k [u8; HASH],
    found: Option<(VerifyingKey, [u8; HASH])>,
    is_stranger: bool,
    is_proven: bool,
}

impl<'k> Known<'k> {
    /// `key` is the SHA-256 of the gateway's public key as it stands in its certificate.
    pub const fn new(key: &'k [u8; HASH]) -> Self {
        Self { key, found: None, is_stranger: false, is_proven: false }
    }

    /// It is the gateway. The engine asks for a certificate and a signature where the other side sends
    /// them; that they came at all is known here alone.
    pub const fn is_proven(&self) -> bool {
        self.is_proven && !self.is_stranger
    }

    /// Who answered showed another key, or could not sign by this one.
    pub const fn is_stranger(&self) -> bool {
        self.is_stranger
    }

    /// A certificate was shown, in DER, after what this hash is of.
    ///
    /// # Errors
    /// Where it is not the gateway's.
    pub fn certificate(&mut self, der: &[u8], transcript: [u8; HASH]) -> Result<(), TlsError> {
        let found = public_key(der).filter(|key| Sha256::digest(key).as_slice() == self.key);
        let point = found.and_then(|key| key.strip_prefix(&P256));
        match point.and_then(|point| VerifyingKey::from_sec1_bytes(point).ok()) {
            Some(key) => {
                self.found = Some((key, transcript));
                Ok(())
            }
            None => self.refuse(TlsError::InvalidCertificate),
        }
    }

    /// The handshake was signed so, in DER.
    ///
    /// # Errors
    /// Where the gateway's key did not do it, or no certificate came before.
    pub fn signature(&mut self, scheme: SignatureScheme, der: &[u8]) -> Result<(), TlsError> {
        let Some((key, transcript)) = &self.found else {
            return self.refuse(TlsError::InvalidSignature);
        };
        let mut signed = [0; SIGNED];
        let all = BLANKS.iter().chain(CONTEXT).chain(transcript);
        for (to, from) in signed.iter_mut().zip(all) {
            *to = *from;
        }
        let signature = in_der(der);
        let is_ours = scheme == SignatureScheme::EcdsaSecp256r1Sha256
            && signature.is_some_and(|signature| key.verify(&signed, &signature).is_ok());
        if !is_ours {
            return self.refuse(TlsError::InvalidSignature);
        }
        self.is_proven = true;
        Ok(())
    }

    fn refuse(&mut self, error: TlsError) -> Result<(), TlsError> {
        self.is_stranger = true;
        Err(error)
    }
}

impl TlsVerifier<Aes128GcmSha256> for Known<'_> {
    fn set_hostname_verification(&mut self, _: &str) -> Result<(), TlsError> {
        Ok(())
    }

    fn verify_certificate(
        &mut self,
        transcript: &Sha256,
        shown: CertificateRef<'_>,
    ) -> Result<(), TlsError> {
        match shown.entries.first() {
            Some(CertificateEntryRef::X509(der)) => {
                self.certificate(der, transcript.clone().finalize().into())
            }
            _ => self.refuse(TlsError::InvalidCertificate),
        }
    }

    fn verify_signature(&mut self, shown: CertificateVerifyRef<'_>) -> Result<(), TlsError> {
        self.signature(shown.signature_scheme, shown.signature)
    }
}

/// What the engine asks for in a handshake.
pub(super) struct Provider<'p, 'k> {
    pub known: &'p mut Known<'k>,
    pub random: &'p mut Random,
}

impl CryptoProvider for Provider<'_, '_> {
    type CipherSuite = Aes128GcmSha256;
    /// A board signs nothing: its password says who it is.
    type Signature = [u8; 0];

    fn rng(&mut self) -> impl CryptoRngCore {
        &mut *self.random
    }

    fn verifier(&mut self) -> Result<&mut impl TlsVerifier<Aes128GcmSha256>, TlsError> {
        Ok(&mut *self.known)
    }
}

/// The public key in a certificate, with what kind of key it is; none where it is no certificate.
pub fn public_key(der: &[u8]) -> Option<&[u8]> {
    let (certificate, _) = inside(der, SEQUENCE)?;
    let (mut rest, _) = inside(certificate, SEQUENCE)?;
    if let Some((_, behind)) = inside(rest, VERSION) {
        rest = behind;
    }
    (_, rest) = inside(rest, INTEGER)?;
    // Which signature, by whom, from when to when, for whom.
    for _ in 0..4 {
        (_, rest) = inside(rest, SEQUENCE)?;
    }
    let (_, behind) = inside(rest, SEQUENCE)?;
    rest.get(..rest.len().checked_sub(behind.len())?)
}

/// A signature in DER: two numbers, and nothing else. Read here, since the library that reads any DER takes
/// 5 KB of the flash.
fn in_der(der: &[u8]) -> Option<Signature> {
    let (numbers, behind) = inside(der, SEQUENCE)?;
    let (r, rest) = inside(numbers, INTEGER)?;
    let (s, more) = inside(rest, INTEGER)?;
    if !behind.is_empty() || !more.is_empty() {
        return None;
    }
    // Zero, and what the curve is too small for, is refused here.
    Signature::from_scalars(scalar(r)?, scalar(s)?).ok()
}

/// A number of DER in 32 bytes; none where it is negative, too long, or not written as shortly as it can be.
fn scalar(number: &[u8]) -> Option<[u8; HASH]> {
    let digits = match number {
        [0, rest @ ..] if matches!(rest, [0x80..=0xFF, ..]) => rest,
        [0 | 0x80..=0xFF, ..] | [] => return None,
        digits => digits,
    };
    let mut scalar = [0; HASH];
    let from = HASH.checked_sub(digits.len())?;
    scalar.get_mut(from..)?.copy_from_slice(digits);
    Some(scalar)
}

/// What stands in the first value, which must be of this kind, and what stands behind it.
fn inside(der: &[u8], kind: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, short], rest) = der.split_first_chunk::<2>()?;
    let (length, rest) = match short {
        0x81 => rest.split_first_chunk::<1>().map(|(n, rest)| (usize::from(n[0]), rest))?,
        0x82 => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        0x80.. => return None,
        short => (usize::from(short), rest),
    };
    rest.split_at_checked(length).filter(|_| found == kind)
}
