//! Passwords as argon2id hashes (RFC 9106), written as PHC strings.

use argon2::password_hash::{Ident, PasswordHash, PasswordHasher, SaltString};
use argon2::{Algorithm, Argon2, Params, PasswordVerifier, Version};

/// Bytes of salt that [`hash`] takes.
pub const SALT_LENGTH: usize = 16;

/// More memory than this (in KiB) is not spent on a password: whoever writes a hash into the file would
/// otherwise decide how much a server takes.
const MOST_MEMORY: u32 = 1 << 20;

/// More passes than this are not made over the memory.
const MOST_PASSES: u32 = 1_000;

/// More lanes than this are not used.
const MOST_LANES: u32 = 64;

/// What nobody's password is: it takes as long to find that out as for somebody's.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$dml0cmluZS1ub2JvZHk$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// How much work a hash is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory, in KiB; at least 8.
    pub memory: u32,
    /// Passes over the memory; at least 1.
    pub passes: u32,
}

impl Default for Cost {
    /// 19 MiB and 2 passes: about 20 to 50 ms.
    fn default() -> Self {
        Self {
            memory: Params::DEFAULT_M_COST,
            passes: Params::DEFAULT_T_COST,
        }
    }
}

impl Cost {
    fn hasher(self) -> Argon2<'static> {
        let memory = self.memory.clamp(Params::MIN_M_COST, MOST_MEMORY);
        let passes = self.passes.clamp(Params::MIN_T_COST, MOST_PASSES);
        let params = Params::new(memory, passes, 1, None).unwrap_or_default();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }
}

/// Hashes a password. The salt must be random, and another one each time. A cost that is out of bounds is
/// moved to the nearest one that is not (8 KiB to 1 GiB, 1 to 1,000 passes).
#[must_use]
pub fn hash(password: &[u8], salt: &[u8; SALT_LENGTH], cost: Cost) -> String {
    let salt = SaltString::encode_b64(salt).expect("a salt of 16 bytes is neither short nor long");
    let hash = cost.hasher().hash_password(password, salt.as_salt());
    hash.expect("a password is shorter than 4 GiB").to_string()
}

/// Whether a password is that of a hash. Without one (nobody is known by the name, or has no password)
/// the answer is no, and takes about as long.
#[must_use]
pub fn verify(password: &[u8], hash: Option<&str>) -> bool {
    let known = hash.is_some_and(|hash| check(hash).is_ok());
    let hash = hash.filter(|_| known).unwrap_or(NOBODY);
    let Ok(hash) = PasswordHash::new(hash) else {
        debug_assert!(false, "it was checked");
        return false;
    };
    let right = Argon2::default().verify_password(password, &hash).is_ok();
    known && right
}

/// Whether a text is a hash that can be held against passwords; else what to do.
pub(crate) fn check(hash: &str) -> Result<(), String> {
    let again = "set the password anew with `vitrine passwd`";
    let Ok(parsed) = PasswordHash::new(hash) else {
        let kind = match hash.as_bytes() {
            [b'$', b'5' | b'6' | b'7', b'$', ..] => "it looks like one of Mosquitto's; ",
            [b'$', b'2', ..] => "it looks like bcrypt; ",
            _ if !hash.starts_with('$') => "passwords do not stand here as they are; ",
            _ => "",
        };
        return Err(format!("this is no argon2id hash: {kind}{again}"));
    };
    if parsed.algorithm != Ident::new_unwrap("argon2id") {
        let algorithm = parsed.algorithm;
        return Err(format!(
            "hashes are argon2id here, not {algorithm}: {again}"
        ));
    }
    let is_whole = parsed.salt.is_some() && parsed.hash.is_some();
    let params = Params::try_from(&parsed).ok().filter(|params| {
        params.m_cost() <= MOST_MEMORY
            && params.t_cost() <= MOST_PASSES
            && params.p_cost() <= MOST_LANES
    });
    let version = parsed.version.unwrap_or(Version::V0x13 as u32);
    if !is_whole || params.is_none() || Version::try_from(version).is_err() {
        return Err(format!(
            "this argon2id hash is cut off or takes more than {MOST_MEMORY} KiB or {MOST_PASSES} passes: {again}"
        ));
    }
    Ok(())
}
