//! The commands, and the help that teaches them.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::commands;
use crate::settings::Settings;

/// An MQTT broker (3.1, 3.1.1 and 5.0)
#[derive(Parser)]
#[command(
    name = "vitrine",
    version,
    arg_required_else_help = true,
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the broker
    #[command(after_help = BROKER)]
    Broker(Box<BrokerArguments>),
    /// Set or remove a user's password in a password file
    #[command(after_help = PASSWD)]
    Passwd(commands::passwd::Arguments),
    /// Make a self-signed certificate and its key, to try TLS with
    #[command(after_help = CERTIFICATE)]
    Certificate(commands::certificate::Arguments),
}

const BROKER: &str = "\
Examples:
  vitrine broker
      MQTT on 127.0.0.1:1883 and over WebSocket on 127.0.0.1:8083, for programs on this machine
  vitrine broker --tcp '*:1883'
      for everybody who can reach this machine
  vitrine broker --config vitrine.toml --log debug
      by a file with the same names; flags win. The second example as a file:
          tcp = \"*:1883\"
          [limits]
          max_connections = 500

  mosquitto_sub -t 'hello/#' -v        and, in another window:
  mosquitto_pub -t hello/world -m 'Hi'

Rules for who may publish, subscribe and receive what are in the file, in its table [access]:
          [access]
          password_file = \"users\"
          default = \"deny\"
          [[access.rules]]
          user = \"*\"
          allow = \"all\"
          topics = \"home/%u/#\"
On SIGHUP the broker reads users, rules, certificate and key again; on Windows, and with
--watch-files true, it notices a change within seconds. --log debug shows each refusal and its rule.
SIGTERM, Ctrl+C and closing its terminal stop the broker once everything is sent.
-h leaves the limits out; --help lists them, with their defaults.";

const PASSWD: &str = "\
Example:
  vitrine passwd users ana             asks for the password
  vitrine broker --password-file users
  mosquitto_pub -u ana -P secret -t hello -m Hi

The file has a line for each user, with an argon2id hash. A running broker reads it again on
SIGHUP; on Windows, and with --watch-files true, by itself within seconds.";

const CERTIFICATE: &str = "\
Example:
  vitrine certificate --name localhost --name 192.168.1.20
  vitrine broker --tls '*:8883' --certificate certificate.pem --key key.pem
  mosquitto_sub --cafile certificate.pem -h localhost -p 8883 -t 'hello/#'

It is for trying things out: it vouches for itself, and only clients that are given it trust it.";

#[derive(Args)]
pub(crate) struct BrokerArguments {
    /// Read settings from this TOML file
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

/// Does what the command line asks for.
pub(crate) fn run() -> Result<()> {
    match Cli::parse().command {
        Command::Broker(arguments) => commands::broker::run(*arguments),
        Command::Passwd(arguments) => commands::passwd::run(&arguments),
        Command::Certificate(arguments) => commands::certificate::run(&arguments),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
