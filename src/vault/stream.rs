//! Files under a key of their own, sealed chunk by chunk (STREAM, XChaCha20-Poly1305), so that nobody needs the whole
//! in memory: a chunk that was changed, cut off, moved or taken from another file does not open.
//!
//! Layout: `version (1) | nonce prefix (19) | chunks of 65,536 + 16 bytes, the last one shorter and marked as last`.
//! The 24-byte nonce of a chunk is `prefix | counter (4, big-endian) | last (1)`; the file's id is authenticated.

use aead_stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::KeyInit;
use rand::Rng;
use zeroize::Zeroizing;

use super::envelope::VaultError;

/// Plain bytes of every chunk but the last.
pub const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;
const VERSION: u8 = 1;
const PREFIX: usize = 19;

/// The key of one file. Never printed, wiped when dropped.
#[derive(Clone)]
pub struct FileKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileKey(redacted)")
    }
}

impl FileKey {
    /// A fresh random key.
    #[must_use]
    pub fn fresh() -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::rng().fill_bytes(bytes.as_mut_slice());
        Self(bytes)
    }

    /// The key with these bytes, as they were sealed.
    ///
    /// # Errors
    /// [`VaultError::Truncated`] when they are not 32.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        let bytes: [u8; 32] = bytes.try_into().map_err(|_length| VaultError::Truncated)?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// The bytes, to be sealed under another key and not otherwise used.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}

/// Seals a file as it streams by.
pub struct Sealer {
    stream: EncryptorBE32<XChaCha20Poly1305>,
    id: Vec<u8>,
    pending: Zeroizing<Vec<u8>>,
}

impl Sealer {
    /// Begins; the second value is what the sealed file begins with.
    #[must_use]
    pub fn new(key: &FileKey, id: &str) -> (Self, Vec<u8>) {
        let mut prefix = [0_u8; PREFIX];
        rand::rng().fill_bytes(&mut prefix);
        let stream = EncryptorBE32::from_aead(cipher(key), &prefix.into());
        let header = [[VERSION].as_slice(), &prefix].concat();
        (
            Self { stream, id: authenticated(id), pending: Zeroizing::new(Vec::with_capacity(2 * CHUNK)) },
            header,
        )
    }

    /// Takes the next plain bytes, and gives the chunks that are full.
    ///
    /// # Errors
    /// [`VaultError::TooLarge`] beyond 2^32 chunks.
    pub fn update(&mut self, plain: &[u8], sealed: &mut Vec<u8>) -> Result<(), VaultError> {
        for part in plain.chunks(CHUNK) {
            self.pending.extend_from_slice(part);
            // A full chunk waits until it is known that it is not the last.
            if self.pending.len() > CHUNK {
                let rest = Zeroizing::new(self.pending.split_off(CHUNK));
                let mut chunk = std::mem::replace(&mut *self.pending, rest.to_vec());
                let done = self.stream.encrypt_next_in_place(&self.id, &mut chunk);
                done.map_err(|_full| VaultError::TooLarge)?;
                sealed.extend_from_slice(&chunk);
            }
        }
        Ok(())
    }

    /// Ends with the last chunk.
    ///
    /// # Errors
    /// [`VaultError::TooLarge`] beyond 2^32 chunks.
    pub fn finish(mut self, sealed: &mut Vec<u8>) -> Result<(), VaultError> {
        let mut chunk = std::mem::take(&mut *self.pending);
        let done = self.stream.encrypt_last_in_place(&self.id, &mut chunk);
        done.map_err(|_full| VaultError::TooLarge)?;
        sealed.extend_from_slice(&chunk);
        Ok(())
    }
}

/// Opens a sealed file as it streams by. What it gives out was verified; that the file is whole is known at the end.
pub struct Opener {
    key: FileKey,
    stream: Option<DecryptorBE32<XChaCha20Poly1305>>,
    id: Vec<u8>,
    pending: Vec<u8>,
}

impl Opener {
    /// Begins.
    #[must_use]
    pub fn new(key: &FileKey, id: &str) -> Self {
        Self { key: key.clone(), stream: None, id: authenticated(id), pending: Vec::new() }
    }

    /// Takes the next sealed bytes, and gives the chunks that are whole.
    ///
    /// # Errors
    /// [`VaultError::Refused`] for a chunk that does not belong here; nothing of it is given.
    pub fn update(&mut self, sealed: &[u8], plain: &mut Vec<u8>) -> Result<(), VaultError> {
        self.pending.extend_from_slice(sealed);
        if self.stream.is_none() {
            let Some((header, rest)) = self.pending.split_first_chunk::<{ 1 + PREFIX }>() else {
                return Ok(());
            };
            let [version, prefix @ ..] = *header;
            if version != VERSION {
                return Err(VaultError::UnknownLayout(version));
            }
            let rest = rest.to_vec();
            self.stream = Some(DecryptorBE32::from_aead(cipher(&self.key), &prefix.into()));
            self.pending = rest;
        }
        while let Some(stream) = &mut self.stream
            && self.pending.len() > CHUNK + TAG
        {
            let rest = self.pending.split_off(CHUNK + TAG);
            let mut chunk = std::mem::replace(&mut self.pending, rest);
            stream.decrypt_next_in_place(&self.id, &mut chunk).map_err(|_forged| VaultError::Refused)?;
            plain.extend_from_slice(&chunk);
        }
        Ok(())
    }

    /// Ends: what is left must be the last chunk.
    ///
    /// # Errors
    /// [`VaultError::Truncated`] or [`VaultError::Refused`] when it is not.
    pub fn finish(self, plain: &mut Vec<u8>) -> Result<(), VaultError> {
        let stream = self.stream.ok_or(VaultError::Truncated)?;
        let mut chunk = self.pending;
        stream.decrypt_last_in_place(&self.id, &mut chunk).map_err(|_forged| VaultError::Refused)?;
        plain.extend_from_slice(&chunk);
        Ok(())
    }
}

fn cipher(key: &FileKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&(*key.0).into())
}

fn authenticated(id: &str) -> Vec<u8> {
    [b"legation file\0".as_slice(), &[VERSION], id.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(key: &FileKey, id: &str, plain: &[u8], step: usize) -> Vec<u8> {
        let (mut sealer, mut out) = Sealer::new(key, id);
        for part in plain.chunks(step) {
            sealer.update(part, &mut out).unwrap();
        }
        sealer.finish(&mut out).unwrap();
        out
    }

    fn opened(key: &FileKey, id: &str, bytes: &[u8], step: usize) -> Result<Vec<u8>, VaultError> {
        let (mut opener, mut out) = (Opener::new(key, id), Vec::new());
        for part in bytes.chunks(step) {
            opener.update(part, &mut out)?;
        }
        opener.finish(&mut out)?;
        Ok(out)
    }

    fn plain(length: usize) -> Vec<u8> {
        (0_u8..=250).cycle().take(length).collect()
    }

    #[test]
    fn what_is_sealed_opens_again() {
        let key = FileKey::fresh();
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7] {
            for step in [1000, CHUNK, 1 << 20] {
                let file = sealed(&key, "a", &plain(length), step);
                assert_eq!(opened(&key, "a", &file, 1 + step / 3).unwrap(), plain(length), "{length} {step}");
            }
        }
        let file = sealed(&key, "a", b"guest list", 3);
        assert!(!file.windows(5).any(|part| part == b"guest"));
        assert_ne!(file, sealed(&key, "a", b"guest list", 3));
    }

    #[test]
    fn nothing_else_opens() {
        let (key, long) = (FileKey::fresh(), plain(3 * CHUNK));
        let file = sealed(&key, "a", &long, CHUNK);
        assert!(opened(&FileKey::fresh(), "a", &file, CHUNK).is_err(), "another key");
        assert!(opened(&key, "b", &file, CHUNK).is_err(), "another file's id");
        let sealed_chunk = CHUNK + TAG;
        for length in [0, 1, 19, 20, 21, 20 + sealed_chunk, 20 + 2 * sealed_chunk, file.len() - 1] {
            assert!(opened(&key, "a", &file[..length], CHUNK).is_err(), "cut to {length}");
        }
        for at in [0, 1, 19, 20, 20 + sealed_chunk, file.len() - 1] {
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert!(opened(&key, "a", &changed, CHUNK).is_err(), "byte {at}");
        }
        let (first, second) = (&file[20..20 + sealed_chunk], &file[20 + sealed_chunk..20 + 2 * sealed_chunk]);
        let swapped = [&file[..20], second, first, &file[20 + 2 * sealed_chunk..]].concat();
        assert!(opened(&key, "a", &swapped, CHUNK).is_err(), "swapped");
        let doubled = [&file[..20], first, first, &file[20 + sealed_chunk..]].concat();
        assert!(opened(&key, "a", &doubled, CHUNK).is_err(), "repeated");
        assert!(opened(&key, "a", &[file.as_slice(), &[0; 40]].concat(), CHUNK).is_err(), "prolonged");
        let other = sealed(&key, "a", &long, CHUNK);
        let mixed = [&file[..20 + sealed_chunk], &other[20 + sealed_chunk..]].concat();
        assert!(opened(&key, "a", &mixed, CHUNK).is_err(), "of two files");
    }
}
