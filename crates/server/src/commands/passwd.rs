//! `vitrine passwd`: sets and removes passwords in a password file.

use std::fs::{self, OpenOptions};
use std::io::{self, BufRead, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use vitrine_access::{Cost, SALT_LENGTH, hash, passwords, scram_keys};
use vitrine_broker::User;

use crate::text;

/// What the RFC asks for at least is little today; clients of small devices still bear this.
const SCRAM_ITERATIONS: u32 = 10_000;

/// When what was changed counts.
const READ_AGAIN: &str = if cfg!(windows) {
    "A running broker reads the file again within seconds."
} else {
    "A running broker reads the file again on SIGHUP."
};

/// See the module.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The password file; made when there is none
    file: PathBuf,
    /// The user name
    user: String,
    /// Remove the user instead
    #[arg(long, conflicts_with_all = ["stdin", "scram"])]
    delete: bool,
    /// Read the password from standard input, up to the end of its first line
    #[arg(long)]
    stdin: bool,
    /// Let the user log in with SCRAM-SHA-256 as well, by which the password never travels
    #[arg(long)]
    scram: bool,
}

/// Changes the file.
///
/// # Errors
/// When it is no password file or cannot be written, or the name or password will not do.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { file, user, .. } = arguments;
    let in_file = |error: vitrine_access::Error| match error.line {
        0 => anyhow!("{}", error.message),
        _ => anyhow!(error.at(file.display())),
    };
    let before = match text::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound && !arguments.delete => String::new(),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
    };
    if arguments.delete {
        let Some(after) = passwords::remove(&before, user).map_err(in_file)? else {
            bail!("{} has no user {user:?}", file.display());
        };
        replace(file, &after)?;
        println!("{user} is removed. {READ_AGAIN}");
        return Ok(());
    }
    // What is wrong with the name or the file is said before a password is typed.
    let probe = User {
        password: Some(
            hash(
                b"",
                &salt()?,
                Cost {
                    memory: 8,
                    passes: 1,
                },
            )
            .into(),
        ),
        scram: None,
    };
    passwords::set(&before, user, &probe).map_err(in_file)?;
    let password = password(arguments.stdin, user)?;
    let scram = if arguments.scram {
        Some(scram_keys(&password, &salt()?, SCRAM_ITERATIONS)?)
    } else {
        None
    };
    let known = User {
        password: Some(hash(password.as_bytes(), &salt()?, Cost::default()).into()),
        scram,
    };
    let after = passwords::set(&before, user, &known).map_err(in_file)?;
    replace(file, &after)?;
    println!("{user} has a password in {}. {READ_AGAIN}", file.display());
    Ok(())
}

fn salt() -> Result<[u8; SALT_LENGTH]> {
    let mut salt = [0; SALT_LENGTH];
    getrandom::fill(&mut salt)
        .map_err(|error| anyhow!("the system gives no random number: {error}"))?;
    Ok(salt)
}

fn password(from_stdin: bool, user: &str) -> Result<String> {
    let password = if from_stdin || !io::stdin().is_terminal() {
        let mut line = String::new();
        io::stdin()
            .lock()
            .read_line(&mut line)
            .context("cannot read the password")?;
        // PowerShell puts a byte order mark in front of what it passes on.
        let line = line.strip_prefix('\u{feff}').unwrap_or(&line);
        line.trim_end_matches(['\n', '\r']).to_owned()
    } else {
        let first = rpassword::prompt_password(format!("Password for {user}: "))?;
        if rpassword::prompt_password("The same again: ")? != first {
            bail!("the two passwords differ; nothing was changed");
        }
        first
    };
    if password.is_empty() {
        bail!("an empty password lets everybody in who knows the name; nothing was changed");
    }
    Ok(password)
}

/// Writes a file so that it is either as before or as it is to be, with the owner and rights that it had.
fn replace(file: &Path, text: &str) -> Result<()> {
    // Where it is a link it stays one.
    let target = &fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let mut unfinished = target.as_os_str().to_owned();
    unfinished.push(".new");
    let unfinished = PathBuf::from(unfinished);
    let write = || -> io::Result<()> {
        // What was left over, or put there by somebody else, is not written to.
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = options.open(&unfinished)?;
        if let Ok(before) = fs::metadata(target) {
            keep_owner(&out, &before)?;
            out.set_permissions(before.permissions())?;
        }
        out.write_all(text.as_bytes())?;
        out.sync_all()?;
        fs::rename(&unfinished, target)?;
        sync_folder(target)
    };
    write().with_context(|| format!("cannot write {}", file.display()))
}

/// Root may change the file of a broker that runs as somebody else, who has to read it again.
#[cfg(unix)]
fn keep_owner(file: &fs::File, before: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let now = file.metadata()?;
    if (now.uid(), now.gid()) == (before.uid(), before.gid()) {
        return Ok(());
    }
    fchown(file, Some(before.uid()), Some(before.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_: &fs::File, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// Makes the change of a name durable.
fn sync_folder(file: &Path) -> io::Result<()> {
    match file.parent() {
        Some(folder) if cfg!(unix) => {
            let is_here = folder.as_os_str().is_empty();
            let folder = if is_here { Path::new(".") } else { folder };
            fs::File::open(folder)?.sync_all()
        }
        _ => Ok(()),
    }
}
