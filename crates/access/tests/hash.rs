use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use vitrine_access::{Cost, MIN_ITERATIONS, SALT_LENGTH, hash, scram_keys, verify};

const CHEAP: Cost = Cost {
    memory: 8,
    passes: 1,
};
const SALT: [u8; SALT_LENGTH] = *b"0123456789abcdef";

#[test]
fn only_the_password_itself_is_right() {
    let of_pencil = hash(b"pencil", &SALT, CHEAP);
    assert!(of_pencil.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
    assert!(verify(b"pencil", Some(&of_pencil)));
    for wrong in [&b"Pencil"[..], b"pencil ", b"", b"pencil\0", &[0xff; 300]] {
        assert!(!verify(wrong, Some(&of_pencil)));
    }
    assert_ne!(of_pencil, hash(b"pencil", b"another-salt-16b", CHEAP));
    // A password is bytes.
    let of_bytes = hash(&[0, 0xff], &SALT, CHEAP);
    assert!(verify(&[0, 0xff], Some(&of_bytes)));
}

/// Made with the reference implementation of argon2.
#[test]
fn hashes_of_other_programs_are_understood() {
    let hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$\
                CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    assert!(verify(b"password", Some(hash)));
    assert!(!verify(b"Password", Some(hash)));
}

#[test]
fn nobody_has_a_password() {
    for hash in [
        None,
        Some(""),
        Some("password"),
        Some("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ"),
    ] {
        for password in [&b""[..], b"password"] {
            assert!(!verify(password, hash));
        }
    }
}

#[test]
fn a_cost_out_of_bounds_is_moved_into_them() {
    let cost = Cost {
        memory: 0,
        passes: 0,
    };
    assert_eq!(hash(b"x", &SALT, cost), hash(b"x", &SALT, CHEAP));
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The example of RFC 7677, section 3.
#[test]
fn keys_are_those_of_the_rfc() {
    use base64::Engine;
    let base64 = base64::engine::general_purpose::STANDARD;
    let salt = base64.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
    let keys = scram_keys("pencil", &salt, MIN_ITERATIONS).unwrap();
    let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    let message = format!(
        "n=user,r=rOprNGfwEbeRWgbNEkqO,r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r={nonce}"
    );
    let signature = mac(&keys.server_key, &message);
    assert_eq!(
        base64.encode(signature),
        "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    );
    // The proof, and the signature with StoredKey, give the ClientKey.
    let proof = base64
        .decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
        .unwrap();
    let signature = mac(&keys.stored_key, &message);
    let client_key: Vec<u8> = proof.iter().zip(signature).map(|(a, b)| a ^ b).collect();
    assert_eq!(Sha256::digest(client_key)[..], keys.stored_key);
    assert_eq!(
        (keys.iterations, &keys.salt[..]),
        (MIN_ITERATIONS, &salt[..])
    );
}

#[test]
fn passwords_are_prepared_before_their_keys_are_derived() {
    let keys = |password| scram_keys(password, b"salt", 0);
    // RFC 4013, section 3.
    assert_eq!(keys("I\u{AD}X"), keys("IX"));
    assert_eq!(keys("\u{2168}"), keys("IX"));
    assert_ne!(keys("user"), keys("USER"));
    assert!(keys("\u{7}").is_err());
    assert!(keys("\u{627}1").is_err());
    assert_eq!(keys("x").unwrap().iterations, MIN_ITERATIONS);
}
