//! What a client shows instead of a password: signed access tokens, and secrets of which only a hash is kept.
//! It must not know accounts, sessions or routes: whether a session still lives is asked of the store, at
//! every request, and never of a token.

mod access;
mod opaque;

pub use access::{AUDIENCE, Claims, Jwk, Jwks, LEEWAY_SECONDS, Signer, TokenFault, TokenKeyFault, Verifier};
pub use opaque::{SecretHash, hash_secret, new_refresh_token, new_secret, parse_refresh_token};
