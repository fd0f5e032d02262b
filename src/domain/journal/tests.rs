use std::convert::Infallible;

use aws_lc_rs::signature::Ed25519KeyPair;
use proptest::prelude::*;

use super::note::{BadNote, Checkpoint, SignedNote, VerifierKey};
use super::proof::{BadProof, Proof};
use super::tree::{self, Node, node_hash};
use super::*;

/// RFC 6962 section 2.1, word by word and slow.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [one] => *one,
        many => {
            let (left, right) = many.split_at(naive_split(many.len()));
            node_hash(&naive_root(left), &naive_root(right))
        }
    }
}

fn naive_split(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// RFC 6962 section 2.1.1.
fn naive_path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = naive_split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut path, sibling) =
        if m < k { (naive_path(m, left), right) } else { (naive_path(m - k, right), left) };
    path.push(naive_root(sibling));
    path
}

/// RFC 6962 section 2.1.2.
fn naive_proof(m: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if whole { Vec::new() } else { vec![naive_root(leaves)] };
    }
    let k = naive_split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut path, sibling) =
        if m <= k { (naive_proof(m, left, whole), right) } else { (naive_proof(m - k, right, false), left) };
    path.push(naive_root(sibling));
    path
}

fn leaves(n: usize) -> Vec<Hash> {
    (0..n).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

fn perfect(leaves: &[Hash]) -> impl FnMut(Node) -> Result<Hash, Infallible> {
    |node| {
        let (first, last) = (usize::try_from(node.first()).unwrap(), usize::try_from(node.last()).unwrap());
        Ok(naive_root(&leaves[first..=last]))
    }
}

fn number(n: usize) -> u64 {
    n.try_into().unwrap()
}

#[test]
fn all_small_trees_are_as_the_rfc_says() {
    let all = leaves(70);
    let mut frontier = Frontier::default();
    assert_eq!(frontier.root(), naive_root(&[]));
    for n in 1..=all.len() {
        let some = &all[..n];
        frontier.push(all[n - 1]);
        let root = naive_root(some);
        assert_eq!(frontier.root(), root);
        assert_eq!(tree::root(number(n), perfect(some)), Ok(root));
        for m in 0..n {
            let path = tree::inclusion(number(m), number(n), perfect(some)).unwrap().unwrap();
            assert_eq!(path, naive_path(m, some), "{m} of {n}");
            assert_eq!(tree::root_of_inclusion(number(m), number(n), all[m], &path), Some(root));
            let path = tree::consistency(number(m + 1), number(n), perfect(some)).unwrap().unwrap();
            assert_eq!(path, naive_proof(m + 1, some, true), "{} of {n}", m + 1);
            let old = naive_root(&all[..=m]);
            assert!(tree::is_consistent(number(m + 1), &old, number(n), &root, &path), "{} of {n}", m + 1);
        }
    }
}

proptest! {
    #[test]
    fn frontiers_note_every_perfect_subtree_once(n in 1_usize..300) {
        let all = leaves(n);
        let (mut frontier, mut noted) = (Frontier::default(), std::collections::BTreeMap::new());
        for leaf in &all {
            frontier.push_noting(*leaf, |node, hash| assert!(noted.insert(node, hash).is_none()));
        }
        let mut expected = 0;
        for height in 1..10 {
            for index in 0..number(n) >> height {
                let node = Node { height, index };
                prop_assert_eq!(noted.get(&node).copied(), perfect(&all)(node).ok(), "{:?}", node);
                expected += 1;
            }
        }
        prop_assert_eq!(noted.len(), expected);
        let stored = frontier.to_stored();
        prop_assert_eq!(Frontier::from_stored(number(n), &stored), Ok(frontier));
    }

    /// No other leaf, place, size, root or path passes.
    #[test]
    fn wrong_proofs_are_refused(n in 2_usize..300, m in any::<prop::sample::Index>(), bit in any::<prop::sample::Index>()) {
        let (all, m) = (leaves(n), m.index(n));
        let root = naive_root(&all);
        let path = naive_path(m, &all);
        let (index, size) = (number(m), number(n));
        let leads = |index, size, leaf, path: &[Hash]| tree::root_of_inclusion(index, size, leaf, path) == Some(root);
        prop_assert!(leads(index, size, all[m], &path));
        prop_assert!(!leads(index, size, leaf_hash(b"another"), &path));
        prop_assert!(!leads(index ^ 1, size, all[m], &path));
        prop_assert!(!leads(size, size, all[m], &path));
        prop_assert!(!leads(index, size, all[m], &path[1..]));
        prop_assert!(!leads(index, size, all[m], &[path.clone(), vec![root]].concat()));
        let mut flipped = path.clone();
        let at = bit.index(path.len() * 256);
        flipped[at / 256][at % 256 / 8] ^= 1 << (at % 8);
        prop_assert!(!leads(index, size, all[m], &flipped));

        let old = m + 1;
        let old_root = naive_root(&all[..old]);
        let path = naive_proof(old, &all, true);
        let (old, new) = (number(old), size);
        prop_assert!(tree::is_consistent(old, &old_root, new, &root, &path));
        prop_assert!(!tree::is_consistent(old, &leaf_hash(b"x"), new, &root, &path));
        prop_assert!(!tree::is_consistent(old, &old_root, new, &leaf_hash(b"x"), &path));
        prop_assert!(!tree::is_consistent(0, &old_root, new, &root, &path));
        prop_assert!(!tree::is_consistent(new + 1, &old_root, new, &root, &path));
        prop_assert!(!tree::is_consistent(old, &old_root, new, &root, &[path.clone(), vec![root]].concat()));
        for at in 0..path.len() {
            let mut changed = path.clone();
            changed[at][7] ^= 4;
            prop_assert!(!tree::is_consistent(old, &old_root, new, &root, &changed));
        }
    }

    #[test]
    fn leaves_are_read_as_they_were_written(seq: u64, at_micros: i64, texts in prop::array::uniform7(".{0,12}"),
        names in prop::collection::btree_set("[a-z]{1,6}", 0..5), cut in any::<prop::sample::Index>()) {
        let [installation, actor, organisation, action, object_kind, object_id, request_id] = texts;
        let header = LeafHeader {
            seq, at_micros, installation, actor, organisation, action, object_kind, object_id, request_id,
        };
        let commitments: Vec<Commitment> =
            names.iter().rev().map(|name| Commitment { name: name.clone(), hash: commit(b"s", name) }).collect();
        let bytes = leaf_bytes(&header, &commitments);
        let leaf = Leaf::parse(&bytes).unwrap();
        prop_assert!(leaf.says(&header));
        prop_assert_eq!(leaf.commitments.len(), names.len());
        for name in &names {
            prop_assert_eq!(leaf.commitment(name), Some(&commit(b"s", name)));
        }
        let other = LeafHeader { object_id: format!("{}x", header.object_id), ..header };
        prop_assert!(!leaf.says(&other));
        prop_assert!(Leaf::parse(&bytes[..cut.index(bytes.len())]).is_err());
        prop_assert!(Leaf::parse(&[bytes.as_slice(), b"x"].concat()).is_err());
    }
}

fn hash(text: &str) -> Hash {
    hex::decode(text).unwrap().try_into().unwrap()
}

/// The tree that the first implementations of RFC 6962 were tested with.
#[test]
fn the_known_vectors_hold() {
    let inputs =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let all: Vec<Hash> = inputs.iter().map(|input| leaf_hash(&hex::decode(input).unwrap())).collect();
    let mut frontier = Frontier::default();
    for (leaf, root) in all.iter().zip(roots) {
        frontier.push(*leaf);
        assert_eq!(hex::encode(frontier.root()), root);
    }
    let (ca85, d37e) = ("ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0", roots[3]);
    let of_first = [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ];
    let bc1a = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
    let inclusion = |index, size: u64| {
        let some = &all[..usize::try_from(size).unwrap()];
        tree::inclusion(index, size, perfect(some)).unwrap().unwrap()
    };
    assert_eq!(inclusion(0, 8), of_first.map(hash));
    assert_eq!(inclusion(5, 8), [bc1a, ca85, d37e].map(hash));
    let consistency = |old, new: u64| {
        let some = &all[..usize::try_from(new).unwrap()];
        tree::consistency(old, new, perfect(some)).unwrap().unwrap()
    };
    assert_eq!(consistency(1, 8), of_first.map(hash));
    let ebc5 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
    assert_eq!(consistency(6, 8), [ebc5, ca85, d37e].map(hash));
    assert_eq!(consistency(2, 5), [of_first[1], bc1a].map(hash));
    assert!(consistency(5, 5).is_empty());
    assert_eq!(tree::consistency(0, 5, perfect(&all[..5])), Ok(None));
    assert_eq!(tree::inclusion(5, 5, perfect(&all[..5])), Ok(None));
}

/// The note of the format's first description, with its key.
#[test]
fn a_note_that_others_signed_is_verified() {
    let key: VerifierKey =
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW".parse().unwrap();
    let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    let line = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let note = SignedNote::parse(&format!("{text}\n{line}")).unwrap();
    assert_eq!((note.text(), note.verify(std::slice::from_ref(&key))), (text, Ok(&key)));
    assert_eq!(note.to_string(), format!("{text}\n{line}"));
    let other = SignedNote::parse(&format!("{}\n{line}", text.replace("answer", "Answer"))).unwrap();
    assert_eq!(other.verify(std::slice::from_ref(&key)), Err(BadNote::BadSignature));
    assert_eq!(note.verify(&[]), Err(BadNote::UnknownKey));
    assert_eq!(note.checkpoint(), Err(BadNote::NotACheckpoint));
    for bad in [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhpcMjM=",
    ] {
        assert_eq!(bad.parse::<VerifierKey>(), Err(BadNote::NotAKey), "{bad}");
    }
}

fn signer(seed: u8, origin: &str) -> (Ed25519KeyPair, VerifierKey) {
    use aws_lc_rs::signature::KeyPair;
    let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
    let key = VerifierKey::new(origin, pair.public_key().as_ref().try_into().unwrap());
    (pair, key)
}

fn signed(pair: &Ed25519KeyPair, key: &VerifierKey, size: u64, root: Hash) -> String {
    let checkpoint = Checkpoint { origin: key.name().to_owned(), size, root };
    key.note(&checkpoint, pair.sign(checkpoint.text().as_bytes()).as_ref().try_into().unwrap())
}

#[test]
fn checkpoints_are_found_in_letters() {
    let (pair, key) = signer(1, "legation.journal/a");
    let (one, two) = (signed(&pair, &key, 7, [1; 32]), signed(&pair, &key, 9, [2; 32]));
    let letter = format!(
        "Kính gửi,\r\n\r\nĐiểm xác nhận:\r\n\r\n{}  \r\n--\r\nand\n\n{two}\nlegation.journal/a\n8\nnonsense\n\n— x y\n",
        one.replace('\n', "\r\n")
    );
    let found = SignedNote::find(&letter);
    assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), [one.clone(), two]);
    for note in &found {
        assert_eq!(note.verify(std::slice::from_ref(&key)), Ok(&key));
    }
    let parsed = SignedNote::parse(&one).unwrap().checkpoint().unwrap();
    assert_eq!(parsed, Checkpoint { origin: "legation.journal/a".to_owned(), size: 7, root: [1; 32] });
    for (from, to) in [("\n7\n", "\n07\n"), ("\n7\n", "\n+7\n"), ("\n7\n", "\n\n"), ("AQE", "AQ")] {
        let changed = one.replacen(from, to, 1);
        let read = SignedNote::parse(&changed).map(|note| note.checkpoint());
        assert!(!matches!(read, Ok(Ok(_))), "{changed}");
    }
}

#[test]
fn a_proof_stands_by_itself() {
    let (pair, key) = signer(1, &note::origin("inst"));
    let bytes = |seq: u64| {
        let header = LeafHeader {
            seq,
            at_micros: 5,
            installation: "inst".to_owned(),
            actor: String::new(),
            organisation: String::new(),
            action: "a.done".to_owned(),
            object_kind: "thing".to_owned(),
            object_id: "1".to_owned(),
            request_id: String::new(),
        };
        leaf_bytes(&header, &[Commitment { name: "n".to_owned(), hash: commit(b"salt", "v") }])
    };
    let all: Vec<Hash> = (0..11).map(|seq| leaf_hash(&bytes(seq))).collect();
    let note = SignedNote::parse(&signed(&pair, &key, 11, naive_root(&all))).unwrap();
    let proof = Proof { leaf: bytes(6), index: 6, path: naive_path(6, &all), note: note.clone() };
    let text = proof.to_string();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra "), "{text}");
    let read: Proof = text.parse().unwrap();
    assert_eq!(read, proof);
    let keys = std::slice::from_ref(&key);
    let (leaf, checkpoint) = read.verify(keys).unwrap();
    assert_eq!((leaf.seq, leaf.action, checkpoint.size), (6, "a.done", 11));

    let (_, stranger) = signer(2, &note::origin("inst"));
    assert_eq!(proof.verify(&[stranger]).unwrap_err(), BadProof::Note(BadNote::UnknownKey));
    assert_eq!(proof.verify(&[]).unwrap_err(), BadProof::Note(BadNote::UnknownKey));
    for other in [
        Proof { index: 7, ..proof.clone() },
        Proof { leaf: bytes(7), ..proof.clone() },
        Proof { path: naive_path(7, &all), ..proof.clone() },
    ] {
        assert_eq!(other.verify(keys).unwrap_err(), BadProof::NotIncluded);
    }
    // A true leaf of a place that its bytes do not name: a log that was signed so is no journal of ours.
    let odd: Vec<Hash> = (1..12).map(|seq| leaf_hash(&bytes(seq))).collect();
    let note = SignedNote::parse(&signed(&pair, &key, 11, naive_root(&odd))).unwrap();
    let moved = Proof { leaf: bytes(7), index: 6, path: naive_path(6, &odd), note };
    assert_eq!(moved.verify(keys).unwrap_err(), BadProof::AnotherEntry);
    // Every single bit counts, whatever it belongs to.
    for bit in 0..text.len() * 8 {
        let mut bytes = text.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let Ok(changed) = String::from_utf8(bytes) else { continue };
        let passes = changed.parse::<Proof>().is_ok_and(|proof| proof.verify(keys).is_ok());
        assert!(!passes, "bit {bit}:\n{changed}");
    }
}
