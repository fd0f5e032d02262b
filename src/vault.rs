//! Sealing of personal data: the installation's keys, the key of each person, blind indexes and fingerprints.
//! It must not know what is sealed or where it is kept: it turns bytes into bytes, and a store never opens them.
//!
//! Keys (one file each in the keys folder, see [`KeyRing::load`]):
//! `wrap` wraps the key of each person, `index` makes blind indexes, `seal` seals what belongs to no person,
//! `mac` makes fingerprints, `token` signs access tokens, `checkpoint` signs checkpoints of the journal. The first
//! key of a file is used; the others only open and verify what they once made.

mod envelope;
mod fault;
mod files;
mod ring;
mod secret;
mod stream;

pub use envelope::{KeyId, VaultError};
pub use fault::{KeyFault, KeyFaults};
pub use files::{init, upgrade};
pub use ring::{BlindIndex, KeyRing, PersonKey, Purpose};
pub use secret::Secret;
pub use stream::{FileKey, Opener, Sealer};
