//! The command line: types for clap, nothing else.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, builder::FalseyValueParser};
use clap_complete::Shell;

/// First-boot setup of a Kubernetes appliance.
///
/// Without a command it opens the wizard on the terminal; with `--answers` it runs
/// without one and never asks anything. No flag and no variable carries a secret.
#[derive(Debug, Parser)]
#[command(name = "firstlight", version, subcommand_negates_reqs = true, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do instead of setting the machine up.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How to set the machine up.
    #[command(flatten)]
    pub setup: SetupArgs,
}

/// The flags of a setup.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct SetupArgs {
    /// Take the answers from FILE (`-`: standard input) and never prompt
    #[arg(long, value_name = "FILE", env = "FIRSTLIGHT_ANSWERS")]
    pub answers: Option<PathBuf>,
    /// Take the answers from where this machine is given them, and never prompt; without any, nothing is done. The first of
    /// these counts: `firstlight.answers=` on the kernel's command line (an https URL, `LABEL=VOLUME:/FILE`, or a file), the systemd
    /// credential `firstlight.answers`, `answers.toml` on a volume called FIRSTLIGHT, `user-data` on one called cidata
    #[arg(long, conflicts_with_all = ["answers", "ask", "record", "dry_run"])]
    pub unattended: bool,
    /// Open the wizard with the answers from `--answers` filled in, and ask for the rest
    #[arg(long, requires = "answers")]
    pub ask: bool,
    /// Ask and tell line by line, for screen readers; also the choice where `TERM` is unset, `dumb` or `unknown`
    #[arg(long, env = "FIRSTLIGHT_PLAIN", value_parser = FalseyValueParser::new())]
    pub plain: bool,
    /// Where everything is.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Write what happens in the wizard to FILE, a new one, to go with a report. A recording
    /// holds no answers: placeholders stand in it for everything that is typed
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// How to print what happens when there is no wizard. Text follows the locale; scripts want json,
    /// which does not
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Output::Text, env = "FIRSTLIGHT_OUTPUT")]
    pub output: Output,
    /// Rehearse only: every check, nothing written anywhere
    #[arg(long, requires = "answers", conflicts_with = "ask")]
    pub dry_run: bool,
}

/// Which profile, and where the machine and its cluster are.
#[derive(Debug, Args)]
pub struct PlaceArgs {
    /// The vendor's profile; otherwise `/etc/firstlight/profile.toml`, or the built-in one
    #[arg(long, value_name = "FILE", env = "FIRSTLIGHT_PROFILE")]
    pub profile: Option<PathBuf>,
    /// The kubeconfig of the cluster; the profile's otherwise
    #[arg(long, value_name = "FILE", env = "FIRSTLIGHT_KUBECONFIG")]
    pub kubeconfig: Option<PathBuf>,
    /// Move every host path below DIR (tests, image builds)
    #[arg(long, value_name = "DIR", env = "FIRSTLIGHT_ROOT")]
    pub root: Option<PathBuf>,
}

/// How events are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// Lines for people.
    Text,
    /// JSON Lines, one event an object; readers ignore what they do not know.
    Json,
}

/// The commands besides a setup.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Replace a generated value that may be replaced, everywhere it is kept
    Rotate(RotateArgs),
    /// Have address, certificates and what is made of them follow this machine; changes nothing that is as it should be
    Reconcile(ReconcileArgs),
    /// The certificate that the appliance shows: one of your own in its place, a request for one, and which one it is
    #[command(subcommand)]
    Certificate(CertificateCommand),
    /// Put the image that this system was started from on a disk of this machine. An appliance's data that are on it are kept
    Install(InstallArgs),
    /// One that makes what is printed, and ends.
    #[command(flatten)]
    Small(SmallCommand),
}

/// `firstlight install …`
#[derive(Debug, Args)]
pub struct InstallArgs {
    /// The disk: its device, or what leads to it (`/dev/disk/by-id/…`); `only` is the only one that fits
    #[arg(long, value_name = "DISK", default_value = "only")]
    pub disk: String,
    /// What may go of what is on the disk; without this flag nothing does but the system of an appliance
    #[arg(long, value_name = "WHAT", value_enum)]
    pub erase: Option<EraseArg>,
    /// Do it; without this flag nothing is written
    #[arg(long, conflicts_with = "dry_run")]
    pub yes: bool,
    /// Say which disk, and what would become of what is on it; nothing is written
    #[arg(long)]
    pub dry_run: bool,
    /// Where everything is, and how to print what happens.
    #[command(flatten)]
    pub show: ShowArgs,
}

/// What may go of what is on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EraseArg {
    /// What is no appliance's.
    Foreign,
    /// Everything, also the data of an appliance.
    Everything,
}

/// The commands that make what is printed, and end.
#[derive(Debug, Subcommand)]
pub enum SmallCommand {
    /// Everything about answers files
    #[command(subcommand)]
    Answers(AnswersCommand),
    /// Everything about profiles
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Say what an error id or exit code means and what to do
    Explain {
        /// An id such as `code-used`, or an exit code such as `22`
        #[arg(value_name = "ID|CODE")]
        what: String,
    },
    /// Print the screens of a recording of the wizard (`--record`), one after the other
    #[command(hide = true)]
    Replay {
        /// The recording
        file: PathBuf,
        /// Print only the screen after message N
        #[arg(long, value_name = "N")]
        at: Option<usize>,
        /// Open the wizard there, with nothing behind it, instead of printing screens
        #[arg(long)]
        open: bool,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    Man,
    /// Judge the password on standard input; the wizard calls it
    #[command(hide = true)]
    Strength,
}

/// `firstlight reconcile …`
#[derive(Debug, Args)]
pub struct ReconcileArgs {
    /// Say what would change, and where the appliance is reached; nothing is written
    #[arg(long, visible_alias = "status")]
    pub dry_run: bool,
    /// Where everything is.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// How to print what happens. Text follows the locale; scripts want json, which does not
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Output::Text, env = "FIRSTLIGHT_OUTPUT")]
    pub output: Output,
}

/// `firstlight certificate …`
#[derive(Debug, Subcommand)]
pub enum CertificateCommand {
    /// Print a request (PKCS #10) for the appliance's own key, for an authority of yours to sign
    Request(ShowArgs),
    /// Show the certificate in FILE from now on: PEM with those above it, or PKCS #12; also what an authority has made of a
    /// request
    Import(ImportArgs),
    /// Say which certificate is shown, and who has signed it
    Show(ShowArgs),
}

/// How something is told of an appliance.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Where everything is.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// How to print it. Text follows the locale; scripts want json, which does not
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Output::Text, env = "FIRSTLIGHT_OUTPUT")]
    pub output: Output,
}

/// `firstlight certificate import …`
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The certificate, with those above it up to the root, and perhaps with its key
    pub file: PathBuf,
    /// Its key as PEM, if it is not in FILE. Without a key the certificate has to be for the appliance's own
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// The file whose one line opens them, if they are encrypted
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Say what would change, and what is wrong with it; nothing is written
    #[arg(long)]
    pub dry_run: bool,
    /// Where everything is, and how to print what happens.
    #[command(flatten)]
    pub show: ShowArgs,
}

impl CertificateCommand {
    /// Where everything is, and how to print what happens.
    pub const fn shown(&self) -> &ShowArgs {
        match self {
            Self::Request(show) | Self::Show(show) => show,
            Self::Import(import) => &import.show,
        }
    }
}

/// `firstlight rotate …`
#[derive(Debug, Args)]
pub struct RotateArgs {
    /// The value's id in the profile
    pub id: String,
    /// Do it; without this flag it is only said what will be replaced, and what will not work any more
    #[arg(long)]
    pub yes: bool,
    /// Where everything is.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// How to print what happens. Text follows the locale; scripts want json, which does not
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Output::Text, env = "FIRSTLIGHT_OUTPUT")]
    pub output: Output,
}

/// `firstlight answers …`
#[derive(Debug, Subcommand)]
pub enum AnswersCommand {
    /// Print a commented answers file to start from
    Template(ProfileArgs),
    /// Print the JSON Schema of answers files
    Schema(ProfileArgs),
    /// Check FILE without side effects; reports every problem
    Check {
        /// The answers file; `-` is standard input
        file: PathBuf,
        /// Which questions there are.
        #[command(flatten)]
        profile: ProfileArgs,
    },
}

/// Which profile an answers file is for.
#[derive(Debug, Args)]
pub struct ProfileArgs {
    /// The vendor's profile; otherwise `/etc/firstlight/profile.toml`, or the built-in one
    #[arg(long, value_name = "FILE", env = "FIRSTLIGHT_PROFILE")]
    pub profile: Option<PathBuf>,
}

/// `firstlight profile …`
#[derive(Debug, Subcommand)]
pub enum ProfileCommand {
    /// Print the built-in profile, with every default and a comment on each
    Show,
    /// Print the JSON Schema of profiles
    Schema,
    /// Check FILE; reports every problem
    Check {
        /// The profile
        file: PathBuf,
    },
}
