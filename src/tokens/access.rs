//! Access tokens: JSON Web Tokens signed with Ed25519, short-lived, checked strictly.
//! Time comes from the caller, never from the machine, so that tests move it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::vault::Secret;

/// For whom our tokens are: the `aud` claim.
pub const AUDIENCE: &str = "legation-api";
/// By how many seconds the clocks of two replicas may differ.
pub const LEEWAY_SECONDS: i64 = 5;
/// The `typ` claim: no other token of ours is taken for an access token.
const KIND: &str = "access";
/// Longest token that is looked at, in bytes; ours have about 500.
const MAX_LENGTH: usize = 2048;
/// How many verified tokens are remembered.
const CACHE_SIZE: usize = 10_000;

/// Why a key cannot serve tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenKeyFault {
    /// Not an Ed25519 key in PKCS#8.
    #[error("not an Ed25519 key in PKCS#8")]
    NotEd25519,
    /// No key at all.
    #[error("there is no key for access tokens")]
    None,
}

/// Why a token is not taken. A client learns only that it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// Not a signed token, or one without a key id.
    #[error("the token cannot be read")]
    Malformed,
    /// Another algorithm than `EdDSA`.
    #[error("the token is signed in another way than ours")]
    Algorithm,
    /// A key id that is not (or no longer) ours.
    #[error("the token is signed with a key that is not ours")]
    UnknownKey,
    /// Wrong signature, or a claim is missing, of the wrong type or of the wrong value.
    #[error("the token is not one of ours")]
    NotOurs,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// Signing failed.
    #[error("the token could not be signed")]
    Unsigned,
}

/// What a verified token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claims {
    /// `sub`: the account.
    pub account: Uuid,
    /// `sid`: the session, which the store must still know as living.
    pub session: Uuid,
    /// `jti`: this token.
    pub token: Uuid,
    /// `iat`.
    pub issued_at: DateTime<Utc>,
    /// `nbf`.
    pub not_before: DateTime<Utc>,
    /// `exp`.
    pub expires_at: DateTime<Utc>,
}

/// The claims as they are written. Every one is required, has one type, and none is optional.
#[derive(Debug, Serialize, Deserialize)]
struct Wire {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    typ: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: Uuid,
}

/// Makes access tokens with the key in use.
pub struct Signer {
    key: EncodingKey,
    kid: String,
    issuer: String,
    lifetime: TimeDelta,
}

impl Signer {
    /// `pkcs8` is the key in use (the first of [`crate::vault::KeyRing::token_keys`]), `issuer` the base URL.
    ///
    /// # Errors
    /// [`TokenKeyFault::NotEd25519`].
    pub fn new(pkcs8: &[u8], issuer: &str, lifetime: TimeDelta) -> Result<Self, TokenKeyFault> {
        let kid = Jwk::of(pkcs8)?.kid;
        Ok(Self { key: EncodingKey::from_ed_der(pkcs8), kid, issuer: issuer.to_owned(), lifetime })
    }

    /// How long a token lives; `expires_in` of the answer to a sign-in.
    #[must_use]
    pub fn lifetime(&self) -> TimeDelta {
        self.lifetime
    }

    /// A token for a session of an account; `token` is its own id.
    ///
    /// # Errors
    /// [`TokenFault::Unsigned`] if the key refuses.
    pub fn issue(
        &self,
        account: Uuid,
        session: Uuid,
        token: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Secret, TokenFault> {
        let claims = Wire {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: account,
            sid: session,
            typ: KIND.to_owned(),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: now.timestamp().saturating_add(self.lifetime.num_seconds()),
            jti: token,
        };
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, &claims, &self.key).map(Secret::new).or(Err(TokenFault::Unsigned))
    }
}

/// Checks access tokens, with the key in use and those before it.
pub struct Verifier {
    keys: Vec<(Jwk, DecodingKey)>,
    validation: Validation,
    /// By SHA-256 of the token: what was once verified. Times are checked at every use all the same.
    verified: Mutex<HashMap<[u8; 32], Claims>>,
}

impl Verifier {
    /// `keys` are PKCS#8 documents; a key that is left out verifies nothing any more.
    ///
    /// # Errors
    /// [`TokenKeyFault`] if one is no Ed25519 key, or there is none.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a [u8]>, issuer: &str) -> Result<Self, TokenKeyFault> {
        let mut found = Vec::new();
        for pkcs8 in keys {
            let key = DecodingKey::from_ed_der(public_key(pkcs8)?.as_ref());
            found.push((Jwk::of(pkcs8)?, key));
        }
        if found.is_empty() {
            return Err(TokenKeyFault::None);
        }
        Ok(Self { keys: found, validation: strict_validation(issuer), verified: Mutex::default() })
    }

    /// The public keys, for `/.well-known/jwks.json`.
    #[must_use]
    pub fn jwks(&self) -> Jwks {
        Jwks { keys: self.keys.iter().map(|(jwk, _)| jwk.clone()).collect() }
    }

    /// What the token says, if it is one of ours and `now` lies in its time. A fresh token costs one
    /// signature check (about 35 microseconds), one seen before a hash.
    ///
    /// # Errors
    /// [`TokenFault`]; all of them are one 401 to the client.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, TokenFault> {
        if token.len() > MAX_LENGTH {
            return Err(TokenFault::Malformed);
        }
        let hash: [u8; 32] = Sha256::digest(token).into();
        let remembered = self.lock().get(&hash).copied();
        let claims = match remembered {
            Some(claims) => claims,
            None => self.check(token)?,
        };
        let leeway = TimeDelta::seconds(LEEWAY_SECONDS);
        if now - leeway >= claims.expires_at {
            self.lock().remove(&hash);
            return Err(TokenFault::Expired);
        }
        if now + leeway < claims.not_before || now + leeway < claims.issued_at {
            return Err(TokenFault::NotYetValid);
        }
        if remembered.is_none() {
            self.remember(hash, claims, now);
        }
        Ok(claims)
    }

    /// Signature and claims, without time.
    fn check(&self, token: &str) -> Result<Claims, TokenFault> {
        let header = jsonwebtoken::decode_header(token).or(Err(TokenFault::Malformed))?;
        if header.alg != Algorithm::EdDSA {
            return Err(TokenFault::Algorithm);
        }
        // An extension that must be understood is not: we understand none.
        if header.crit.is_some() {
            return Err(TokenFault::Malformed);
        }
        let kid = header.kid.ok_or(TokenFault::Malformed)?;
        let (_, key) = self.keys.iter().find(|(jwk, _)| jwk.kid == kid).ok_or(TokenFault::UnknownKey)?;
        let wire: Wire =
            jsonwebtoken::decode(token, key, &self.validation).or(Err(TokenFault::NotOurs))?.claims;
        if wire.typ != KIND {
            return Err(TokenFault::NotOurs);
        }
        let instant = |seconds| DateTime::from_timestamp(seconds, 0).ok_or(TokenFault::NotOurs);
        Ok(Claims {
            account: wire.sub,
            session: wire.sid,
            token: wire.jti,
            issued_at: instant(wire.iat)?,
            not_before: instant(wire.nbf)?,
            expires_at: instant(wire.exp)?,
        })
    }

    fn remember(&self, hash: [u8; 32], claims: Claims, now: DateTime<Utc>) {
        let mut verified = self.lock();
        if verified.len() >= CACHE_SIZE {
            verified.retain(|_, claims| claims.expires_at > now);
        }
        if verified.len() >= CACHE_SIZE {
            // So many living ones: forgetting all costs one signature check each, an order of use costs more.
            verified.clear();
        }
        verified.insert(hash, claims);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], Claims>> {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The library by itself takes tokens whose `aud` or `iss` is missing, null, a number or an object; naming
/// them as required refuses those. Its clock is the machine's, so times are checked by [`Verifier::verify`].
fn strict_validation(issuer: &str) -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[AUDIENCE]);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

/// The set of public keys (RFC 7517).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Jwks {
    /// The key in use first.
    pub keys: Vec<Jwk>,
}

/// One public Ed25519 key (RFC 8037).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Jwk {
    /// Always `OKP`.
    pub kty: &'static str,
    /// Always `Ed25519`.
    pub crv: &'static str,
    /// Always `EdDSA`.
    pub alg: &'static str,
    /// Always `sig`.
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// The key id: the RFC 7638 thumbprint of the key.
    pub kid: String,
    /// The public key, Base64url.
    pub x: String,
}

impl Jwk {
    fn of(pkcs8: &[u8]) -> Result<Self, TokenKeyFault> {
        let x = URL_SAFE_NO_PAD.encode(public_key(pkcs8)?);
        let thumbprint = Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
        let kid = URL_SAFE_NO_PAD.encode(thumbprint);
        Ok(Self { kty: "OKP", crv: "Ed25519", alg: "EdDSA", usage: "sig", kid, x })
    }
}

fn public_key(pkcs8: &[u8]) -> Result<impl AsRef<[u8]> + use<>, TokenKeyFault> {
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8).or(Err(TokenKeyFault::NotEd25519))?;
    Ok(pair.public_key().clone())
}

#[cfg(test)]
#[path = "access_tests.rs"]
mod tests;
