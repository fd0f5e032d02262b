//! Signed checkpoints: C2SP signed notes (`c2sp.org/signed-note`) with a tree head as text (`c2sp.org/tlog-checkpoint`),
//! and the keys that verify them. It verifies; signing needs a secret, which lives elsewhere.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::Hash;

/// The signature type of Ed25519 in key ids and key texts.
const ED25519_TYPE: u8 = 1;
/// Most signatures of a note that are looked at.
const MOST_SIGNATURES: usize = 64;

/// Why a text is no checkpoint that can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadNote {
    /// Not a text, a blank line and signature lines.
    #[error("it is not a signed note")]
    NotANote,
    /// Its text is not origin, size and root.
    #[error("its text is not a checkpoint")]
    NotACheckpoint,
    /// The signature of a key that is known does not fit.
    #[error("its signature does not fit its text")]
    BadSignature,
    /// Nobody known signed it.
    #[error("it is signed by no key that is known here")]
    UnknownKey,
    /// Not `name+id+key`.
    #[error("it is not the text of a public key: NAME+ID+KEY")]
    NotAKey,
}

/// What the journal of this installation is called in checkpoints and keys.
#[must_use]
pub fn origin(installation: &str) -> String {
    format!("legation.journal/{installation}")
}

/// The head of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose tree.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// Reads a note's text. Lines after the third are other people's extensions and passed over.
    ///
    /// # Errors
    /// `NotACheckpoint`.
    pub fn parse(text: &str) -> Result<Self, BadNote> {
        let mut lines = text.strip_suffix('\n').ok_or(BadNote::NotACheckpoint)?.split('\n');
        let mut line = || lines.next().filter(|line| !line.is_empty()).ok_or(BadNote::NotACheckpoint);
        let (origin, size, root) = (line()?.to_owned(), line()?, line()?);
        let number: u64 = size.parse().or(Err(BadNote::NotACheckpoint))?;
        let root = STANDARD.decode(root).ok().and_then(|bytes| bytes.try_into().ok());
        let root = root.ok_or(BadNote::NotACheckpoint)?;
        let canonical = number.to_string() == size && lines.all(|line| !line.is_empty());
        canonical.then_some(Self { origin, size: number, root }).ok_or(BadNote::NotACheckpoint)
    }
}

/// The first bytes of SHA-256(name || LF || 1 || key): which key a signature line means.
fn key_id(name: &str, public: &[u8; 32]) -> [u8; 4] {
    let hash = Sha256::new().chain_update(name).chain_update([b'\n', ED25519_TYPE]).chain_update(public);
    let [a, b, c, d, ..]: Hash = hash.finalize().into();
    [a, b, c, d]
}

fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// A public key with its name. As text `NAME+ID+KEY`: id in hexadecimal, key in Base64 behind its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    public: [u8; 32],
}

impl VerifierKey {
    /// A key of the journal with this origin.
    #[must_use]
    pub fn new(origin: &str, public: [u8; 32]) -> Self {
        Self { name: origin.to_owned(), id: key_id(origin, &public), public }
    }

    /// Whose key it is.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The note with this checkpoint, given the key's signature of its text.
    #[must_use]
    pub fn note(&self, checkpoint: &Checkpoint, signature: &[u8; 64]) -> String {
        let line = [self.id.as_slice(), signature].concat();
        format!("{}\n— {} {}\n", checkpoint.text(), self.name, STANDARD.encode(line))
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = STANDARD.encode([&[ED25519_TYPE], self.public.as_slice()].concat());
        write!(f, "{}+{}+{key}", self.name, hex::encode(self.id))
    }
}

impl FromStr for VerifierKey {
    type Err = BadNote;

    fn from_str(text: &str) -> Result<Self, BadNote> {
        // Base64 has plus signs, names have none.
        let mut parts = text.splitn(3, '+');
        let mut part = || parts.next().ok_or(BadNote::NotAKey);
        let (name, id, key) = (part()?, part()?, part()?);
        let key = STANDARD.decode(key).or(Err(BadNote::NotAKey))?;
        let Some((&ED25519_TYPE, public)) = key.split_first() else { return Err(BadNote::NotAKey) };
        let read = Self::new(name, public.try_into().or(Err(BadNote::NotAKey))?);
        let fits = is_key_name(name) && hex::encode(read.id) == id;
        fits.then_some(read).ok_or(BadNote::NotAKey)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Signature {
    name: String,
    id: [u8; 4],
    bytes: Vec<u8>,
}

/// A text with the signatures below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<Signature>,
}

impl SignedNote {
    /// Reads a note, to the letter.
    ///
    /// # Errors
    /// `NotANote`.
    pub fn parse(note: &str) -> Result<Self, BadNote> {
        let (text, below) = note.rsplit_once("\n\n").ok_or(BadNote::NotANote)?;
        let lines = below.strip_suffix('\n').ok_or(BadNote::NotANote)?;
        if note.contains(|c: char| c < ' ' && c != '\n') {
            return Err(BadNote::NotANote);
        }
        let signatures: Vec<Signature> =
            lines.split('\n').map(signature).collect::<Option<_>>().ok_or(BadNote::NotANote)?;
        if signatures.len() > MOST_SIGNATURES {
            return Err(BadNote::NotANote);
        }
        Ok(Self { text: format!("{text}\n"), signatures })
    }

    /// The checkpoints in a letter or a file: line ends of any kind, white space at line ends and what stands around
    /// them do not matter.
    #[must_use]
    pub fn find(letter: &str) -> Vec<Self> {
        let lines: Vec<&str> = letter.lines().map(str::trim_end).collect();
        let starts = 0..lines.len();
        starts.filter_map(|start| Self::starting(lines.get(start..)?)).collect()
    }

    fn starting(lines: &[&str]) -> Option<Self> {
        let (text, below) = lines.split_at_checked(4)?;
        let ([_, _, _, ""], [origin, ..]) = (text, text) else { return None };
        let signed: Vec<&str> = below.iter().take_while(|line| line.starts_with("— ")).copied().collect();
        let note = format!("{}\n{}\n", text.join("\n"), signed.join("\n"));
        let note = Self::parse(&note).ok()?;
        (is_key_name(origin) && note.checkpoint().is_ok()).then_some(note)
    }

    /// The checkpoint that it says, whoever signed it.
    ///
    /// # Errors
    /// `NotACheckpoint`.
    pub fn checkpoint(&self) -> Result<Checkpoint, BadNote> {
        Checkpoint::parse(&self.text)
    }

    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first of these keys that signed it.
    ///
    /// # Errors
    /// `BadSignature` when one of them seems to have and has not, `UnknownKey` when none has.
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<&'k VerifierKey, BadNote> {
        let mut by = None;
        for signature in &self.signatures {
            let Some(key) = keys.iter().find(|key| key.name == signature.name && key.id == signature.id)
            else {
                continue;
            };
            UnparsedPublicKey::new(&ED25519, key.public)
                .verify(self.text.as_bytes(), &signature.bytes)
                .or(Err(BadNote::BadSignature))?;
            by = by.or(Some(key));
        }
        by.ok_or(BadNote::UnknownKey)
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for Signature { name, id, bytes } in &self.signatures {
            writeln!(f, "— {name} {}", STANDARD.encode([id.as_slice(), bytes].concat()))?;
        }
        Ok(())
    }
}

fn signature(line: &str) -> Option<Signature> {
    let (name, bytes) = line.strip_prefix("— ")?.split_once(' ')?;
    let bytes = STANDARD.decode(bytes).ok()?;
    let (id, bytes) = bytes.split_first_chunk()?;
    is_key_name(name).then(|| Signature { name: name.to_owned(), id: *id, bytes: bytes.to_vec() })
}
