//! A second verifier, written from `docs/journal-format.md` and sharing no code with the first one: it takes nothing from
//! the program but a database. It checks the document's vectors and real journals, and must notice when they are spoilt.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel::sql_types::{BigInt, Binary, Nullable, Text, Timestamp};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::app::{TestApp, on_each};

fn sha(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().to_vec()
}

#[derive(QueryableByName, Clone)]
struct Entry {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Binary)]
    leaf: Vec<u8>,
    #[diesel(sql_type = Binary)]
    leaf_hash: Vec<u8>,
    #[diesel(sql_type = Timestamp)]
    at: chrono::NaiveDateTime,
    #[diesel(sql_type = Nullable<Text>)]
    actor_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    organisation_id: Option<String>,
    #[diesel(sql_type = Text)]
    action: String,
    #[diesel(sql_type = Text)]
    object_kind: String,
    #[diesel(sql_type = Text)]
    object_id: String,
    #[diesel(sql_type = Nullable<Text>)]
    request_id: Option<String>,
}

#[derive(QueryableByName, Clone)]
struct Opened {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Binary)]
    salt: Vec<u8>,
    #[diesel(sql_type = Text)]
    value: String,
}

#[derive(QueryableByName, Clone)]
struct Head {
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = Binary)]
    frontier: Vec<u8>,
}

#[derive(QueryableByName, Clone)]
struct Signed {
    #[diesel(sql_type = BigInt)]
    size: i64,
    #[diesel(sql_type = Binary)]
    root: Vec<u8>,
    #[diesel(sql_type = Text)]
    note: String,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Text)]
    id: String,
}

#[derive(QueryableByName, Clone)]
struct Subtree {
    #[diesel(sql_type = BigInt)]
    height: i64,
    #[diesel(sql_type = BigInt)]
    no: i64,
    #[diesel(sql_type = Binary)]
    hash: Vec<u8>,
}

/// Everything that a journal is.
#[derive(Clone)]
struct Log {
    installation: String,
    entries: Vec<Entry>,
    values: Vec<Opened>,
    head: Head,
    subtrees: Vec<Subtree>,
    checkpoints: Vec<Signed>,
}

macro_rules! read_log {
    ($db:expr) => {{
        let db = $db;
        Log {
            installation: sql_query("SELECT id FROM installation").get_result::<Id>(db).unwrap().id,
            entries: sql_query("SELECT * FROM journal ORDER BY seq").load(db).unwrap(),
            values: sql_query("SELECT seq, name, salt, value FROM journal_values").load(db).unwrap(),
            head: sql_query("SELECT count, frontier FROM journal_head").get_result(db).unwrap(),
            subtrees: sql_query("SELECT CAST(height AS BIGINT) AS height, no, hash FROM journal_nodes")
                .load(db)
                .unwrap(),
            checkpoints: sql_query("SELECT size, root, note FROM checkpoints").load(db).unwrap(),
        }
    }};
}

impl Log {
    fn of(app: &TestApp) -> Self {
        match app.url.strip_prefix("sqlite://") {
            Some(path) => read_log!(&mut SqliteConnection::establish(path).unwrap()),
            None => read_log!(&mut PgConnection::establish(&app.url).unwrap()),
        }
    }

    /// The number of entries, or what is wrong.
    fn verify(&self, key: &str) -> Result<usize, String> {
        let mut hashes = Vec::new();
        for (i, entry) in self.entries.iter().enumerate() {
            let wrong = |what: &str| Err(format!("entry {i}: {what}"));
            if entry.seq != i64::try_from(i).unwrap() {
                return wrong("number");
            }
            let hash = sha(&[&[0], &entry.leaf]);
            if hash != entry.leaf_hash {
                return wrong("hash");
            }
            let some = |text: &Option<String>| text.clone().unwrap_or_default();
            let expected = [
                self.installation.clone(),
                some(&entry.actor_id),
                some(&entry.organisation_id),
                entry.action.clone(),
                entry.object_kind.clone(),
                entry.object_id.clone(),
                some(&entry.request_id),
            ];
            let Some((seq, at, texts, commitments)) = fields(&entry.leaf) else { return wrong("leaf") };
            if (seq, at) != (entry.seq, entry.at.and_utc().timestamp_micros()) || texts != expected {
                return wrong("columns");
            }
            for value in self.values.iter().filter(|value| value.seq == entry.seq) {
                let made = sha(&[&value.salt, value.value.as_bytes()]);
                if !commitments.iter().any(|(name, hash)| *name == value.name && *hash == made) {
                    return wrong("value");
                }
            }
            hashes.push(hash);
        }
        if self.head.count != i64::try_from(hashes.len()).unwrap() || self.head.frontier != frontier(&hashes)
        {
            return Err("head".to_owned());
        }
        for subtree in &self.subtrees {
            let width = 1_usize << subtree.height;
            let first = usize::try_from(subtree.no).unwrap() * width;
            if hashes.get(first..first + width).map(root) != Some(subtree.hash.clone()) {
                return Err("subtree".to_owned());
            }
        }
        for row in &self.checkpoints {
            let size = usize::try_from(row.size).unwrap();
            let (name, signed_size, signed_root) = note(&row.note, key).ok_or("checkpoint")?;
            let ours = name == format!("legation.journal/{}", self.installation) && signed_size == size;
            if !ours || signed_root != row.root || hashes.get(..size).map(root) != Some(signed_root) {
                return Err("checkpoint".to_owned());
            }
        }
        Ok(hashes.len())
    }
}

type Fields = (i64, i64, Vec<String>, Vec<(String, Vec<u8>)>);

fn fields(leaf: &[u8]) -> Option<Fields> {
    let mut rest = leaf;
    let mut take = |n: usize| {
        let (head, tail) = rest.split_at_checked(n)?;
        rest = tail;
        Some(head.to_vec())
    };
    let short = |bytes: Vec<u8>| usize::from(bytes[0]) * 256 + usize::from(bytes[1]);
    (take(1)? == [1]).then_some(())?;
    let seq = i64::from_be_bytes(take(8)?.try_into().ok()?);
    let at = i64::from_be_bytes(take(8)?.try_into().ok()?);
    let mut texts = Vec::new();
    for _ in 0..7 {
        let length = short(take(2)?);
        texts.push(String::from_utf8(take(length)?).ok()?);
    }
    let mut commitments = Vec::new();
    for _ in 0..short(take(2)?) {
        let length = short(take(2)?);
        commitments.push((String::from_utf8(take(length)?).ok()?, take(32)?));
    }
    let sorted = commitments.windows(2).all(|pair| pair[0].0.as_bytes() < pair[1].0.as_bytes());
    (rest.is_empty() && sorted).then_some((seq, at, texts, commitments))
}

fn half(n: usize) -> usize {
    (0..64).map(|power| 1 << power).take_while(|k| *k < n).last().unwrap()
}

fn root(hashes: &[Vec<u8>]) -> Vec<u8> {
    match hashes.len() {
        0 => sha(&[]),
        1 => hashes[0].clone(),
        n => sha(&[&[1], &root(&hashes[..half(n)]), &root(&hashes[half(n)..])]),
    }
}

fn frontier(hashes: &[Vec<u8>]) -> Vec<u8> {
    let (mut rest, mut out) = (hashes, Vec::new());
    while !rest.is_empty() {
        let width = if rest.len().is_power_of_two() { rest.len() } else { half(rest.len()) };
        out.extend(root(&rest[..width]));
        rest = &rest[width..];
    }
    out
}

/// The root that a leaf's hash leads to, as RFC 6962 builds the tree: from the top down.
fn lead(index: usize, size: usize, leaf: &[u8], path: &[Vec<u8>]) -> Option<Vec<u8>> {
    if size == 1 {
        return path.is_empty().then(|| leaf.to_vec());
    }
    let ((sibling, below), k) = (path.split_last()?, half(size));
    Some(match index < k {
        true => sha(&[&[1], &lead(index, k, leaf, below)?, sibling]),
        false => sha(&[&[1], sibling, &lead(index - k, size - k, leaf, below)?]),
    })
}

/// Old and new root out of a consistency proof, from the top down.
fn grown(old: usize, new: usize, old_root: Option<&Vec<u8>>, path: &[Vec<u8>]) -> Option<(Vec<u8>, Vec<u8>)> {
    if old == new {
        let known = match (old_root, path) {
            (Some(root), []) => root.clone(),
            (None, [root]) => root.clone(),
            _ => return None,
        };
        return Some((known.clone(), known));
    }
    let ((sibling, below), k) = (path.split_last()?, half(new));
    if old <= k {
        let (before, after) = grown(old, k, old_root, below)?;
        return Some((before, sha(&[&[1], &after, sibling])));
    }
    let (before, after) = grown(old - k, new - k, None, below)?;
    Some((sha(&[&[1], sibling, &before]), sha(&[&[1], sibling, &after])))
}

/// Name, size and root of a note that this key signed.
fn note(note: &str, key: &str) -> Option<(String, usize, Vec<u8>)> {
    let (name, id_and_key) = key.split_once('+')?;
    let (id, public) = id_and_key.split_once('+')?;
    let public = STANDARD.decode(public).ok()?;
    let known_id = sha(&[name.as_bytes(), &[10], &public])[..4].to_vec();
    (public.len() == 33 && public[0] == 1 && hex::encode(&known_id) == id).then_some(())?;
    let lines: Vec<&str> = note.split('\n').collect();
    let [origin, size, root, "", signature, ""] = lines[..] else { return None };
    let signature = STANDARD.decode(signature.strip_prefix(&format!("\u{2014} {name} "))?).ok()?;
    let text = format!("{origin}\n{size}\n{root}\n");
    (signature.get(..4)? == known_id).then_some(())?;
    UnparsedPublicKey::new(&ED25519, &public[1..]).verify(text.as_bytes(), &signature[4..]).ok()?;
    (origin == name).then_some((origin.to_owned(), size.parse().ok()?, STANDARD.decode(root).ok()?))
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn text(value: &Value) -> Option<String> {
    Some(value.as_str().unwrap().to_owned()).filter(|text| !text.is_empty())
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

#[test]
fn the_vectors_of_the_document_verify() {
    let document = include_str!("../../docs/journal-format.md");
    let block = document.split("```json\n").nth(1).unwrap().split("\n```").next().unwrap();
    let vectors: Value = serde_json::from_str(block).unwrap();
    let rows = vectors["entries"].as_array().unwrap();
    let entry = |row: &Value| Entry {
        seq: row["seq"].as_i64().unwrap(),
        leaf: bytes(&row["leaf"]),
        leaf_hash: bytes(&row["leaf_hash"]),
        at: chrono::DateTime::from_timestamp_micros(row["at_micros"].as_i64().unwrap()).unwrap().naive_utc(),
        actor_id: text(&row["actor"]),
        organisation_id: text(&row["organisation"]),
        action: text(&row["action"]).unwrap(),
        object_kind: text(&row["object_kind"]).unwrap(),
        object_id: text(&row["object_id"]).unwrap(),
        request_id: text(&row["request_id"]),
    };
    let opened = |row: &Value| -> Vec<Opened> {
        let one = |value: &Value| Opened {
            seq: row["seq"].as_i64().unwrap(),
            name: value["name"].as_str().unwrap().to_owned(),
            salt: bytes(&value["salt"]),
            value: value["value"].as_str().unwrap().to_owned(),
        };
        row["values"].as_array().unwrap().iter().map(one).collect()
    };
    let hashes: Vec<Vec<u8>> = rows.iter().map(|row| bytes(&row["leaf_hash"])).collect();
    let (key, signed) = (vectors["key"].as_str().unwrap(), vectors["checkpoint"].as_str().unwrap());
    let log = Log {
        installation: rows[0]["installation"].as_str().unwrap().to_owned(),
        entries: rows.iter().map(entry).collect(),
        values: rows.iter().flat_map(opened).collect(),
        head: Head { count: 5, frontier: frontier(&hashes) },
        subtrees: Vec::new(),
        checkpoints: vec![Signed { size: 5, root: root(&hashes), note: signed.to_owned() }],
    };
    assert_eq!(log.verify(key), Ok(5));
    assert_eq!(log.values.len(), 5);
    for one in vectors["roots"].as_array().unwrap() {
        assert_eq!(root(&hashes[..number(&one["size"])]), bytes(&one["root"]));
    }
    let path = |one: &Value| one["path"].as_array().unwrap().iter().map(bytes).collect::<Vec<_>>();
    for one in vectors["inclusion"].as_array().unwrap() {
        let index = number(&one["index"]);
        assert_eq!(lead(index, 5, &hashes[index], &path(one)), Some(root(&hashes)), "{one}");
    }
    for one in vectors["consistency"].as_array().unwrap() {
        let old = root(&hashes[..number(&one["old"])]);
        let found = grown(number(&one["old"]), 5, Some(&old), &path(one));
        assert_eq!(found, Some((old.clone(), root(&hashes))), "{one}");
    }
    let (head, checkpoint) = vectors["proof"].as_str().unwrap().split_once("\n\n").unwrap();
    let lines: Vec<&str> = head.split('\n').collect();
    assert_eq!((lines[0], lines[2], checkpoint), ("c2sp.org/tlog-proof@v1", "index 2", signed));
    let leaf = STANDARD.decode(lines[1].strip_prefix("extra ").unwrap()).unwrap();
    let path: Vec<Vec<u8>> = lines[3..].iter().map(|line| STANDARD.decode(line).unwrap()).collect();
    let (_, _, signed_root) = note(checkpoint, key).unwrap();
    assert_eq!(lead(2, 5, &sha(&[&[0], &leaf]), &path), Some(signed_root));
}

#[test]
fn both_verifiers_agree() {
    on_each(|app| {
        for role in [legation::domain::access::Role::Officer, legation::domain::access::Role::Clerk] {
            app.as_(role);
        }
        super::evidence::append(app, 600);
        app.run_jobs();
        super::evidence::append(app, 10);
        let log = Log::of(app);
        let key = super::evidence::keys(app)[0].to_string();
        let first = app.audit(&[]).unwrap();
        assert_eq!(log.verify(&key).map(|n| u64::try_from(n).unwrap()), Ok(first.count));
        let hashes: Vec<Vec<u8>> = log.entries.iter().map(|entry| entry.leaf_hash.clone()).collect();
        assert_eq!((root(&hashes), log.subtrees.len(), log.checkpoints.len()), (first.root.to_vec(), 2, 1));

        let spoilt = |spoil: fn(&mut Log)| {
            let mut log = log.clone();
            spoil(&mut log);
            log.verify(&key).unwrap_err()
        };
        assert_eq!(spoilt(|log| log.entries[7].leaf[20] ^= 1), "entry 7: hash");
        assert_eq!(spoilt(|log| log.entries[7].action.push('x')), "entry 7: columns");
        assert_eq!(spoilt(|log| drop(log.entries.remove(7))), "entry 7: number");
        assert_eq!(spoilt(|log| drop(log.entries.pop())), "head");
        assert!(spoilt(|log| log.values[0].value.push('x')).ends_with(": value"));
        assert_eq!(spoilt(|log| log.subtrees[1].hash[0] ^= 1), "subtree");
        assert_eq!(spoilt(|log| log.checkpoints[0].root[0] ^= 1), "checkpoint");
        assert_eq!(
            spoilt(
                |log| log.checkpoints[0].note = log.checkpoints[0].note.replacen("legation.", "legatioN.", 1)
            ),
            "checkpoint"
        );
        assert_eq!(
            log.verify("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
            Err("checkpoint".to_owned())
        );
    });
}
