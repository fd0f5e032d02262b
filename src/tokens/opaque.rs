//! Secrets that mean nothing in themselves: one-time links, refresh tokens. Only their hash is stored, so that
//! a copied database opens nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::Rng;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::vault::Secret;

/// SHA-256 of a secret's text. A fast hash is enough: the secret has 256 random bits and cannot be guessed.
pub type SecretHash = [u8; 32];

/// A fresh secret of 256 random bits as Base64url (43 characters), and its hash.
#[must_use]
pub fn new_secret() -> (Secret, SecretHash) {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    rand::rng().fill_bytes(bytes.as_mut_slice());
    let text = Secret::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
    let hash = hash_secret(text.expose());
    (text, hash)
}

/// The hash under which a secret is stored and looked up.
#[must_use]
pub fn hash_secret(text: &str) -> SecretHash {
    Sha256::digest(text).into()
}

/// A fresh refresh token, `<session id>.<secret>`, and the hash of its secret part.
#[must_use]
pub fn new_refresh_token(session: Uuid) -> (Secret, SecretHash) {
    let (secret, hash) = new_secret();
    (Secret::new(format!("{}.{}", session.simple(), secret.expose())), hash)
}

/// The session and the secret's hash in the text of a refresh token; `None` if it was never one of ours.
#[must_use]
pub fn parse_refresh_token(text: &str) -> Option<(Uuid, SecretHash)> {
    let (session, secret) = text.split_once('.')?;
    // One spelling only: 32 hexadecimal digits and 43 characters, nothing of any length is hashed.
    let known = session.len() == 32 && secret.len() == 43;
    known.then(|| Some((Uuid::try_parse(session).ok()?, hash_secret(secret)))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_different_and_found_by_hash() {
        let (one, hash) = new_secret();
        let (two, _) = new_secret();
        assert_ne!(one, two);
        assert_eq!(one.expose().len(), 43);
        assert_eq!(URL_SAFE_NO_PAD.decode(one.expose()).unwrap().len(), 32);
        assert_eq!(hash_secret(one.expose()), hash);
    }

    #[test]
    fn a_refresh_token_names_its_session() {
        let session = Uuid::from_u128(0x0123_4567_89ab_7def_8123_4567_89ab_cdef);
        let (token, hash) = new_refresh_token(session);
        assert_eq!(parse_refresh_token(token.expose()), Some((session, hash)));
        let text = token.expose();
        let (_, other) = new_refresh_token(session);
        assert_ne!(other, hash);
        for broken in ["", ".", "a.b", &text[1..], &text[..75], &format!("{text}x"), &text.replace('.', "")] {
            assert_eq!(parse_refresh_token(broken), None, "{broken}");
        }
    }
}
