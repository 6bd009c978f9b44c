//! The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::fmt::Write;
use core::str;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::secret::mac;
use super::{Access, ScramKeys, Secret};

/// The name of the mechanism, which is the Authentication Method.
pub(crate) const METHOD: &str = "SCRAM-SHA-256";

/// Longer messages are refused: two names, two nonces and a proof take less.
const LONGEST: usize = 4_096;

/// The salt of a user who is none is so long where no user has one, and has so many iterations.
const USUAL: (usize, u32) = (16, 4_096);

/// An exchange that has begun: the client's first message came, and the server's goes to it.
#[derive(Clone)]
pub(crate) struct Exchange {
    user: Rc<str>,
    keys: ScramKeys,
    /// Whether there is such a user; else nothing proves anything.
    known: bool,
    /// What the client's first message began with: `n,,` in most cases.
    header: String,
    /// The client's nonce and the server's.
    nonce: String,
    /// AuthMessage as far as it is known.
    messages: String,
    /// The server's first message.
    challenge: String,
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// What a client proved.
#[derive(Clone, Debug)]
pub(crate) struct Proved {
    pub(crate) user: Rc<str>,
    /// The server's last message, which proves to the client that it is the server.
    pub(crate) answer: Vec<u8>,
}

impl Exchange {
    /// Takes in the client's first message. `unique` is what has not been used before. `None` when it is
    /// no such message, or wants what is not there.
    pub(crate) fn begin(
        message: &[u8],
        access: &Access,
        secret: &Secret,
        unique: [u64; 2],
    ) -> Option<Self> {
        let [since, count] = unique.map(u64::to_be_bytes);
        let ours = secret.derive("nonce", &[&since, &count, message]);
        Self::begin_with(message, access, secret, &STANDARD.encode(&ours[..24]))
    }

    /// [`Self::begin`] with this nonce of the server.
    fn begin_with(message: &[u8], access: &Access, secret: &Secret, ours: &str) -> Option<Self> {
        let message = text(message)?;
        // The header has two commas: what is bound to the channel, and for whom the user acts.
        let mut parts = message.splitn(3, ',');
        let (binding, acts_for, bare) = (parts.next()?, parts.next()?, parts.next()?);
        if !matches!(binding, "n" | "y") {
            return None;
        }
        let header = format!("{binding},{acts_for},");
        let mut attributes = bare.split(',');
        // A name that would come before this one is an extension that must be understood.
        let user = name(attributes.next()?.strip_prefix("n=")?)?;
        let theirs = attributes.next()?.strip_prefix("r=")?;
        let is_nonce = !theirs.is_empty() && theirs.bytes().all(|byte| byte.is_ascii_graphic());
        let acts_for_itself = match acts_for.strip_prefix("a=") {
            Some(other) => name(other)? == user,
            None => acts_for.is_empty(),
        };
        if !is_nonce || !acts_for_itself {
            return None;
        }
        let nonce = format!("{theirs}{ours}");
        let known = access.users.get(&*user).and_then(|user| user.scram.clone());
        let (known, keys) = match known {
            Some(keys) => (true, keys),
            None => (false, nobody(&user, access, secret)),
        };
        let salt = STANDARD.encode(&keys.salt);
        let challenge = format!("r={nonce},s={salt},i={}", keys.iterations);
        Some(Self {
            messages: format!("{bare},{challenge},"),
            user: user.into(),
            keys,
            known,
            header,
            nonce,
            challenge,
        })
    }

    /// The server's first message.
    pub(crate) fn challenge(&self) -> &[u8] {
        self.challenge.as_bytes()
    }

    /// Takes in the client's last message. `None` when it proves nothing, or another password counts by
    /// now.
    pub(crate) fn finish(mut self, message: &[u8], access: &Access) -> Option<Proved> {
        let message = text(message)?;
        let (without_proof, proof) = message.rsplit_once(",p=")?;
        let mut attributes = without_proof.split(',');
        let binding = attributes.next()?.strip_prefix("c=")?;
        let nonce = attributes.next()?.strip_prefix("r=")?;
        let header = STANDARD.decode(binding).ok()?;
        let proof: [u8; 32] = STANDARD.decode(proof).ok()?.try_into().ok()?;
        if header != self.header.as_bytes() || nonce != self.nonce {
            return None;
        }
        self.messages.push_str(without_proof);
        let messages = self.messages.as_bytes();
        let mut key = mac(&self.keys.stored_key, messages);
        key.iter_mut()
            .zip(proof)
            .for_each(|(key, proof)| *key ^= proof);
        let stored = Sha256::digest(key);
        let is_right = bool::from(stored[..].ct_eq(&self.keys.stored_key));
        let counts = access.users.get(&self.user);
        let counts = counts.is_some_and(|user| user.scram.as_ref() == Some(&self.keys));
        if !is_right || !self.known || !counts {
            return None;
        }
        let signature = STANDARD.encode(mac(&self.keys.server_key, messages));
        Some(Proved {
            user: self.user,
            answer: format!("v={signature}").into_bytes(),
        })
    }
}

/// Whether anybody can authenticate in this way.
pub(crate) fn is_offered(access: &Access, secret: &Secret) -> bool {
    secret.is_set() && access.users.values().any(|user| user.scram.is_some())
}

fn text(message: &[u8]) -> Option<&str> {
    let is_short = message.len() <= LONGEST;
    str::from_utf8(message).ok().filter(|_| is_short)
}

/// A name in which `=2C` stands for a comma and `=3D` for an equals sign.
fn name(written: &str) -> Option<String> {
    let mut parts = written.split('=');
    let mut name = String::from(parts.next()?);
    for part in parts {
        let (sign, rest) = if let Some(rest) = part.strip_prefix("2C") {
            (',', rest)
        } else {
            ('=', part.strip_prefix("3D")?)
        };
        write!(name, "{sign}{rest}").ok()?;
    }
    (!name.is_empty()).then_some(name)
}

/// What is told of a user who is none: always the same, and like that of the others.
fn nobody(user: &str, access: &Access, secret: &Secret) -> ScramKeys {
    let mut others = access.users.values().filter_map(|user| user.scram.as_ref());
    let (length, iterations) = others
        .next()
        .map_or(USUAL, |keys| (keys.salt.len(), keys.iterations));
    let derive = |purpose| secret.derive(purpose, &[user.as_bytes()]);
    let mut salt = Vec::new();
    while salt.len() < length {
        let block = [&derive("salt")[..], &salt].concat();
        salt.extend_from_slice(&secret.derive("salt block", &[&block]));
    }
    salt.truncate(length);
    ScramKeys {
        salt: salt.into(),
        iterations,
        stored_key: derive("stored key"),
        server_key: derive("server key"),
    }
}

#[cfg(test)]
mod tests;
