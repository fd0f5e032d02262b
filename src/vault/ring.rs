//! The keys of one installation and what is done with them.
//! It knows purposes and ids of keys, not the tables whose values it seals.

use std::fmt;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use hmac::{Hmac, KeyInit, Mac};
use rand::rngs::StdRng;
use rand::{CryptoRng, Rng, SeedableRng};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::envelope::{self, Key, Place, VaultError};

/// What a key is for. No key serves two purposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Wraps the key of each person.
    Wrap,
    /// Makes blind indexes over passport numbers.
    Index,
    /// Seals what belongs to no person, such as stored answers.
    Seal,
    /// Makes fingerprints of requests and of typed names.
    Mac,
    /// Signs access tokens (Ed25519).
    Token,
    /// Signs checkpoints of the journal (Ed25519).
    Checkpoint,
}

impl Purpose {
    /// All of them, in the order in which their files are written.
    pub const ALL: [Self; 6] =
        [Self::Wrap, Self::Index, Self::Seal, Self::Mac, Self::Token, Self::Checkpoint];

    /// Those that came with a later version than the others: a folder that was made before has no file for them.
    pub const LATER: [Self; 1] = [Self::Checkpoint];

    /// The name of the file (without `.toml`) and of the purpose inside it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wrap => "wrap",
            Self::Index => "index",
            Self::Seal => "seal",
            Self::Mac => "mac",
            Self::Token => "token",
            Self::Checkpoint => "checkpoint",
        }
    }

    /// Whether its keys are PKCS#8 documents with an Ed25519 key, and no bare bytes.
    pub(super) fn signs(self) -> bool {
        matches!(self, Self::Token | Self::Checkpoint)
    }
}

/// All keys of an installation. Never printed, wiped when dropped.
pub struct KeyRing {
    pub(super) wrap: Keys,
    pub(super) index: Keys,
    pub(super) seal: Keys,
    pub(super) mac: Keys,
    pub(super) token: Vec<Zeroizing<Vec<u8>>>,
    pub(super) checkpoint: Vec<Zeroizing<Vec<u8>>>,
}

/// The keys of one purpose: the one in use, then those that only open and verify. Never empty.
pub(super) struct Keys(Vec<Key>);

impl Keys {
    /// `None` without a key.
    pub(super) fn new(keys: Vec<Key>) -> Option<Self> {
        (!keys.is_empty()).then_some(Self(keys))
    }

    fn current(&self) -> Result<&Key, VaultError> {
        self.0.first().ok_or(VaultError::Refused)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRing(redacted)")
    }
}

impl KeyRing {
    /// A ring whose keys follow from a number. For tests only: whoever knows the number knows the keys.
    ///
    /// # Errors
    /// Only if the Ed25519 key cannot be made.
    pub fn in_memory(seed: u64) -> Result<Self, VaultError> {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut next = || random_key(&mut rng);
        let mut one = |purpose: Purpose| Keys(vec![Key::new(purpose.name(), next())]);
        let (wrap, index) = (one(Purpose::Wrap), one(Purpose::Index));
        let (seal, mac) = (one(Purpose::Seal), one(Purpose::Mac));
        let mut signing = || Ok(vec![signing_key(&next()).ok_or(VaultError::Refused)?]);
        let (token, checkpoint) = (signing()?, signing()?);
        Ok(Self { wrap, index, seal, mac, token, checkpoint })
    }

    /// Makes the key of a person; returns it and its wrapped form, which is what is stored. Destroying the
    /// wrapped form is erasing everything sealed under it.
    ///
    /// # Errors
    /// [`VaultError`] if wrapping fails.
    pub fn new_person_key(
        &self,
        rng: &mut impl CryptoRng,
        person: Uuid,
    ) -> Result<(PersonKey, Vec<u8>), VaultError> {
        let key = PersonKey::new(random_key(rng));
        let wrapped = envelope::seal(self.wrap.current()?, person_place(&person), key.0.bytes.as_slice())?;
        Ok((key, wrapped))
    }

    /// Opens the stored key of a person.
    ///
    /// # Errors
    /// [`VaultError::Refused`] if it is not the key of this person or was changed.
    pub fn open_person_key(&self, wrapped: &[u8], person: Uuid) -> Result<PersonKey, VaultError> {
        let plain = envelope::open(&self.wrap.0, person_place(&person), wrapped)?;
        let bytes: [u8; 32] = plain.as_slice().try_into().or(Err(VaultError::Refused))?;
        Ok(PersonKey::new(Zeroizing::new(bytes)))
    }

    /// Seals a value that belongs to no person.
    ///
    /// # Errors
    /// [`VaultError::TooLarge`] for values beyond the limit of the cipher.
    pub fn seal_installation(
        &self,
        table: &str,
        column: &str,
        row: impl AsRef<[u8]>,
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        envelope::seal(self.seal.current()?, Place { table, column, row: row.as_ref() }, plain)
    }

    /// Opens what [`KeyRing::seal_installation`] made for the same place.
    ///
    /// # Errors
    /// [`VaultError`] if the value was changed, belongs elsewhere, or its key is gone.
    pub fn open_installation(
        &self,
        table: &str,
        column: &str,
        row: impl AsRef<[u8]>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        envelope::open(&self.seal.0, Place { table, column, row: row.as_ref() }, sealed)
    }

    /// The blind index of a passport number, under the key in use: what is stored with the sealed number.
    ///
    /// It covers the normalised number alone, so that the same passport is found whoever registered it; that
    /// it is unique per owner is a constraint of the table.
    ///
    /// # Errors
    /// [`VaultError`] only if the ring has no such key.
    pub fn blind_index(&self, number: &str) -> Result<BlindIndex, VaultError> {
        Ok(blind_index(self.index.current()?, number))
    }

    /// The blind indexes of a number under every key at hand: what a search compares with, so that rows
    /// written before a key was changed are found too.
    #[must_use]
    pub fn blind_indexes(&self, number: &str) -> Vec<BlindIndex> {
        self.index.0.iter().map(|key| blind_index(key, number)).collect()
    }

    /// A keyed fingerprint (HMAC-SHA-256) of bytes; labels keep the uses of it apart.
    ///
    /// # Errors
    /// [`VaultError`] only if the ring has no such key.
    pub fn mac(&self, label: &str, bytes: &[u8]) -> Result<[u8; 32], VaultError> {
        Ok(mac(self.mac.current()?, label, bytes))
    }

    /// Whether a stored fingerprint is of these bytes, under any key at hand. Takes the same time for every
    /// wrong one.
    #[must_use]
    pub fn mac_matches(&self, label: &str, bytes: &[u8], stored: &[u8]) -> bool {
        self.mac.0.iter().any(|key| bool::from(mac(key, label, bytes).as_slice().ct_eq(stored)))
    }

    /// The Ed25519 keys for access tokens as PKCS#8 documents: the first signs, all verify.
    pub fn token_keys(&self) -> impl Iterator<Item = &[u8]> {
        self.token.iter().map(|document| document.as_slice())
    }

    /// The public parts of the keys that sign checkpoints: the first one's is in use.
    ///
    /// # Errors
    /// [`VaultError`] only if a key is none.
    pub fn checkpoint_keys(&self) -> Result<Vec<[u8; 32]>, VaultError> {
        let public = |document: &Zeroizing<Vec<u8>>| {
            let pair = Ed25519KeyPair::from_pkcs8(document).or(Err(VaultError::Refused))?;
            pair.public_key().as_ref().try_into().or(Err(VaultError::Refused))
        };
        self.checkpoint.iter().map(public).collect()
    }

    /// Signs the text of a checkpoint with the key in use. The same text has the same signature (RFC 8032).
    ///
    /// # Errors
    /// [`VaultError`] only if the ring has no such key.
    pub fn sign_checkpoint(&self, text: &str) -> Result<[u8; 64], VaultError> {
        let document = self.checkpoint.first().ok_or(VaultError::Refused)?;
        let pair = Ed25519KeyPair::from_pkcs8(document).or(Err(VaultError::Refused))?;
        pair.sign(text.as_bytes()).as_ref().try_into().or(Err(VaultError::Refused))
    }
}

/// The key of one person. Never printed, wiped when dropped.
#[derive(Debug, Clone)]
pub struct PersonKey(Key);

impl PersonKey {
    fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(Key::new("person", bytes))
    }

    /// Seals a value of this person for one place: table, column and row id.
    ///
    /// # Errors
    /// [`VaultError::TooLarge`] for values beyond the limit of the cipher.
    pub fn seal(
        &self,
        table: &str,
        column: &str,
        row: impl AsRef<[u8]>,
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        envelope::seal(&self.0, Place { table, column, row: row.as_ref() }, plain)
    }

    /// Opens what [`PersonKey::seal`] made for the same place.
    ///
    /// # Errors
    /// [`VaultError`] if the value was changed, or belongs to another place or person.
    pub fn open(
        &self,
        table: &str,
        column: &str,
        row: impl AsRef<[u8]>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        envelope::open(std::slice::from_ref(&self.0), Place { table, column, row: row.as_ref() }, sealed)
    }
}

/// A blind index as it is stored: `key id (4) | HMAC-SHA-256 (32)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BlindIndex([u8; 36]);

impl BlindIndex {
    /// The stored bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 36] {
        &self.0
    }
}

fn person_place(person: &Uuid) -> Place<'_> {
    Place { table: "person_keys", column: "wrapped", row: person.as_bytes() }
}

fn blind_index(key: &Key, number: &str) -> BlindIndex {
    let mut stored = [0; 36];
    let tag = mac(key, "passport number", normalise_number(number).as_bytes());
    for (to, from) in stored.iter_mut().zip(key.id.0.iter().chain(&tag)) {
        *to = *from;
    }
    BlindIndex(stored)
}

/// Upper-case letters and digits only, compatibility forms folded: `" c-123 4567"` is `"C1234567"`.
fn normalise_number(number: &str) -> Zeroizing<String> {
    Zeroizing::new(number.nfkc().flat_map(char::to_uppercase).filter(|c| c.is_alphanumeric()).collect())
}

fn mac(key: &Key, label: &str, bytes: &[u8]) -> [u8; 32] {
    // A label's length cannot reach 2^64; its bytes follow, then the message: no two pairs make one text.
    let length = u64::try_from(label.len()).unwrap_or(u64::MAX).to_be_bytes();
    let mac = <Hmac<Sha256> as KeyInit>::new(&(*pad_to_block(&key.bytes)).into());
    mac.chain_update(length).chain_update(label).chain_update(bytes).finalize().into_bytes().into()
}

/// HMAC pads a shorter key with zeros to the block of its hash; doing so here makes the length a type, so
/// that there is no error to handle.
fn pad_to_block(key: &[u8; 32]) -> Zeroizing<[u8; 64]> {
    let mut block = Zeroizing::new([0; 64]);
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    block
}

/// 32 random bytes.
pub(super) fn random_key(rng: &mut impl Rng) -> Zeroizing<[u8; 32]> {
    let mut bytes = Zeroizing::new([0; 32]);
    rng.fill_bytes(bytes.as_mut_slice());
    bytes
}

/// The PKCS#8 document of an Ed25519 key made from a 32-byte seed.
pub(super) fn signing_key(seed: &[u8; 32]) -> Option<Zeroizing<Vec<u8>>> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
    Some(Zeroizing::new(pair.to_pkcs8().ok()?.as_ref().to_vec()))
}

#[cfg(test)]
#[path = "ring_tests.rs"]
mod tests;
