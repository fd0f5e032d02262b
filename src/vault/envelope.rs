//! The layout of every sealed value: `version (1) | key id (4) | nonce (24) | ciphertext and tag (n + 16)`.
//! It knows bytes and places, not whose they are.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::Rng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The only layout so far.
const VERSION: u8 = 1;
const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;

/// Why a value could not be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The value is shorter than its own header.
    #[error("the sealed value is cut short")]
    Truncated,
    /// The value was made by a newer version of this program.
    #[error("the sealed value has layout {0}, this program knows only layout 1")]
    UnknownLayout(u8),
    /// No key at hand has this id: a lost key file, or another person's key.
    #[error("the value was sealed under key {0}, which is not at hand")]
    UnknownKey(KeyId),
    /// Authentication failed: changed bytes, or bytes that belong into another table, column or row.
    #[error("the sealed value was changed or does not belong here")]
    Refused,
    /// The plain value is too large for one envelope (far above 2^32 bytes).
    #[error("the value is too large to be sealed")]
    TooLarge,
}

/// The name of a key: the first four bytes of a SHA-256 over purpose and key, so that no file can claim a
/// wrong one and two keys never share one by mistake. Not secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; KEY_ID_BYTES]);

impl KeyId {
    pub(super) fn of(purpose: &str, key: &[u8]) -> Self {
        let digest =
            Sha256::new().chain_update(b"legation key id\0").chain_update(purpose).chain_update(b"\0");
        let digest: [u8; 32] = digest.chain_update(key).finalize().into();
        let [a, b, c, d, ..] = digest;
        Self([a, b, c, d])
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

/// One symmetric key with its id. Wiped when dropped, never printed.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) id: KeyId,
    pub(super) bytes: Zeroizing<[u8; 32]>,
}

impl Key {
    pub(super) fn new(purpose: &str, bytes: Zeroizing<[u8; 32]>) -> Self {
        Self { id: KeyId::of(purpose, bytes.as_slice()), bytes }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, redacted)", self.id)
    }
}

/// Where a sealed value lives. It is authenticated, so that a value copied into another place does not open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) table: &'a str,
    pub(super) column: &'a str,
    pub(super) row: &'a [u8],
}

impl Place<'_> {
    /// `"legation" 0 version`, then table, column and row, each with its length before it as a 64-bit number:
    /// without lengths, ("ab", "c") and ("a", "bc") would be one place.
    fn associated_data(&self) -> Vec<u8> {
        let mut data = b"legation\0".to_vec();
        data.push(VERSION);
        for part in [self.table.as_bytes(), self.column.as_bytes(), self.row] {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            data.extend_from_slice(&length.to_be_bytes());
            data.extend_from_slice(part);
        }
        data
    }
}

/// Seals under a fresh random nonce.
pub(super) fn seal(key: &Key, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
    let mut nonce = [0_u8; NONCE_BYTES];
    rand::rng().fill_bytes(&mut nonce);
    seal_with_nonce(key, place, plain, nonce)
}

fn seal_with_nonce(
    key: &Key,
    place: Place<'_>,
    plain: &[u8],
    nonce: [u8; NONCE_BYTES],
) -> Result<Vec<u8>, VaultError> {
    let payload = Payload { msg: plain, aad: &place.associated_data() };
    let ciphertext = cipher(key).encrypt(&XNonce::from(nonce), payload).or(Err(VaultError::TooLarge))?;
    let mut sealed = Vec::with_capacity(1 + KEY_ID_BYTES + NONCE_BYTES + ciphertext.len());
    sealed.push(VERSION);
    sealed.extend_from_slice(&key.id.0);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&ciphertext);
    Ok(sealed)
}

/// Opens with whichever of the keys bears the id that the value names.
pub(super) fn open(keys: &[Key], place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let (version, rest) = sealed.split_first().ok_or(VaultError::Truncated)?;
    if *version != VERSION {
        return Err(VaultError::UnknownLayout(*version));
    }
    let (id, rest) = rest.split_first_chunk::<KEY_ID_BYTES>().ok_or(VaultError::Truncated)?;
    let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(VaultError::Truncated)?;
    let id = KeyId(*id);
    let key = keys.iter().find(|key| key.id == id).ok_or(VaultError::UnknownKey(id))?;
    let payload = Payload { msg: ciphertext, aad: &place.associated_data() };
    let plain = cipher(key).decrypt(&XNonce::from(*nonce), payload).or(Err(VaultError::Refused))?;
    Ok(Zeroizing::new(plain))
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&(*key.bytes).into())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    const PLACE: Place<'_> = Place { table: "travel_documents", column: "number", row: b"row-1" };

    fn key(byte: u8) -> Key {
        Key::new(
            "person",
            Zeroizing::new(std::array::from_fn(|i| byte.wrapping_add(u8::try_from(i).unwrap()))),
        )
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
    }

    /// The bytes are in databases out there: if this changes, nothing old opens any more.
    #[test]
    fn layout_1_is_what_it_always_was() {
        let sealed = seal_with_nonce(&key(7), PLACE, b"C1234567", [9; NONCE_BYTES]).unwrap();
        assert_eq!(
            hex(&PLACE.associated_data()),
            "6c65676174696f6e0001000000000000001074726176656c5f646f63756d656e747300000000000000066e756d626572\
             0000000000000005726f772d31"
        );
        assert_eq!(
            hex(&sealed),
            "01a42c997e090909090909090909090909090909090909090909090909b69c235ce401e652284515c2297c85699b0f1c12e7104fb9"
        );
        assert_eq!(open(&[key(7)], PLACE, &sealed).unwrap().as_slice(), b"C1234567");
    }

    #[test]
    fn opens_only_in_its_own_place() {
        let sealed = seal(&key(7), PLACE, b"C1234567").unwrap();
        for place in [
            Place { table: "people", ..PLACE },
            Place { column: "old_number", ..PLACE },
            Place { row: b"row-2", ..PLACE },
            Place { table: "travel_document", column: "snumber", ..PLACE },
        ] {
            assert_eq!(open(&[key(7)], place, &sealed).unwrap_err(), VaultError::Refused, "{place:?}");
        }
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let sealed = seal(&key(7), PLACE, b"C1234567").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open(&[key(7)], PLACE, &changed).is_err(), "byte {at}");
        }
        for length in 0..sealed.len() {
            assert!(open(&[key(7)], PLACE, &sealed[..length]).is_err(), "length {length}");
        }
        assert_eq!(open(&[key(7)], PLACE, &[2, 0]).unwrap_err(), VaultError::UnknownLayout(2));
        assert_eq!(open(&[key(8)], PLACE, &sealed).unwrap_err(), VaultError::UnknownKey(key(7).id));
    }

    #[test]
    fn the_same_value_never_looks_the_same() {
        assert_ne!(seal(&key(7), PLACE, b"C1").unwrap(), seal(&key(7), PLACE, b"C1").unwrap());
    }
}
