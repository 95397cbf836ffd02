//! The command line: types only. What the commands do is in `commands`.

mod commands;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::{SignedDuration, Span, SpanRelativeTo};
use uuid::Uuid;

pub use self::commands::{CliError, run};
use crate::edition::Edition;

/// Reference license service: appliances trade an install code for their identity.
#[derive(Debug, Parser)]
#[command(name = "license-service", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Answer requests until SIGTERM.
    Serve(Box<Serve>),
    /// Make a tenant and print its install code.
    Mint(Mint),
    /// Revoke a tenant's unclaimed codes and print a new one.
    Reissue(Reissue),
    /// Revoke codes, an appliance, or the license of a tenant.
    Revoke(Revoke),
    /// Print the mails that were not delivered (they hold install codes).
    Outbox(Outbox),
}

/// Where the state is.
#[derive(Debug, Args)]
pub struct State {
    /// The state directory; made when it is missing.
    #[arg(long = "state", value_name = "DIR")]
    pub directory: PathBuf,
}

/// `serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Where the state is.
    #[command(flatten)]
    pub state: State,
    /// Where to listen; port 0 means any free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// A file that appears, with the same JSON line as standard output, when the service listens.
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
    /// The URL that clients know the service by.
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// A further name or address for the certificate; may be repeated.
    #[arg(long = "name", value_name = "NAME")]
    pub names: Vec<String>,
    /// The name of the certificate authority, when it has to be made.
    #[arg(long, value_name = "NAME", default_value = "License Service CA")]
    pub ca_name: String,
    /// How long an install code is good for.
    #[arg(long, value_name = "DURATION", default_value = "30d", value_parser = duration)]
    pub code_lifetime: SignedDuration,
    /// How long a license token is good for.
    #[arg(long, value_name = "DURATION", default_value = "30d", value_parser = duration)]
    pub token_lifetime: SignedDuration,
    /// How license tokens are signed.
    #[arg(long, value_name = "HOW", default_value = "eddsa")]
    pub token_algorithm: AlgorithmArg,
    /// Leave out of license tokens which tenant they are for.
    #[arg(long)]
    pub no_token_audience: bool,
    /// How long a download link is good for.
    #[arg(long, value_name = "DURATION", default_value = "7d", value_parser = duration)]
    pub link_lifetime: SignedDuration,
    /// Who gets the grant of a claimed code again.
    #[arg(long, value_name = "WHO", default_value = "key")]
    pub replays: ReplaysArg,
    /// How many wrong codes one address may send within the window; 0 means any number.
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    pub wrong_codes: u32,
    /// The window for wrong codes.
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = positive_duration)]
    pub wrong_codes_window: Duration,
    /// Mail delivery.
    #[command(flatten)]
    pub mail: MailArgs,
}

/// Mail delivery; without it, mail stays in the outbox.
#[derive(Debug, Args)]
pub struct MailArgs {
    /// The mail server.
    #[arg(long, value_name = "HOST", requires = "mail_from")]
    pub smtp_host: Option<String>,
    /// Its port.
    #[arg(long, value_name = "PORT", requires = "smtp_host")]
    pub smtp_port: Option<u16>,
    /// How the connection is protected.
    #[arg(long, value_name = "HOW", default_value = "tls")]
    pub smtp_security: Security,
    /// The user, when the server asks for one.
    #[arg(long, value_name = "USER", requires_all = ["smtp_host", "smtp_password_file"])]
    pub smtp_user: Option<String>,
    /// The file that holds the user's password.
    #[arg(long, value_name = "FILE", requires = "smtp_user")]
    pub smtp_password_file: Option<PathBuf>,
    /// The sender.
    #[arg(long, value_name = "ADDRESS")]
    pub mail_from: Option<String>,
}

/// How license tokens are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AlgorithmArg {
    /// With Ed25519.
    Eddsa,
    /// With ECDSA on P-256, the key named by `kid`.
    Es256,
}

/// Who gets the grant of a claimed code again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReplaysArg {
    /// Who sends the same Idempotency-Key; without one, the same appliance.
    Key,
    /// The same appliance.
    Appliance,
    /// Nobody.
    Never,
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// TLS after STARTTLS, never without.
    Starttls,
    /// None: a relay on this machine only.
    None,
}

/// `mint`.
#[derive(Debug, Args)]
pub struct Mint {
    /// Where the state is.
    #[command(flatten)]
    pub state: State,
    /// The name the customer registers under.
    #[arg(long, value_name = "NAME", default_value = "Example Company")]
    pub company: String,
    /// The customer's mail address.
    #[arg(long, value_name = "ADDRESS", default_value = "it@company.example")]
    pub contact_email: String,
    /// `pro` or `essentials`.
    #[arg(long, default_value_t)]
    pub edition: Edition,
    /// How long the code is good for.
    #[arg(long, value_name = "DURATION", default_value = "30d", value_parser = duration)]
    pub expires_in: SignedDuration,
    /// How to print.
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub output: Output,
}

/// `reissue`.
#[derive(Debug, Args)]
pub struct Reissue {
    /// Where the state is.
    #[command(flatten)]
    pub state: State,
    /// Whose code.
    #[command(flatten)]
    pub tenant: TenantArgs,
    /// How long the code is good for.
    #[arg(long, value_name = "DURATION", default_value = "30d", value_parser = duration)]
    pub expires_in: SignedDuration,
    /// How to print.
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub output: Output,
}

/// A tenant, by one of two names.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct TenantArgs {
    /// The tenant, by its id.
    #[arg(long, value_name = "UUID")]
    pub tenant_id: Option<Uuid>,
    /// The tenant, by its contact.
    #[arg(long, value_name = "ADDRESS")]
    pub contact_email: Option<String>,
}

/// `revoke`.
#[derive(Debug, Args)]
pub struct Revoke {
    /// Where the state is.
    #[command(flatten)]
    pub state: State,
    /// What to revoke.
    #[command(flatten)]
    pub target: RevokeArgs,
}

/// What to revoke.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct RevokeArgs {
    /// The unclaimed codes of this tenant.
    #[arg(long, value_name = "UUID")]
    pub tenant_id: Option<Uuid>,
    /// The credentials of this appliance.
    #[arg(long, value_name = "ID")]
    pub appliance_id: Option<String>,
    /// The license of this tenant, and its unclaimed codes: its appliances keep the tokens that they have until those expire.
    #[arg(long, value_name = "UUID")]
    pub license_of: Option<Uuid>,
    /// The code in this file (`-`: standard input); a code on the command line would be seen by others.
    #[arg(long, value_name = "FILE")]
    pub code_file: Option<PathBuf>,
}

/// `outbox`.
#[derive(Debug, Args)]
pub struct Outbox {
    /// Where the state is.
    #[command(flatten)]
    pub state: State,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Text,
    /// For programs: one line.
    Json,
}

/// Reads `30d`, `12h`, `90s`; a day has 24 hours.
fn duration(text: &str) -> Result<SignedDuration, jiff::Error> {
    text.parse::<Span>()?.to_duration(SpanRelativeTo::days_are_24_hours())
}

fn positive_duration(text: &str) -> Result<Duration, jiff::Error> {
    Duration::try_from(duration(text)?)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn durations_are_what_people_write() {
        for (text, seconds) in [("30d", 2_592_000), ("12h", 43_200), ("0s", 0), ("1h 30m", 5_400), ("-1d", -86_400)] {
            assert_eq!(duration(text).unwrap().as_secs(), seconds, "{text}");
        }
        assert!(duration("soon").is_err());
        assert!(positive_duration("-1d").is_err());
    }
}
