//! What a server keeps of a password for SCRAM-SHA-256 (RFC 5802, RFC 7677), and how it is written.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use vitrine_broker::ScramKeys;

/// The least iteration count that RFC 7677 allows.
pub const MIN_ITERATIONS: u32 = 4_096;

/// More would keep clients busy for seconds.
const MAX_ITERATIONS: u32 = 1_000_000;

/// How a line of the password file names the mechanism.
pub(crate) const NAME: &str = "SCRAM-SHA-256";

/// Derives the keys from a password. The salt must be random, and another one each time. The iteration
/// count is moved to the nearest one from [`MIN_ITERATIONS`] to 1,000,000.
///
/// # Errors
/// When the password has characters that none may have (RFC 4013): control characters and others that no
/// two programs understand in the same way.
pub fn scram_keys(password: &str, salt: &[u8], iterations: u32) -> Result<ScramKeys, Forbidden> {
    let password = stringprep::saslprep(password).map_err(|_| Forbidden)?;
    let iterations = iterations.clamp(MIN_ITERATIONS, MAX_ITERATIONS);
    let mut salted = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), salt, iterations, &mut salted);
    Ok(ScramKeys {
        salt: salt.into(),
        iterations,
        stored_key: Sha256::digest(mac(&salted, b"Client Key")).into(),
        server_key: mac(&salted, b"Server Key"),
    })
}

/// A password has characters that none may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forbidden;

impl std::fmt::Display for Forbidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "the password has control characters or others that SCRAM does not allow: choose another",
        )
    }
}

impl std::error::Error for Forbidden {}

fn mac(key: &[u8], text: &[u8]) -> [u8; 32] {
    // A key of HMAC may have any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key will do");
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`, in base64.
pub(crate) fn write(keys: &ScramKeys) -> String {
    let [salt, stored, server] =
        [&keys.salt[..], &keys.stored_key, &keys.server_key].map(|bytes| STANDARD.encode(bytes));
    format!("{NAME}${}:{salt}${stored}:{server}", keys.iterations)
}

/// Reads what [`write`] writes.
pub(crate) fn read(text: &str) -> Result<ScramKeys, String> {
    let again = "set the password anew with `vitrine passwd --scram`";
    let parts = || {
        let (name, rest) = text.split_once('$')?;
        let (salting, keys) = rest.split_once('$')?;
        let (iterations, salt) = salting.split_once(':')?;
        let (stored, server) = keys.split_once(':')?;
        let decode = |text| STANDARD.decode(text).ok();
        let keys = ScramKeys {
            salt: decode(salt).filter(|salt| !salt.is_empty())?.into(),
            iterations: iterations.parse().ok()?,
            stored_key: decode(stored)?.try_into().ok()?,
            server_key: decode(server)?.try_into().ok()?,
        };
        (name == NAME).then_some(keys)
    };
    let keys = parts().ok_or_else(|| format!("these are no {NAME} keys: {again}"))?;
    if !(MIN_ITERATIONS..=MAX_ITERATIONS).contains(&keys.iterations) {
        return Err(format!(
            "{} iterations are not between {MIN_ITERATIONS} and {MAX_ITERATIONS}: {again}",
            keys.iterations
        ));
    }
    Ok(keys)
}
