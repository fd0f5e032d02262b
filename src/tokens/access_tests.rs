use serde_json::{Value, json};

use super::*;
use crate::vault::KeyRing;

const ISSUER: &str = "https://doanra.example.vn";
const NOW: i64 = 1_764_000_000;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(NOW + seconds, 0).unwrap()
}

fn pkcs8(seed: u64) -> Vec<u8> {
    KeyRing::in_memory(seed).unwrap().token_keys().next().unwrap().to_vec()
}

fn signer(seed: u64) -> Signer {
    Signer::new(&pkcs8(seed), ISSUER, TimeDelta::minutes(10)).unwrap()
}

fn verifier() -> Verifier {
    Verifier::new([pkcs8(1).as_slice()], ISSUER).unwrap()
}

fn good_claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": Uuid::from_u128(1), "sid": Uuid::from_u128(2),
        "typ": "access", "iat": NOW, "nbf": NOW, "exp": NOW + 600, "jti": Uuid::from_u128(3),
    })
}

/// A token with any claims and header, signed with our own key.
fn signed(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encode(header), encode(claims));
    let pair = Ed25519KeyPair::from_pkcs8(&pkcs8(1)).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(pair.sign(message.as_bytes())))
}

fn good_header() -> Value {
    json!({"alg": "EdDSA", "typ": "JWT", "kid": Jwk::of(&pkcs8(1)).unwrap().kid})
}

fn with(name: &str, value: Value) -> String {
    let mut claims = good_claims();
    claims[name] = value;
    signed(&good_header(), &claims)
}

#[test]
fn what_is_issued_verifies_in_its_time() {
    let (account, session, id) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
    let token = signer(1).issue(account, session, id, at(0)).unwrap();
    let verifier = verifier();
    let claims = verifier.verify(token.expose(), at(0)).unwrap();
    assert_eq!((claims.account, claims.session, claims.token), (account, session, id));
    assert_eq!((claims.issued_at, claims.expires_at), (at(0), at(600)));
    assert_eq!(verifier.verify(token.expose(), at(604)), Ok(claims));
    assert_eq!(verifier.verify(token.expose(), at(-5)), Ok(claims));
    assert_eq!(verifier.verify(token.expose(), at(-6)), Err(TokenFault::NotYetValid));
    assert_eq!(verifier.verify(token.expose(), at(605)), Err(TokenFault::Expired));
    assert_eq!(verifier.verify(&signed(&good_header(), &good_claims()), at(1)), Ok(claims));
}

#[test]
fn a_remembered_token_still_expires_and_no_other_profits() {
    let verifier = verifier();
    let token = signed(&good_header(), &good_claims());
    for seconds in [0, 10, 599] {
        assert!(verifier.verify(&token, at(seconds)).is_ok());
    }
    assert_eq!(verifier.lock().len(), 1);
    assert_eq!(verifier.verify(&token, at(700)), Err(TokenFault::Expired));
    assert_eq!(verifier.lock().len(), 0);
}

#[test]
fn the_memory_of_tokens_is_bounded() {
    let verifier = verifier();
    let claims = verifier.check(&signed(&good_header(), &good_claims())).unwrap();
    let key = |n: usize| -> [u8; 32] { Sha256::digest(n.to_be_bytes()).into() };
    for n in 0..CACHE_SIZE {
        let expires_at = at(if n % 2 == 0 { 1 } else { 600 });
        verifier.remember(key(n), Claims { expires_at, ..claims }, at(0));
    }
    verifier.remember(key(CACHE_SIZE), claims, at(2));
    assert_eq!(verifier.lock().len(), CACHE_SIZE / 2 + 1, "the expired ones go first");
    for n in 0..CACHE_SIZE * 2 {
        verifier.remember(key(n), claims, at(0));
    }
    assert!(verifier.lock().len() <= CACHE_SIZE);
}

/// The trap in the library (security.md T6): a claim of the wrong type counts as absent, an absent one as fine.
#[test]
fn every_claim_is_required_and_of_its_type() {
    let verifier = verifier();
    for name in ["iss", "aud", "sub", "sid", "typ", "iat", "nbf", "exp", "jti"] {
        let mut claims = good_claims();
        claims.as_object_mut().unwrap().remove(name);
        let missing = signed(&good_header(), &claims);
        assert_eq!(verifier.verify(&missing, at(0)), Err(TokenFault::NotOurs), "{name} missing");
        for wrong in
            [json!(null), json!(1.5), json!({}), json!({"a": 1}), json!([1]), json!(true), json!("x")]
        {
            assert_eq!(
                verifier.verify(&with(name, wrong.clone()), at(0)),
                Err(TokenFault::NotOurs),
                "{name} = {wrong}"
            );
        }
    }
    for name in ["iss", "aud", "typ"] {
        for wrong in [json!(7), json!("https://evil.example"), json!(""), json!([good_claims()[name], "x"])] {
            assert!(verifier.verify(&with(name, wrong.clone()), at(0)).is_err(), "{name} = {wrong}");
        }
    }
    for name in ["iat", "nbf", "exp"] {
        for wrong in [json!("1764000000"), json!(1e300), json!(i64::MAX), json!(u64::MAX), json!(i64::MIN)] {
            assert!(verifier.verify(&with(name, wrong.clone()), at(0)).is_err(), "{name} = {wrong}");
        }
    }
}

#[test]
fn times_are_checked_against_the_callers_clock() {
    let verifier = verifier();
    assert_eq!(verifier.verify(&with("exp", json!(NOW - 5)), at(0)), Err(TokenFault::Expired));
    assert_eq!(verifier.verify(&with("nbf", json!(NOW + 6)), at(0)), Err(TokenFault::NotYetValid));
    assert_eq!(verifier.verify(&with("iat", json!(NOW + 6)), at(0)), Err(TokenFault::NotYetValid));
    assert!(verifier.verify(&with("nbf", json!(NOW + 5)), at(0)).is_ok());
}

#[test]
fn other_kinds_of_token_are_refused() {
    for kind in ["refresh", "Access", "JWT", "id"] {
        assert_eq!(verifier().verify(&with("typ", json!(kind)), at(0)), Err(TokenFault::NotOurs));
    }
}

#[test]
fn only_eddsa_is_taken() {
    let verifier = verifier();
    for alg in ["none", "None", "NONE", "", "ES999"] {
        let mut header = good_header();
        header["alg"] = json!(alg);
        assert_eq!(verifier.verify(&signed(&header, &good_claims()), at(0)), Err(TokenFault::Malformed));
        let unsigned = signed(&header, &good_claims());
        let (message, _) = unsigned.rsplit_once('.').unwrap();
        assert!(verifier.verify(&format!("{message}."), at(0)).is_err());
        assert!(verifier.verify(message, at(0)).is_err());
    }
    // The classic confusion: the public key, which everybody has, as secret of an HMAC.
    let public = public_key(&pkcs8(1)).unwrap();
    let text = verifier.jwks().keys[0].x.clone();
    for secret in [public.as_ref(), text.as_bytes()] {
        for algorithm in [Algorithm::HS256, Algorithm::HS512] {
            let header = Header { kid: Some(verifier.jwks().keys[0].kid.clone()), ..Header::new(algorithm) };
            let forged =
                jsonwebtoken::encode(&header, &good_claims(), &EncodingKey::from_secret(secret)).unwrap();
            assert_eq!(verifier.verify(&forged, at(0)), Err(TokenFault::Algorithm));
        }
    }
}

#[test]
fn keys_are_told_apart_by_id() {
    let (one, two) = (pkcs8(1), pkcs8(2));
    let ids = || (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
    let issue = |seed| {
        let (account, session, token) = ids();
        signer(seed).issue(account, session, token, at(0)).unwrap()
    };
    let both = Verifier::new([two.as_slice(), one.as_slice()], ISSUER).unwrap();
    assert!(both.verify(issue(1).expose(), at(0)).is_ok(), "the old key still verifies");
    assert!(both.verify(issue(2).expose(), at(0)).is_ok());
    assert_eq!(
        verifier().verify(issue(2).expose(), at(0)),
        Err(TokenFault::UnknownKey),
        "a removed key is dead"
    );
    // Signed by key 1 in the name of key 2.
    let mut header = good_header();
    header["kid"] = json!(Jwk::of(&two).unwrap().kid);
    assert_eq!(both.verify(&signed(&header, &good_claims()), at(0)), Err(TokenFault::NotOurs));
    header.as_object_mut().unwrap().remove("kid");
    assert_eq!(both.verify(&signed(&header, &good_claims()), at(0)), Err(TokenFault::Malformed));
    let mut header = good_header();
    header["crit"] = json!(["b64"]);
    assert_eq!(both.verify(&signed(&header, &good_claims()), at(0)), Err(TokenFault::Malformed));
}

#[test]
fn changed_tokens_are_refused() {
    let verifier = verifier();
    let token = signed(&good_header(), &good_claims());
    let mut other = good_claims();
    other["sub"] = json!(Uuid::from_u128(99));
    let stolen = signed(&good_header(), &other);
    let (message, _) = stolen.rsplit_once('.').unwrap();
    let (_, signature) = token.rsplit_once('.').unwrap();
    assert_eq!(verifier.verify(&format!("{message}.{signature}"), at(0)), Err(TokenFault::NotOurs));
    for broken in ["", ".", "..", "a.b.c", "Bearer x", &"A".repeat(1_000_000), &format!("{token}.x")] {
        assert!(verifier.verify(broken, at(0)).is_err());
    }
    let elsewhere = Verifier::new([pkcs8(1).as_slice()], "https://other.example.vn").unwrap();
    assert_eq!(elsewhere.verify(&token, at(0)), Err(TokenFault::NotOurs));
}

#[test]
fn the_key_set_is_public_and_complete() {
    let jwks = serde_json::to_value(verifier().jwks()).unwrap();
    let key = &jwks["keys"][0];
    for (name, value) in [("kty", "OKP"), ("crv", "Ed25519"), ("alg", "EdDSA"), ("use", "sig")] {
        assert_eq!(key[name], value);
    }
    let x = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
    assert_eq!(x.len(), 32);
    assert!(key.get("d").is_none());
    assert!(matches!(Verifier::new([], ISSUER), Err(TokenKeyFault::None)));
    assert!(matches!(Verifier::new([&[1_u8; 83][..]], ISSUER), Err(TokenKeyFault::NotEd25519)));
}

/// RFC 8037, appendix A.3: the thumbprint of the key of its examples.
#[test]
fn the_key_id_is_the_standard_thumbprint() {
    let seed = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let jwk = Jwk::of(pair.to_pkcs8().unwrap().as_ref()).unwrap();
    assert_eq!(jwk.x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    assert_eq!(jwk.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}
