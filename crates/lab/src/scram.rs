//! The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding, and what the world's host keeps
//! of a password for it. Nonces are counted: a world has no chance, and nothing to hide.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use vitrine_broker::ScramKeys;
use vitrine_client::Options;

/// The Authentication Method.
pub(crate) const METHOD: &str = "SCRAM-SHA-256";

/// As few as RFC 7677 allows.
const ITERATIONS: u32 = 4_096;
/// What a server may ask for: more would keep a page busy.
const MOST_ITERATIONS: u32 = 100_000;

/// Whether a client's options ask for the exchange: the method, and no data of the user's own.
pub(crate) fn is_wanted(options: &Options) -> bool {
    let authentication = options.authentication.as_ref();
    authentication.is_some_and(|(method, data)| &**method == METHOD && data.is_empty())
}

/// What the host keeps of a user's password. The salt comes from the name.
pub(crate) fn keys(user: &str, password: &str) -> ScramKeys {
    let salt: [u8; 32] = Sha256::digest(user.as_bytes()).into();
    let salt = &salt[..16];
    let salted = salted(password.as_bytes(), salt, ITERATIONS);
    ScramKeys {
        salt: salt.into(),
        iterations: ITERATIONS,
        stored_key: Sha256::digest(mac(&salted, b"Client Key")).into(),
        server_key: mac(&salted, b"Server Key"),
    }
}

/// A client's exchanges, one after the other.
#[derive(Clone, Debug)]
pub struct Scram {
    user: String,
    password: Rc<[u8]>,
    /// What its nonces begin with.
    unique: String,
    count: u64,
    /// AuthMessage as far as it is known.
    messages: String,
    nonce: String,
    /// SaltedPassword of a salt and a count: computed once.
    salted: Option<(Rc<[u8]>, u32, [u8; 32])>,
    /// What proves that the server is the server.
    expected: Option<[u8; 32]>,
    /// An exchange has begun, and its end has not come.
    under_way: bool,
}

impl Scram {
    /// For a user with this password. `unique` is of letters and digits, and no other client's.
    #[must_use]
    pub fn new(user: &str, password: &[u8], unique: &str) -> Self {
        Self {
            user: user.replace('=', "=3D").replace(',', "=2C"),
            password: password.into(),
            unique: unique.into(),
            count: 0,
            messages: String::new(),
            nonce: String::new(),
            salted: None,
            expected: None,
            under_way: false,
        }
    }

    /// Counts on from another one's nonces.
    pub(crate) fn go_on_from(&mut self, other: &Self) {
        self.count = other.count;
    }

    /// Whether an exchange has begun and is not over.
    pub(crate) fn is_under_way(&self) -> bool {
        self.under_way
    }

    /// Takes the password that a user has whose name it says, right or wrong as its own may be.
    pub(crate) fn learn(&mut self, access: &vitrine_broker::Access) {
        let user = access.users.get(&*self.user);
        if let Some(password) = user.and_then(|user| user.password.as_ref()) {
            self.password = password.as_bytes().into();
            self.salted = None;
        }
    }

    /// Begins an exchange: the client's first message, for CONNECT or for an AUTH that authenticates again.
    pub fn begin(&mut self) -> Vec<u8> {
        self.count += 1;
        // 18 bytes of a hash: as long as nonces are elsewhere.
        let hash = Sha256::digest(format!("{} {}", self.unique, self.count));
        self.nonce = STANDARD.encode(&hash[..18]);
        self.messages = format!("n={},r={}", self.user, self.nonce);
        self.expected = None;
        self.under_way = true;
        format!("n,,{}", self.messages).into_bytes()
    }

    /// Answers the server's first message with the client's last. `None` when it is no such message.
    pub fn answer(&mut self, challenge: &[u8]) -> Option<Vec<u8>> {
        let challenge = core::str::from_utf8(challenge).ok()?;
        let mut attributes = challenge.split(',');
        let nonce = attributes.next()?.strip_prefix("r=")?;
        let salt = attributes.next()?.strip_prefix("s=")?;
        let iterations: u32 = attributes.next()?.strip_prefix("i=")?.parse().ok()?;
        let in_turn = !self.nonce.is_empty() && self.expected.is_none();
        if !in_turn
            || !nonce.starts_with(&self.nonce)
            || !(1..=MOST_ITERATIONS).contains(&iterations)
        {
            return None;
        }
        let salt: Rc<[u8]> = STANDARD.decode(salt).ok()?.into();
        let salted = match &self.salted {
            Some((known, count, salted)) if *known == salt && *count == iterations => *salted,
            _ => salted(&self.password, &salt, iterations),
        };
        self.salted = Some((salt, iterations, salted));
        let without_proof = format!("c=biws,r={nonce}");
        self.messages += &format!(",{challenge},{without_proof}");
        let messages = self.messages.as_bytes();
        let client_key = mac(&salted, b"Client Key");
        let stored_key: [u8; 32] = Sha256::digest(client_key).into();
        let mut proof = mac(&stored_key, messages);
        proof
            .iter_mut()
            .zip(client_key)
            .for_each(|(proof, key)| *proof ^= key);
        self.expected = Some(mac(&mac(&salted, b"Server Key"), messages));
        Some(format!("{without_proof},p={}", STANDARD.encode(proof)).into_bytes())
    }

    /// Whether the server's last message proves that it is the server.
    pub fn proves(&mut self, answer: &[u8]) -> bool {
        let signature = answer
            .strip_prefix(b"v=")
            .and_then(|signature| STANDARD.decode(signature).ok());
        let expected = self.expected.take();
        self.under_way = false;
        expected.is_some_and(|expected| signature.as_deref() == Some(&expected[..]))
    }
}

/// Hi() of RFC 5802: PBKDF2 with one block.
fn salted(password: &[u8], salt: &[u8], iterations: u32) -> [u8; 32] {
    let Ok(keyed) = Hmac::<Sha256>::new_from_slice(password) else {
        return [0; 32];
    };
    let mut first = keyed.clone();
    first.update(salt);
    first.update(&1_u32.to_be_bytes());
    let mut last: [u8; 32] = first.finalize().into_bytes().into();
    let mut all = last;
    for _ in 1..iterations {
        let mut next = keyed.clone();
        next.update(&last);
        last = next.finalize().into_bytes().into();
        all.iter_mut()
            .zip(last)
            .for_each(|(all, last)| *all ^= last);
    }
    all
}

/// HMAC with SHA-256 and a key of 32 bytes.
fn mac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7677, section 3.
    #[test]
    fn the_example_of_the_standard() {
        let mut scram = Scram::new("user", b"pencil", "x");
        scram.begin();
        scram.nonce = "rOprNGfwEbeRWgbNEkqO".into();
        scram.messages = "n=user,r=rOprNGfwEbeRWgbNEkqO".into();
        let challenge = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let answer = scram.answer(challenge).unwrap();
        assert_eq!(
            core::str::from_utf8(&answer).unwrap(),
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        assert!(!scram.clone().proves(b"v=AAAA"));
        assert!(scram.proves(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
    }

    #[test]
    fn a_challenge_out_of_turn_is_not_answered() {
        let mut scram = Scram::new("user", b"pencil", "x");
        assert_eq!(
            scram.answer(b"r=abc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"),
            None
        );
        scram.begin();
        assert_eq!(
            scram.answer(b"r=abc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"),
            None
        );
    }
}
