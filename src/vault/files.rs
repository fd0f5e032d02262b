//! The keys folder: making it once, and refusing to read one that is incomplete, weak or open to others.
//! It must not know what the keys are used for.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsBigEndian, Curve25519SeedBin};
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::TryRng;
use rand::rngs::SysRng;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::envelope::Key;
use super::fault::{KeyFault, KeyFaults};
use super::ring::{KeyRing, Keys, Purpose, signing_key};
use super::secret::Secret;

/// Length of a PKCS#8 version 2 document with an Ed25519 key in it.
const SIGNING_DOCUMENT_BYTES: usize = 83;
const SECRET_BYTES: usize = 32;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    purpose: String,
    keys: Vec<Secret>,
}

/// Makes the folder (mode 0700) and in it one file (mode 0600) with a fresh key for each purpose.
///
/// # Errors
/// [`KeyFault::Exists`] if any key file is there already, and then nothing is written: a lost key that is
/// quietly replaced would hide that all its data is lost.
pub fn init(dir: &Path) -> Result<(), KeyFault> {
    let paths = Purpose::ALL.map(|purpose| (purpose, path_of(dir, purpose)));
    if let Some((_, path)) = paths.iter().find(|(_, path)| path.symlink_metadata().is_ok()) {
        return Err(KeyFault::Exists(path.clone()));
    }
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(KeyFault::io(dir))?;
    let mut texts = Vec::new();
    for (purpose, path) in paths {
        texts.push((path, new_file(purpose)?));
    }
    for (path, text) in &texts {
        write_new(path, text).map_err(KeyFault::io(path))?;
    }
    File::open(dir).and_then(|folder| folder.sync_all()).map_err(KeyFault::io(dir))
}

/// Makes key files for purposes that came with a later version, where the others are there and these are not.
/// Returns the files that were made.
///
/// # Errors
/// What is wrong with the folder or the files that should be there; then nothing is written.
pub fn upgrade(dir: &Path) -> Result<Vec<PathBuf>, KeyFaults> {
    let one = |fault| KeyFaults(vec![fault]);
    check_folder(dir).map_err(one)?;
    let is_there = |path: &PathBuf| path.symlink_metadata().is_ok();
    let first = Purpose::ALL.iter().filter(|purpose| !Purpose::LATER.contains(purpose));
    let lost = first.map(|purpose| path_of(dir, *purpose)).filter(|path| !is_there(path));
    let lost: Vec<KeyFault> = lost.map(KeyFault::Missing).collect();
    if !lost.is_empty() {
        return Err(KeyFaults(lost));
    }
    let mut made = Vec::new();
    for purpose in Purpose::LATER {
        let path = path_of(dir, purpose);
        if !is_there(&path) {
            let text = new_file(purpose).map_err(one)?;
            write_new(&path, &text).map_err(KeyFault::io(&path)).map_err(one)?;
            made.push(path);
        }
    }
    File::open(dir).and_then(|folder| folder.sync_all()).map_err(KeyFault::io(dir)).map_err(one)?;
    Ok(made)
}

fn path_of(dir: &Path, purpose: Purpose) -> PathBuf {
    dir.join(purpose.name()).with_extension("toml")
}

fn new_file(purpose: Purpose) -> Result<Zeroizing<String>, KeyFault> {
    let mut secret = Zeroizing::new([0; SECRET_BYTES]);
    SysRng.try_fill_bytes(secret.as_mut_slice()).or(Err(KeyFault::NoRandomness))?;
    let document = match purpose {
        purpose if purpose.signs() => signing_key(&secret).ok_or(KeyFault::NoRandomness)?,
        _ => Zeroizing::new(secret.to_vec()),
    };
    let key = Zeroizing::new(STANDARD.encode(document.as_slice()));
    Ok(Zeroizing::new(format!(
        "# Legation: secret keys. Keep them from everybody, and a copy of them apart from the database.\n\
         # The first key is used; further ones only open and verify what they once made.\n\
         purpose = \"{}\"\nkeys = [\n    \"{}\",\n]\n",
        purpose.name(),
        key.as_str()
    )))
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

impl KeyRing {
    /// Reads the keys folder: `wrap.toml`, `index.toml`, `seal.toml`, `mac.toml`, `token.toml`,
    /// `checkpoint.toml`, each with `purpose = ".."` and `keys = ["<Base64>", ..]`.
    ///
    /// # Errors
    /// All [`KeyFaults`] at once: missing, wrong-length, weak or repeated keys, and files that others may read.
    pub fn load(dir: &Path) -> Result<Self, KeyFaults> {
        check_folder(dir).map_err(|fault| KeyFaults(vec![fault]))?;
        let mut faults = Vec::new();
        let mut seen = Vec::new();
        let [wrap, index, seal, mac, token, checkpoint] =
            Purpose::ALL.map(|purpose| read_keys(&path_of(dir, purpose), purpose, &mut seen, &mut faults));
        let keys = |purpose: Purpose, found: Vec<Zeroizing<Vec<u8>>>| {
            let secrets = found.iter().filter_map(|bytes| bytes.as_slice().try_into().ok());
            Keys::new(secrets.map(|bytes| Key::new(purpose.name(), Zeroizing::new(bytes))).collect())
        };
        match (
            keys(Purpose::Wrap, wrap),
            keys(Purpose::Index, index),
            keys(Purpose::Seal, seal),
            keys(Purpose::Mac, mac),
        ) {
            (Some(wrap), Some(index), Some(seal), Some(mac)) if faults.is_empty() => {
                Ok(Self { wrap, index, seal, mac, token, checkpoint })
            }
            _ => Err(KeyFaults(faults)),
        }
    }
}

fn check_folder(dir: &Path) -> Result<(), KeyFault> {
    let metadata = match dir.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(KeyFault::NoFolder(dir.to_owned()));
        }
        other => other.map_err(KeyFault::io(dir))?,
    };
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o022 != 0 {
        return Err(KeyFault::FolderWritable { path: dir.to_owned(), mode });
    }
    Ok(())
}

/// The keys of one file; what is wrong goes to `faults`, and `seen` collects all keys to find repeated ones.
fn read_keys(
    path: &Path,
    purpose: Purpose,
    seen: &mut Vec<Zeroizing<Vec<u8>>>,
    faults: &mut Vec<KeyFault>,
) -> Vec<Zeroizing<Vec<u8>>> {
    let texts = match read_file(path, purpose) {
        Ok(texts) => texts,
        Err(fault) => {
            faults.push(fault);
            return Vec::new();
        }
    };
    let mut keys = Vec::new();
    for (text, number) in texts.iter().zip(1..) {
        match decode_key(path, purpose, number, text.expose()) {
            Ok((secret, _)) if seen.contains(&secret) => {
                faults.push(KeyFault::Repeated { path: path.to_owned(), number });
            }
            Ok((secret, key)) => {
                seen.push(secret);
                keys.push(key);
            }
            Err(fault) => faults.push(fault),
        }
    }
    keys
}

fn read_file(path: &Path, purpose: Purpose) -> Result<Vec<Secret>, KeyFault> {
    let malformed = |what| KeyFault::Malformed { path: path.to_owned(), what };
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let missing =
                if Purpose::LATER.contains(&purpose) { KeyFault::NotYet } else { KeyFault::Missing };
            return Err(missing(path.to_owned()));
        }
        other => other.map_err(KeyFault::io(path))?,
    };
    // The metadata of the opened file, not of the name: what is checked is what is read.
    let metadata = file.metadata().map_err(KeyFault::io(path))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyFault::Readable { path: path.to_owned(), mode });
    }
    if !metadata.is_file() {
        return Err(malformed("it is not a file"));
    }
    let mut text = Zeroizing::new(String::new());
    file.read_to_string(&mut text).map_err(KeyFault::io(path))?;
    // The parser's own message would show the line, which is the key.
    let parsed: KeyFile =
        toml::from_str(&text).or(Err(malformed("it must hold `purpose = \"..\"` and `keys = [\"..\"]`")))?;
    if parsed.purpose != purpose.name() {
        return Err(malformed("its purpose is another one than its name says"));
    }
    if parsed.keys.is_empty() {
        return Err(malformed("it holds no key"));
    }
    Ok(parsed.keys)
}

/// The 32 secret bytes of a key (for the checks) and the key as it is used.
type Decoded = (Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>);

fn decode_key(path: &Path, purpose: Purpose, number: usize, text: &str) -> Result<Decoded, KeyFault> {
    let malformed = |what| KeyFault::Malformed { path: path.to_owned(), what };
    let bytes = Zeroizing::new(STANDARD.decode(text).or(Err(malformed("a key is not Base64")))?);
    let expected = if purpose.signs() { SIGNING_DOCUMENT_BYTES } else { SECRET_BYTES };
    if bytes.len() != expected {
        let found = bytes.len();
        return Err(KeyFault::WrongLength { path: path.to_owned(), number, found, expected });
    }
    let secret = if purpose.signs() {
        signing_seed(&bytes).ok_or_else(|| malformed("a key is not an Ed25519 key in PKCS#8"))?
    } else {
        bytes.clone()
    };
    if is_weak(&secret) {
        return Err(KeyFault::Weak { path: path.to_owned(), number });
    }
    Ok((secret, bytes))
}

fn signing_seed(document: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let seed = Ed25519KeyPair::from_pkcs8(document).ok()?.seed().ok()?;
    let raw: Curve25519SeedBin<'static> = seed.as_be_bytes().ok()?;
    Some(Zeroizing::new(raw.as_ref().to_vec()))
}

/// Whether no random generator would have made these 32 bytes: few different values (32 random bytes have
/// fewer than 16 with a chance below 10^-14), or all at one distance from each other.
fn is_weak(secret: &[u8]) -> bool {
    let mut values = secret.to_vec();
    values.sort_unstable();
    values.dedup();
    let mut steps: Vec<u8> =
        secret.iter().zip(secret.iter().skip(1)).map(|(a, b)| b.wrapping_sub(*a)).collect();
    steps.sort_unstable();
    steps.dedup();
    values.len() < 16 || steps.len() < 4
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
