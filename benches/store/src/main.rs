//! What a durable commit costs: a blob is appended and synced, a thousand times, and what was appended is taken out again
//! whenever it comes to 2 MiB, as `vitrine-store` does with its journal. Beside several embedded databases, a bare file
//! (which nothing can be cheaper than), and redb with a row for each change instead of a journal.
//!
//! Processor time is that of the whole process in the system's ticks of 10 ms, user and kernel apart. The argument is the
//! folder to measure in: it must be on a disk.

use std::error::Error;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::Instant;
use std::{env, process};

use redb::{Database, TableDefinition};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const COMMITS: u64 = 1_000;
const JOURNAL: u64 = 2 << 20;

fn main() -> Result<()> {
    let folder = env::args().nth(1).map_or_else(env::temp_dir, Into::into);
    let folder = folder.join(format!("vitrine-bench-store-{}", process::id()));
    fs::create_dir_all(&folder)?;
    for size in [200, 9_000, 90_000] {
        file(&folder.join("file"), size)?;
        #[cfg(target_os = "linux")]
        written_before(&folder.join("written"), size)?;
        journal(&folder.join("redb"), size)?;
        sqlite(&folder.join("sqlite"), size)?;
        fjall(&folder.join("fjall"), size)?;
        fs::remove_dir_all(&folder)?;
        fs::create_dir_all(&folder)?;
    }
    rows(&folder.join("rows"))?;
    fs::remove_dir_all(&folder)?;
    Ok(())
}

fn measure(name: &str, size: u64, mut commit: impl FnMut(u64, &[u8]) -> Result<()>) -> Result<()> {
    let blob: Vec<u8> = (0..size).map(|n| (n * 7_919 % 251) as u8).collect();
    let (before, started) = (processor_time(), Instant::now());
    for n in 0..COMMITS {
        commit(n, &blob)?;
    }
    let elapsed = started.elapsed().as_micros() as u64 / COMMITS;
    let each = |at: usize| (processor_time()[at] - before[at]) * 10_000 / COMMITS;
    let (user, system) = (each(0), each(1));
    println!("{name:24} {size:6} B: {user:4} us user {system:4} us kernel, {elapsed:5} us elapsed");
    Ok(())
}

/// Whether the journal is emptied with this commit.
fn is_full(n: u64, size: u64) -> bool {
    n % (JOURNAL / size) == 0
}

fn file(path: &Path, size: u64) -> Result<()> {
    let mut file = File::create(path)?;
    measure("bare file", size, |_, blob| {
        file.write_all(blob)?;
        Ok(file.sync_data()?)
    })
}

/// As `vitrine-store` writes its journal: over what was written before, in whole sectors, past the system's cache.
#[cfg(target_os = "linux")]
fn written_before(path: &Path, size: u64) -> Result<()> {
    use std::os::unix::fs::{FileExt, OpenOptionsExt};
    const LENGTH: u64 = 4 << 20;
    // O_DIRECT and O_DSYNC, where they have these numbers.
    const FLAGS: i32 = if cfg!(any(target_arch = "aarch64", target_arch = "arm")) {
        0o200_000 | 0o10_000
    } else {
        0o40_000 | 0o10_000
    };
    let file = File::create(path)?;
    file.write_all_at(&vec![0; LENGTH as usize], 0)?;
    file.sync_all()?;
    let file = fs::OpenOptions::new()
        .write(true)
        .custom_flags(FLAGS)
        .open(path)?;
    let length = size.div_ceil(512) * 512;
    let mut memory = vec![0; length as usize + 4_096];
    let from = memory.as_ptr().align_offset(4_096);
    let mut at = 0;
    measure("a file written before", size, |_, blob| {
        if at + length > LENGTH {
            at = 0;
        }
        let out = &mut memory[from..from + length as usize];
        out[..blob.len()].copy_from_slice(blob);
        file.write_all_at(out, at)?;
        at += length;
        Ok(())
    })
}

fn journal(path: &Path, size: u64) -> Result<()> {
    const TABLE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("journal");
    let database = Database::create(path)?;
    measure("redb, journal", size, |n, blob| {
        let transaction = database.begin_write()?;
        {
            let mut table = transaction.open_table(TABLE)?;
            if is_full(n, size) {
                table.retain(|_, _| false)?;
            }
            table.insert(n, blob)?;
        }
        Ok(transaction.commit()?)
    })
}

fn sqlite(path: &Path, size: u64) -> Result<()> {
    let connection = rusqlite::Connection::open(path)?;
    connection.execute_batch(
        "pragma journal_mode = wal; pragma synchronous = full;
         create table journal (number integer primary key, batch blob)",
    )?;
    let mut insert = connection.prepare("insert into journal values (?, ?)")?;
    measure("SQLite, WAL, full sync", size, |n, blob| {
        if is_full(n, size) {
            connection.execute_batch("delete from journal")?;
        }
        insert.execute((n as i64, blob))?;
        Ok(())
    })
}

fn fjall(path: &Path, size: u64) -> Result<()> {
    let database = fjall::Database::builder(path).open()?;
    let journal = database.keyspace("journal", fjall::KeyspaceCreateOptions::default)?;
    let mut first = 0;
    measure("fjall, data synced", size, |n, blob| {
        if is_full(n, size) {
            for n in first..n {
                journal.remove(n.to_be_bytes())?;
            }
            first = n;
        }
        journal.insert(n.to_be_bytes(), blob)?;
        Ok(database.persist(fjall::PersistMode::SyncData)?)
    })
}

/// A hundred deliveries begin with each commit, and those of the commit before end.
fn rows(path: &Path) -> Result<()> {
    const TABLE: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("deliveries");
    let database = Database::create(path)?;
    measure("redb, a row a change", 90, |n, blob| {
        let transaction = database.begin_write()?;
        {
            let mut table = transaction.open_table(TABLE)?;
            for m in 0..100 {
                table.insert(("client", n * 100 + m), blob)?;
                if n > 0 {
                    table.remove(("client", (n - 1) * 100 + m))?;
                }
            }
        }
        Ok(transaction.commit()?)
    })
}

/// Ticks of 10 ms that the process has run: its own code, the kernel for it.
fn processor_time() -> [u64; 2] {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = text.rsplit(')').next().unwrap_or_default();
    let mut fields = after_name.split_whitespace().skip(11);
    let mut next = || {
        fields
            .next()
            .and_then(|field| field.parse().ok())
            .unwrap_or(0)
    };
    [next(), next()]
}
