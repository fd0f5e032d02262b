//! The walk of a verifier: every entry by itself, then the tree over all of them against what was kept of it (the
//! hashes of its subtrees, the head, the signed checkpoints) and against checkpoints that were kept elsewhere. It
//! names the first thing that does not fit; it reads no database.

use std::collections::BTreeMap;
use std::fmt;

use super::note::{BadNote, SignedNote, VerifierKey, origin};
use super::tree::{Frontier, Hash, Node, leaf_hash};
use super::{Leaf, LeafHeader, commit};

/// Heights of stored subtrees: 8, 16 .. above the leaves, as tiles of 256 are.
pub const TILE_HEIGHT: u32 = 8;

/// One stored entry as a verifier sees it.
#[derive(Debug, Clone)]
pub struct StoredEntry {
    /// The filter columns. Its installation is the one whose journal it should be.
    pub header: LeafHeader,
    /// The leaf as stored.
    pub leaf: Vec<u8>,
    /// Its hash as stored.
    pub leaf_hash: Vec<u8>,
    /// Values that were not erased: name, salt, value.
    pub values: Vec<(String, Vec<u8>, String)>,
}

/// A checkpoint's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Vec<u8>,
    /// The signed note.
    pub note: String,
}

/// What was done to the journal, as far as can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Something is not as it was written.
    Changed,
    /// An entry was taken out.
    Missing,
    /// An entry was put in.
    Inserted,
    /// Entries changed places.
    Reordered,
    /// The newest entries were taken away.
    CutTail,
    /// Other entries than those that were signed follow a common beginning.
    Forked,
    /// It ends before what was signed: an old backup.
    RolledBack,
    /// Another installation's.
    AnotherInstallation,
    /// A checkpoint that none of the known keys signed.
    Unsigned,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Inserted => "inserted",
            Self::Reordered => "reordered",
            Self::CutTail => "tail cut off",
            Self::Forked => "forked",
            Self::RolledBack => "rolled back to an old backup",
            Self::AnotherInstallation => "another installation's",
            Self::Unsigned => "not signed by us",
        })
    }
}

/// The first thing that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Misfit {
    /// Sequence number of the first entry that does not fit, or of the first that may not.
    pub seq: u64,
    /// The last that may not, where the evidence does not say which one it is.
    pub until: Option<u64>,
    /// The checkpoint that it is about, if it is about one.
    pub checkpoint: Option<u64>,
    /// What was done.
    pub fault: Fault,
    /// How that is known.
    pub why: &'static str,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.checkpoint, self.until) {
            (Some(size), _) => write!(f, "checkpoint of {size} entries")?,
            (None, Some(until)) if until > self.seq => write!(f, "entry {}, or one up to {until}", self.seq)?,
            (None, _) => write!(f, "entry {}", self.seq)?,
        }
        write!(f, ": {}: {}", self.fault, self.why)
    }
}

impl Misfit {
    /// A misfit of one entry.
    #[must_use]
    pub fn at(seq: u64, fault: Fault, why: &'static str) -> Self {
        Self { seq, until: None, checkpoint: None, fault, why }
    }

    fn within(seq: u64, until: u64, fault: Fault, why: &'static str) -> Self {
        Self { until: Some(until.max(seq)), ..Self::at(seq, fault, why) }
    }

    fn about(size: u64, fault: Fault, why: &'static str) -> Self {
        Self { checkpoint: Some(size), ..Self::at(size.saturating_sub(1), fault, why) }
    }

    /// What stands at a place where another number should: taken out, if no later entry bears that number.
    #[must_use]
    pub fn settled(self, number_stands_later: bool) -> Self {
        match self.fault {
            Fault::Reordered if !number_stands_later => Self {
                fault: Fault::Missing,
                why: "later entries were given its and the following numbers",
                ..self
            },
            _ => self,
        }
    }
}

/// Checks the entry that should be number `seq`, by itself, and hands out its leaf's hash.
///
/// # Errors
/// The misfit. `Reordered` is to be [`Misfit::settled`].
pub fn check_entry(entry: &StoredEntry, seq: u64) -> Result<Hash, Misfit> {
    let misfit = |fault, why| Err(Misfit::at(seq, fault, why));
    if entry.header.seq != seq {
        let inserted = entry.header.seq < seq;
        let fault = if inserted { Fault::Inserted } else { Fault::Missing };
        return misfit(fault, "the numbers of the rows do not follow each other");
    }
    let hash = leaf_hash(&entry.leaf);
    if entry.leaf_hash != hash {
        return misfit(Fault::Changed, "its bytes and their stored hash differ");
    }
    let Ok(leaf) = Leaf::parse(&entry.leaf) else {
        return misfit(Fault::Changed, "its bytes cannot be read");
    };
    if leaf.installation != entry.header.installation {
        return misfit(Fault::AnotherInstallation, "its bytes name another installation than this database");
    }
    if leaf.seq.checked_add(1) == Some(seq) {
        return Err(Misfit::at(leaf.seq, Fault::Inserted, "two entries bear this number"));
    }
    if leaf.seq < seq {
        return misfit(Fault::Inserted, "an older entry stands here once more");
    }
    if leaf.seq > seq {
        return misfit(Fault::Reordered, "a later entry stands in its place");
    }
    if !leaf.says(&entry.header) {
        return misfit(Fault::Changed, "its columns and its bytes differ");
    }
    for (name, salt, value) in &entry.values {
        if leaf.commitment(name) != Some(&commit(salt, value)) {
            return misfit(Fault::Changed, "a value is not the one that its bytes commit to");
        }
    }
    Ok(hash)
}

/// What the entries are held against.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Stored hashes of subtrees; one that is not there proves nothing.
    pub nodes: BTreeMap<Node, Vec<u8>>,
    /// Stored checkpoints, by size.
    pub checkpoints: Vec<StoredCheckpoint>,
    /// Checkpoints that were kept elsewhere.
    pub given: Vec<SignedNote>,
    /// Who may have signed them.
    pub keys: Vec<VerifierKey>,
}

/// A root that somebody signed.
#[derive(Debug, Clone)]
struct Mark {
    size: u64,
    root: Hash,
    given: bool,
}

/// What a journal that verifies is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many entries.
    pub count: u64,
    /// The root over them.
    pub root: Hash,
    /// How many stored checkpoints were verified.
    pub checkpoints: usize,
    /// The largest checkpoint that it fits.
    pub last_checkpoint: Option<u64>,
    /// How many given checkpoints it fits.
    pub given: usize,
}

/// The tree over the entries, leaf by leaf, in constant memory but for the evidence.
#[derive(Debug, Clone)]
pub struct Verifier {
    frontier: Frontier,
    nodes: BTreeMap<Node, Vec<u8>>,
    /// The smallest size last.
    marks: Vec<Mark>,
    /// Entries before this one fit what is stored beside them.
    proved: u64,
    /// Entries before this one fit what was kept elsewhere: what is stored here may be a fork's own.
    agreed: u64,
    verified: Verified,
}

impl Verifier {
    /// Looks at the signatures first.
    ///
    /// # Errors
    /// The checkpoint that is not signed, is not what its row says, or is another journal's.
    pub fn new(installation: &str, evidence: Evidence) -> Result<Self, Misfit> {
        let Evidence { nodes, checkpoints, given, keys } = evidence;
        let ours = origin(installation);
        let mut marks = Vec::with_capacity(checkpoints.len() + given.len());
        for row in &checkpoints {
            let changed = |why| Misfit::about(row.size, Fault::Changed, why);
            let note = SignedNote::parse(&row.note).or(Err(changed("its note cannot be read")))?;
            let mark = mark(&note, &ours, &keys, row.size, false)?;
            if mark.size != row.size || mark.root.as_slice() != row.root {
                return Err(changed("its columns and its signed note differ"));
            }
            marks.push(mark);
        }
        for note in &given {
            marks.push(mark(note, &ours, &keys, 0, true)?);
        }
        let (checkpoints, given) = (checkpoints.len(), given.len());
        // A stored one first, where two are of one size.
        marks.sort_by_key(|mark| std::cmp::Reverse((mark.size, mark.given)));
        let root = super::tree::empty_root();
        let verified = Verified { count: 0, root, checkpoints, last_checkpoint: None, given };
        let mut verifier =
            Self { frontier: Frontier::default(), nodes, marks, proved: 0, agreed: 0, verified };
        verifier.compare_marks()?;
        Ok(verifier)
    }

    /// How many leaves so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.frontier.count()
    }

    /// Takes the next leaf.
    ///
    /// # Errors
    /// The misfit: a stored subtree or a checkpoint that does not follow from the entries.
    pub fn push(&mut self, leaf: Hash) -> Result<(), Misfit> {
        let (nodes, mut differs, mut proved) = (&mut self.nodes, None, self.proved);
        self.frontier.push_noting(leaf, |node, hash| {
            if node.height % TILE_HEIGHT != 0 {
                return;
            }
            match nodes.remove(&node) {
                Some(stored) if stored == hash => proved = node.last().saturating_add(1),
                Some(_) => differs = differs.or(Some(node)),
                None => {}
            }
        });
        if let Some(node) = differs {
            let why = "the entries do not lead to the stored hash of their subtree";
            let first = self.proved.clamp(node.first(), node.last());
            return Err(Misfit::within(first, node.last(), Fault::Changed, why));
        }
        self.proved = proved;
        self.compare_marks()
    }

    fn compare_marks(&mut self) -> Result<(), Misfit> {
        let count = self.frontier.count();
        while let Some(mark) = self.marks.pop_if(|mark| mark.size <= count) {
            if self.frontier.root() != mark.root {
                let last = count.saturating_sub(1);
                return Err(match mark.given {
                    false => {
                        let why = "the entries do not lead to the root that was signed";
                        Misfit::within(self.proved.min(last), last, Fault::Changed, why)
                    }
                    true => {
                        let why = "other entries than these led to the root of the checkpoint that was given";
                        Misfit::within(self.agreed.min(last), last, Fault::Forked, why)
                    }
                });
            }
            if mark.given {
                self.agreed = mark.size;
            }
            self.proved = self.proved.max(mark.size);
            self.verified.last_checkpoint = Some(mark.size);
        }
        Ok(())
    }

    /// After the last entry: compares with the head, and with the checkpoints that are of more entries.
    ///
    /// # Errors
    /// The misfit: a cut tail, a head that was changed, an old backup.
    pub fn finish(self, head_count: u64, head_frontier: &[u8]) -> Result<Verified, Misfit> {
        let count = self.frontier.count();
        if head_count > count {
            return Err(Misfit::at(count, Fault::CutTail, "the head counts more entries than there are"));
        }
        if head_count < count {
            return Err(Misfit::at(
                head_count,
                Fault::Inserted,
                "the head counts fewer entries than there are",
            ));
        }
        if let Some(mark) = self.marks.iter().rev().find(|mark| !mark.given) {
            debug_assert!(mark.size > count);
            return Err(Misfit::at(
                count,
                Fault::CutTail,
                "a stored checkpoint was signed over more entries",
            ));
        }
        if !self.marks.is_empty() {
            let why = "the checkpoint that was given was signed over more entries";
            return Err(Misfit::at(count, Fault::RolledBack, why));
        }
        if Frontier::from_stored(count, head_frontier).is_err() {
            let why = "the head's hashes are those of another number of entries";
            return Err(Misfit::at(count, Fault::CutTail, why));
        }
        if self.frontier.to_stored() != head_frontier {
            // One of them was rewritten, or those from `count` on were cut off and the head counted down.
            let first = self.frontier.differs_from(head_frontier).max(self.proved).min(count);
            let why = "the head's hashes do not follow from the entries";
            return Err(Misfit::within(first, count, Fault::Changed, why));
        }
        if let Some(node) = self.nodes.keys().next() {
            let why = "a stored hash is of a subtree that the entries do not fill";
            return Err(Misfit::at(node.last().min(count), Fault::CutTail, why));
        }
        Ok(Verified { count, root: self.frontier.root(), ..self.verified })
    }
}

fn mark(note: &SignedNote, ours: &str, keys: &[VerifierKey], size: u64, given: bool) -> Result<Mark, Misfit> {
    let checkpoint =
        note.checkpoint().or(Err(Misfit::about(size, Fault::Changed, "its note is no checkpoint")))?;
    let size = if given { checkpoint.size } else { size };
    if checkpoint.origin != ours {
        return Err(Misfit::about(
            size,
            Fault::AnotherInstallation,
            "it names another journal than this one",
        ));
    }
    match note.verify(keys) {
        Ok(_) => Ok(Mark { size: checkpoint.size, root: checkpoint.root, given }),
        Err(BadNote::UnknownKey) => {
            Err(Misfit::about(size, Fault::Unsigned, "its key is none of those that are known here"))
        }
        Err(_) => Err(Misfit::about(size, Fault::Unsigned, "its signature does not fit its text")),
    }
}
