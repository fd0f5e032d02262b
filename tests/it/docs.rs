//! What can be generated is generated: diagram, matrix and configuration reference in the documents are what the code
//! says. `LEGATION_WRITE_DOCS=1 cargo test docs` writes them anew.

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use legation::domain::journal::note::{Checkpoint, SignedNote, VerifierKey, origin};
use legation::domain::journal::proof::Proof;
use legation::domain::journal::tree::{self, Frontier, Hash, Node};
use legation::domain::journal::{Commitment, LeafHeader, commit, leaf_bytes, leaf_hash};
use legation::domain::rulebook::{Book, examples};
use legation::domain::{access, dossier};
use legation::service::rules;
use serde_json::{Value, json};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn writing() -> bool {
    std::env::var("LEGATION_WRITE_DOCS").is_ok()
}

/// Compares, or writes, what stands between `<!-- name -->` and `<!-- /name -->`.
fn block(file: &str, name: &str, generated: &str) {
    let file = path(file);
    let text = std::fs::read_to_string(&file).unwrap();
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = text.split_once(&begin).expect(name);
    let (present, after) = rest.split_once(&end).expect(name);
    if writing() {
        std::fs::write(&file, format!("{before}{begin}{generated}{end}{after}")).unwrap();
    } else {
        assert_eq!(present, generated, "{name}: LEGATION_WRITE_DOCS=1 cargo test docs");
    }
}

#[test]
fn the_documents_say_what_the_code_says() {
    block("ARCHITECTURE.md", "state diagram", &format!("```mermaid\n{}```\n", dossier::diagram()));
    block("ARCHITECTURE.md", "access matrix", &access::matrix());
    let (file, generated) = (path("docs/configuration.md"), legation::config::reference());
    if writing() {
        std::fs::create_dir_all(path("docs")).unwrap();
        std::fs::write(&file, &generated).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), generated, "LEGATION_WRITE_DOCS=1 cargo test docs");
}

/// Every shipped rule with its examples, each of which is run by a test of the rulebook.
#[test]
fn the_examples_of_the_rules_are_readable() {
    let book = Book::read(&rules::shipped()).unwrap();
    let text = std::fs::read_to_string(path("config/rulebook/examples.toml")).unwrap();
    let generated = examples::table(&book, &examples::read(&text).unwrap());
    let file = path("config/rulebook/EXAMPLES.md");
    if writing() {
        std::fs::write(&file, &generated).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), generated, "LEGATION_WRITE_DOCS=1 cargo test docs");
}

/// The vectors of the journal's format. `second_verifier.rs` checks them without the code that makes them.
#[test]
fn the_vectors_of_the_journal_are_what_the_code_writes() {
    let vectors = serde_json::to_string_pretty(&vectors()).unwrap();
    block("docs/journal-format.md", "vectors", &format!("```json\n{vectors}\n```\n"));
}

fn vectors() -> Value {
    let installation = "0190a000-0000-7000-8000-000000000001";
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let key = VerifierKey::new(&origin(installation), pair.public_key().as_ref().try_into().unwrap());
    let header = |seq: u64, action: &str| LeafHeader {
        seq,
        at_micros: 1_767_225_600_000_000 + i64::try_from(seq).unwrap() * 1_000_001,
        installation: installation.to_owned(),
        actor: if seq == 0 { "" } else { "0190a000-0000-7000-8000-00000000000a" }.to_owned(),
        organisation: if seq < 2 { "" } else { "0190a000-0000-7000-8000-00000000000b" }.to_owned(),
        action: action.to_owned(),
        object_kind: if seq == 0 { "installation" } else { "dossier" }.to_owned(),
        object_id: if seq == 0 { installation.to_owned() } else { format!("dossier-{seq}") },
        request_id: if seq == 3 { "req-1" } else { "" }.to_owned(),
    };
    let entries = [
        (header(0, "installation.created"), vec![("demo", "false")]),
        (
            header(1, "delegation.registered"),
            vec![("title", "Đoàn Hội hữu nghị Pháp - Việt"), ("code", "DV-2026-0001")],
        ),
        (header(2, "delegation.submitted"), vec![]),
        (header(3, "delegation.approved"), vec![("comment", "")]),
        (header(4, "delegation.issued"), vec![("number", "15/UBND")]),
    ];
    let (mut frontier, mut hashes, mut leaves, mut listed, mut roots) = (
        Frontier::default(),
        vec![],
        vec![],
        vec![],
        vec![json!({"size": 0, "root": hex::encode(Frontier::default().root())})],
    );
    for (header, values) in entries {
        let salt = |no: usize| vec![u8::try_from(no + 1).unwrap(); 16];
        let values: Vec<_> =
            values.iter().enumerate().map(|(no, (name, value))| (*name, salt(no), *value)).collect();
        let commitments: Vec<Commitment> = values
            .iter()
            .map(|(name, salt, value)| Commitment { name: (*name).to_owned(), hash: commit(salt, value) })
            .collect();
        let leaf = leaf_bytes(&header, &commitments);
        frontier.push(leaf_hash(&leaf));
        listed.push(json!({
            "seq": header.seq, "at_micros": header.at_micros, "installation": header.installation,
            "actor": header.actor, "organisation": header.organisation, "action": header.action,
            "object_kind": header.object_kind, "object_id": header.object_id, "request_id": header.request_id,
            "values": values.iter().map(|(name, salt, value)| json!({"name": name, "salt": hex::encode(salt), "value": value})).collect::<Vec<_>>(),
            "leaf": hex::encode(&leaf), "leaf_hash": hex::encode(leaf_hash(&leaf)),
        }));
        roots.push(json!({"size": frontier.count(), "root": hex::encode(frontier.root())}));
        hashes.push(leaf_hash(&leaf));
        leaves.push(leaf);
    }
    let node = |node: Node| {
        let (mut over, first) = (Frontier::default(), usize::try_from(node.first()).unwrap());
        hashes[first..=usize::try_from(node.last()).unwrap()].iter().for_each(|hash| over.push(*hash));
        Ok::<_, Infallible>(over.root())
    };
    let path = |path: &[Hash]| path.iter().map(hex::encode).collect::<Vec<_>>();
    let inclusion = |index| tree::inclusion(index, 5, node).unwrap().unwrap();
    let checkpoint = Checkpoint { origin: origin(installation), size: 5, root: frontier.root() };
    let note = key.note(&checkpoint, pair.sign(checkpoint.text().as_bytes()).as_ref().try_into().unwrap());
    let proof = Proof {
        leaf: leaves[2].clone(),
        index: 2,
        path: inclusion(2),
        note: SignedNote::parse(&note).unwrap(),
    };
    json!({
        "entries": listed,
        "roots": roots,
        "inclusion": (0..5).map(|index| json!({"index": index, "size": 5, "path": path(&inclusion(index))})).collect::<Vec<_>>(),
        "consistency": (1..=5).map(|old| {
            let found = tree::consistency(old, 5, node).unwrap().unwrap();
            json!({"old": old, "new": 5, "path": path(&found)})
        }).collect::<Vec<_>>(),
        "ed25519_seed": hex::encode([7; 32]),
        "key": key.to_string(),
        "checkpoint": note,
        "proof": proof.to_string(),
    })
}
