//! Passwords: which ones are taken, how they are kept (Argon2id, PHC strings) and compared.
//! It must not know accounts or limits: counting failures and capping how many hashes run at once is done by
//! the caller, who also never calls it inside a transaction (one hash takes tens of milliseconds).

mod policy;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use rand::Rng;
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

pub use policy::{MAX_CHARACTERS, MIN_CHARACTERS, WeakPassword, check_password};

/// What one hash costs. Never under [`Cost::FLOOR`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
}

impl Cost {
    /// The least that is allowed (OWASP): 19 MiB, two passes, one lane.
    pub const FLOOR: Self = Self { memory_kib: 19_456, iterations: 2, parallelism: 1 };
    /// The most that is allowed: beyond it a sign-in is an attack on ourselves.
    pub const CEILING: Self = Self { memory_kib: 1_048_576, iterations: 20, parallelism: 16 };

    /// Whether this lies between floor and ceiling.
    #[must_use]
    pub fn is_sane(self) -> bool {
        let (floor, ceiling) = (Self::FLOOR, Self::CEILING);
        (floor.memory_kib..=ceiling.memory_kib).contains(&self.memory_kib)
            && (floor.iterations..=ceiling.iterations).contains(&self.iterations)
            && (floor.parallelism..=ceiling.parallelism).contains(&self.parallelism)
    }
}

/// Why a password could not be hashed or compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// The cost is under the floor or above the ceiling.
    #[error("the cost of password hashes is out of range: {0:?}")]
    Cost(Cost),
    /// More than [`MAX_CHARACTERS`]: not hashed at all.
    #[error("the password is too long")]
    TooLong,
    /// The stored hash is no PHC string of Argon2id.
    #[error("the stored password hash cannot be read")]
    StoredHash,
    /// The hash function itself refused, for want of memory.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

/// Hashes and compares passwords at one cost.
pub struct Passwords {
    argon2: Argon2<'static>,
    cost: Cost,
    /// A hash of nobody's password, at the same cost: what unknown names are compared with.
    dummy: String,
}

impl Passwords {
    /// Makes one hash, to compare unknown names with.
    ///
    /// # Errors
    /// [`PasswordFault::Cost`] if the cost is out of range.
    pub fn new(cost: Cost) -> Result<Self, PasswordFault> {
        if !cost.is_sane() {
            return Err(PasswordFault::Cost(cost));
        }
        let params = Params::new(cost.memory_kib, cost.iterations, cost.parallelism, None)
            .or(Err(PasswordFault::Cost(cost)))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut passwords = Self { argon2, cost, dummy: String::new() };
        let mut unknown = Zeroizing::new([0_u8; 32]);
        rand::rng().fill_bytes(unknown.as_mut_slice());
        passwords.dummy = passwords.hash_bytes(unknown.as_slice())?;
        Ok(passwords)
    }

    /// The PHC string to store, with a salt of its own.
    ///
    /// # Errors
    /// [`PasswordFault::TooLong`], or [`PasswordFault::Hash`].
    pub fn hash(&self, password: &str) -> Result<String, PasswordFault> {
        self.hash_bytes(typed(password).ok_or(PasswordFault::TooLong)?.as_bytes())
    }

    /// Whether this is the password of the stored hash, at the cost that the hash names. A password that is
    /// too long is wrong, at the same cost.
    ///
    /// # Errors
    /// [`PasswordFault::StoredHash`] if the stored text is no hash of ours.
    pub fn verify(&self, password: &str, stored: &str) -> Result<bool, PasswordFault> {
        let hash = PasswordHash::new(stored).or(Err(PasswordFault::StoredHash))?;
        if hash.algorithm.as_str() != Algorithm::Argon2id.as_str() {
            return Err(PasswordFault::StoredHash);
        }
        let typed = typed(password);
        let bytes = typed.as_ref().map_or(&b""[..], |text| text.as_bytes());
        match self.argon2.verify_password(bytes, &hash) {
            Ok(()) => Ok(typed.is_some()),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(PasswordFault::Hash(error.to_string())),
        }
    }

    /// Does the work of [`Passwords::verify`] for a name that nobody has, so that the time of an answer does
    /// not tell which names exist. The answer is always "no".
    pub fn verify_dummy(&self, password: &str) {
        // The result is not "no" only with a chance of 2^-256; what matters is that it was computed.
        let _ = std::hint::black_box(self.verify(password, &self.dummy));
    }

    /// Whether a stored hash was made at another cost than today's, and is better made anew at the next
    /// sign-in.
    #[must_use]
    pub fn is_outdated(&self, stored: &str) -> bool {
        let params = PasswordHash::new(stored).ok().and_then(|hash| Params::try_from(&hash).ok());
        params.is_none_or(|params| {
            let cost = Cost {
                memory_kib: params.m_cost(),
                iterations: params.t_cost(),
                parallelism: params.p_cost(),
            };
            cost != self.cost
        })
    }

    fn hash_bytes(&self, password: &[u8]) -> Result<String, PasswordFault> {
        let mut salt = [0_u8; 16];
        rand::rng().fill_bytes(&mut salt);
        self.argon2
            .hash_password_with_salt(password, &salt)
            .map(|hash| hash.to_string())
            .map_err(|error| PasswordFault::Hash(error.to_string()))
    }
}

/// One spelling for what one person types on two keyboards: Vietnamese letters come composed from one and
/// decomposed from another. `None` if it is too long.
fn typed(password: &str) -> Option<Zeroizing<String>> {
    // Decomposed, a letter has at most a handful of marks; beyond that nothing is even normalised.
    if password.len() > MAX_CHARACTERS * 32 {
        return None;
    }
    let text = Zeroizing::new(password.nfc().collect::<String>());
    (text.chars().count() <= MAX_CHARACTERS).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords() -> Passwords {
        Passwords::new(Cost::FLOOR).unwrap()
    }

    #[test]
    fn hashes_are_argon2id_at_the_floor_and_salted() {
        let passwords = passwords();
        let one = passwords.hash("bến Ninh Kiều lúc hoàng hôn").unwrap();
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, passwords.hash("bến Ninh Kiều lúc hoàng hôn").unwrap());
        assert_eq!(passwords.verify("bến Ninh Kiều lúc hoàng hôn", &one), Ok(true));
        assert_eq!(passwords.verify("bến Ninh Kiều lúc bình minh", &one), Ok(false));
        assert!(!passwords.is_outdated(&one));
        assert!(passwords.is_outdated(&one.replace("t=2", "t=3")) && passwords.is_outdated("x"));
    }

    #[test]
    fn composed_and_decomposed_letters_are_one_password() {
        let passwords = passwords();
        let composed = "bến Ninh Kiều lúc hoàng hôn";
        let decomposed: String = composed.nfd().collect();
        assert_ne!(composed, decomposed);
        let hash = passwords.hash(&decomposed).unwrap();
        assert_eq!(passwords.verify(composed, &hash), Ok(true));
    }

    #[test]
    fn long_ones_are_refused_without_harm() {
        let passwords = passwords();
        assert_eq!(passwords.hash(&"ế".repeat(129)), Err(PasswordFault::TooLong));
        let hash = passwords.hash(&"ế".repeat(128)).unwrap();
        assert_eq!(passwords.verify(&"ế".repeat(128), &hash), Ok(true));
        assert_eq!(passwords.verify(&"ế".repeat(1_000_000), &hash), Ok(false));
        let empty = passwords.hash("").unwrap();
        assert_eq!(passwords.verify(&"x".repeat(129), &empty), Ok(false));
    }

    #[test]
    fn what_is_no_hash_of_ours_is_a_fault() {
        let passwords = passwords();
        for stored in [
            "",
            "x",
            "$argon2id$",
            "$2b$12$abcdefghijklmnopqrstuv",
            "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo",
        ] {
            assert_eq!(passwords.verify("x", stored), Err(PasswordFault::StoredHash), "{stored}");
        }
    }

    #[test]
    fn the_floor_and_the_ceiling_hold() {
        for (memory_kib, iterations, parallelism) in [
            (19_455, 2, 1),
            (19_456, 1, 1),
            (19_456, 2, 0),
            (u32::MAX, 2, 1),
            (19_456, 21, 1),
            (19_456, 2, 17),
        ] {
            let cost = Cost { memory_kib, iterations, parallelism };
            assert!(matches!(Passwords::new(cost), Err(PasswordFault::Cost(found)) if found == cost));
        }
    }

    /// Equal work: the dummy has the cost of every other hash, and no password fits it.
    #[test]
    fn an_unknown_name_costs_what_a_known_one_costs() {
        let cost = Cost { iterations: 3, ..Cost::FLOOR };
        let passwords = Passwords::new(cost).unwrap();
        assert!(!passwords.is_outdated(&passwords.dummy));
        assert_eq!(passwords.verify("", &passwords.dummy), Ok(false));
        passwords.verify_dummy("a password of nobody");
    }
}
