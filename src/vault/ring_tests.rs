use super::*;

fn ring() -> KeyRing {
    KeyRing::in_memory(1).unwrap()
}

#[test]
fn a_wrapped_key_opens_for_its_person_only() {
    let (ring, mut random) = (ring(), StdRng::seed_from_u64(5));
    let (anna, binh) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let (key, wrapped) = ring.new_person_key(&mut random, anna).unwrap();
    let sealed = key.seal("travel_documents", "number", "d1", b"C1234567").unwrap();
    let reopened = ring.open_person_key(&wrapped, anna).unwrap();
    assert_eq!(reopened.open("travel_documents", "number", "d1", &sealed).unwrap().as_slice(), b"C1234567");
    assert_eq!(ring.open_person_key(&wrapped, binh).unwrap_err(), VaultError::Refused);
    let (other, _) = ring.new_person_key(&mut random, binh).unwrap();
    assert!(matches!(
        other.open("travel_documents", "number", "d1", &sealed).unwrap_err(),
        VaultError::UnknownKey(_)
    ));
    assert_eq!(format!("{key:?}"), format!("PersonKey(Key({}, redacted))", key.0.id));
}

#[test]
fn swapped_rows_columns_and_tables_do_not_open() {
    let ring = ring();
    let (key, _) = ring.new_person_key(&mut StdRng::seed_from_u64(5), Uuid::from_u128(1)).unwrap();
    let sealed = key.seal("travel_documents", "number", "d1", b"C1").unwrap();
    assert_eq!(key.open("travel_documents", "number", "d2", &sealed).unwrap_err(), VaultError::Refused);
    assert_eq!(key.open("travel_documents", "issuer", "d1", &sealed).unwrap_err(), VaultError::Refused);
    assert_eq!(key.open("people", "number", "d1", &sealed).unwrap_err(), VaultError::Refused);
    let body = ring.seal_installation("idempotency", "body", "k1", b"{}").unwrap();
    assert_eq!(ring.open_installation("idempotency", "body", "k1", &body).unwrap().as_slice(), b"{}");
    assert_eq!(ring.open_installation("idempotency", "body", "k2", &body).unwrap_err(), VaultError::Refused);
    assert!(KeyRing::in_memory(2).unwrap().open_installation("idempotency", "body", "k1", &body).is_err());
}

#[test]
fn a_blind_index_sees_the_number_and_nothing_else() {
    let ring = ring();
    let index = ring.blind_index("C1234567").unwrap();
    for same in ["c1234567", " C 123-4567 ", "Ｃ１２３４５６７", "C.123.4567"] {
        assert_eq!(ring.blind_index(same).unwrap(), index, "{same}");
    }
    for other in ["C1234568", "D1234567", "C12345678", ""] {
        assert_ne!(ring.blind_index(other).unwrap(), index, "{other}");
    }
    assert_ne!(KeyRing::in_memory(2).unwrap().blind_index("C1234567").unwrap(), index);
    assert_eq!(index.as_bytes().len(), 36);
    assert_eq!(ring.blind_indexes("C1234567"), vec![index]);
}

/// RFC 4231, test case 2, shows that the HMAC is the ordinary one.
#[test]
fn padding_the_key_changes_nothing() {
    let mut key = [0; 32];
    key[..4].copy_from_slice(b"Jefe");
    let mac = <Hmac<Sha256> as KeyInit>::new(&(*pad_to_block(&key)).into());
    let tag: [u8; 32] = mac.chain_update("what do ya want for nothing?").finalize().into_bytes().into();
    assert_eq!(tag[..4], [0x5b, 0xdc, 0xc1, 0x46]);
    assert_eq!(tag[28..], [0x64, 0xec, 0x38, 0x43]);
}

#[test]
fn fingerprints_differ_by_label() {
    let ring = ring();
    let tag = ring.mac("sign-in name", b"lan").unwrap();
    assert!(ring.mac_matches("sign-in name", b"lan", &tag));
    assert!(!ring.mac_matches("sign-in name", b"lam", &tag));
    assert!(!ring.mac_matches("request", b"lan", &tag));
    assert!(!ring.mac_matches("sign-in name", b"lan", &tag[..31]));
    assert_ne!(ring.mac("ab", b"c").unwrap(), ring.mac("a", b"bc").unwrap());
}
