use std::fs::{self, Permissions};

use rand::SeedableRng;
use rand::rngs::StdRng;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;

fn fresh() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let keys = folder.path().join("keys");
    init(&keys).unwrap();
    (folder, keys)
}

fn refusal(dir: &Path) -> String {
    KeyRing::load(dir).unwrap_err().to_string()
}

fn put(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
}

fn file(purpose: &str, keys: &[&[u8]]) -> String {
    let keys: Vec<_> = keys.iter().map(|key| STANDARD.encode(key)).collect();
    format!("purpose = \"{purpose}\"\nkeys = {keys:?}\n")
}

fn random_bytes(seed: u8) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest([seed]).into()
}

#[test]
fn init_makes_a_folder_that_load_takes() {
    let (_folder, keys) = fresh();
    assert_eq!(keys.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    for purpose in Purpose::ALL {
        let mode = path_of(&keys, purpose).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{purpose:?}");
    }
    let ring = KeyRing::load(&keys).unwrap();
    assert_eq!(ring.token_keys().count(), 1);
    assert_eq!(format!("{ring:?}"), "KeyRing(redacted)");
    let again = KeyRing::load(&keys).unwrap();
    let sealed = ring.seal_installation("t", "c", "r", b"x").unwrap();
    assert_eq!(again.open_installation("t", "c", "r", &sealed).unwrap().as_slice(), b"x");
}

#[test]
fn init_never_overwrites() {
    let (_folder, keys) = fresh();
    fs::remove_file(keys.join("wrap.toml")).unwrap();
    let before = fs::read_to_string(keys.join("mac.toml")).unwrap();
    assert!(matches!(init(&keys).unwrap_err(), KeyFault::Exists(_)));
    assert_eq!(fs::read_to_string(keys.join("mac.toml")).unwrap(), before);
    assert!(!keys.join("wrap.toml").exists(), "a lost key must not be replaced quietly");
}

#[test]
fn missing_files_are_all_named() {
    let folder = TempDir::new().unwrap();
    assert!(refusal(&folder.path().join("none")).contains("`legation keys init` makes it"));
    let (_folder, keys) = fresh();
    fs::remove_file(keys.join("wrap.toml")).unwrap();
    fs::remove_file(keys.join("token.toml")).unwrap();
    let text = refusal(&keys);
    assert!(text.contains("wrap.toml is missing") && text.contains("token.toml is missing"), "{text}");
}

#[test]
fn a_folder_of_an_older_version_is_upgraded_once() {
    let (_folder, keys) = fresh();
    let before = KeyRing::load(&keys).unwrap();
    let public = before.checkpoint_keys().unwrap();
    assert_eq!((public.len(), upgrade(&keys).unwrap()), (1, Vec::new()));
    assert_eq!(KeyRing::load(&keys).unwrap().checkpoint_keys().unwrap(), public);

    fs::remove_file(keys.join("checkpoint.toml")).unwrap();
    let text = refusal(&keys);
    assert!(
        text.contains("checkpoint.toml is missing") && text.contains("`legation keys upgrade`"),
        "{text}"
    );
    assert_eq!(upgrade(&keys).unwrap(), [keys.join("checkpoint.toml")]);
    assert_eq!(keys.join("checkpoint.toml").metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let after = KeyRing::load(&keys).unwrap();
    assert_ne!(after.checkpoint_keys().unwrap(), public);
    assert_eq!(after.sign_checkpoint("x").unwrap(), after.sign_checkpoint("x").unwrap());
    assert_ne!(after.sign_checkpoint("x").unwrap(), before.sign_checkpoint("x").unwrap());

    // What was lost is not made anew.
    fs::remove_file(keys.join("checkpoint.toml")).unwrap();
    fs::remove_file(keys.join("seal.toml")).unwrap();
    assert!(upgrade(&keys).unwrap_err().to_string().contains("seal.toml is missing; restore it"));
    assert!(!keys.join("checkpoint.toml").exists());
}

#[test]
fn files_and_folders_open_to_others_are_refused() {
    for mode in [0o640, 0o604, 0o660, 0o644] {
        let (_folder, keys) = fresh();
        fs::set_permissions(keys.join("seal.toml"), Permissions::from_mode(mode)).unwrap();
        let text = refusal(&keys);
        assert!(text.contains("seal.toml may be read by others"), "{text}");
    }
    let (_folder, keys) = fresh();
    fs::set_permissions(&keys, Permissions::from_mode(0o770)).unwrap();
    assert!(refusal(&keys).contains("may be written by others (mode 0770)"));
}

#[test]
fn weak_keys_are_refused() {
    let counting: [u8; 32] = std::array::from_fn(|i| u8::try_from(i).unwrap());
    let two_values: [u8; 32] = std::array::from_fn(|i| if i % 3 == 0 { 0xAA } else { 0x55 });
    for weak in [[0; 32], [0xFF; 32], [7; 32], counting, two_values] {
        let (_folder, keys) = fresh();
        put(&keys, "index.toml", &file("index", &[&random_bytes(1), &weak]));
        let text = refusal(&keys);
        assert!(text.contains("key 2 in") && text.contains("is weak"), "{text}");
        let (_folder, keys) = fresh();
        put(&keys, "token.toml", &file("token", &[&signing_key(&weak).unwrap()]));
        assert!(refusal(&keys).contains("is weak"));
    }
    for seed in 0..=255 {
        assert!(!is_weak(&random_bytes(seed)), "{seed}");
    }
}

#[test]
fn what_is_not_a_key_is_refused_without_showing_it() {
    let (_folder, keys) = fresh();
    put(&keys, "wrap.toml", &file("wrap", &[&random_bytes(1)[..31]]));
    put(&keys, "index.toml", &file("seal", &[&random_bytes(2)]));
    put(&keys, "seal.toml", "purpose = \"seal\"\nkeys = \"c2VjcmV0\"\n");
    put(&keys, "mac.toml", "purpose = \"mac\"\nkeys = [\"***c2VjcmV0\"]\n");
    put(&keys, "token.toml", &file("token", &[&[3; 83]]));
    let text = refusal(&keys);
    for part in [
        "wrap.toml has 31 bytes; it must have 32",
        "index.toml cannot be understood: its purpose is another one",
        "seal.toml cannot be understood: it must hold",
        "mac.toml cannot be understood: a key is not Base64",
        "token.toml cannot be understood: a key is not an Ed25519 key",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("c2VjcmV0"));
}

#[test]
fn one_key_for_two_purposes_is_refused() {
    let (_folder, keys) = fresh();
    put(&keys, "seal.toml", &file("seal", &[&random_bytes(1)]));
    put(&keys, "mac.toml", &file("mac", &[&random_bytes(1)]));
    assert!(refusal(&keys).contains("mac.toml is there twice"));
}

#[test]
fn old_keys_open_and_new_keys_seal() {
    let (_folder, keys) = fresh();
    let person = Uuid::from_u128(7);
    put(&keys, "wrap.toml", &file("wrap", &[&random_bytes(1)]));
    put(&keys, "index.toml", &file("index", &[&random_bytes(2)]));
    put(&keys, "mac.toml", &file("mac", &[&random_bytes(3)]));
    let before = KeyRing::load(&keys).unwrap();
    let (key, wrapped) = before.new_person_key(&mut StdRng::seed_from_u64(1), person).unwrap();
    let number = key.seal("travel_documents", "number", person, b"C1").unwrap();

    put(&keys, "wrap.toml", &file("wrap", &[&random_bytes(4), &random_bytes(1)]));
    put(&keys, "index.toml", &file("index", &[&random_bytes(5), &random_bytes(2)]));
    put(&keys, "mac.toml", &file("mac", &[&random_bytes(6), &random_bytes(3)]));
    let after = KeyRing::load(&keys).unwrap();
    let reopened = after.open_person_key(&wrapped, person).unwrap();
    assert_eq!(reopened.open("travel_documents", "number", person, &number).unwrap().as_slice(), b"C1");
    assert_ne!(after.blind_index("C1").unwrap(), before.blind_index("C1").unwrap());
    assert!(after.blind_indexes("C1").contains(&before.blind_index("C1").unwrap()));
    assert_ne!(after.mac("name", b"x").unwrap(), before.mac("name", b"x").unwrap());
    assert!(after.mac_matches("name", b"x", &before.mac("name", b"x").unwrap()));
    assert!(before.open_person_key(&after_only(&after, person), person).is_err());
}

fn after_only(ring: &KeyRing, person: Uuid) -> Vec<u8> {
    ring.new_person_key(&mut StdRng::seed_from_u64(2), person).unwrap().1
}
