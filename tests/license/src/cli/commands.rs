//! What the commands do. Standard output gets the result and nothing else; the log goes to standard error.

use std::fs;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use serde_json::json;
use thiserror::Error;
use tokio::signal::unix::{SignalKind, signal};
use zeroize::Zeroizing;

use super::{
    AlgorithmArg, Cli, Command, MailArgs, Mint, Outbox, Output, Reissue, ReplaysArg, Revoke, Security, Serve, State,
    TenantArgs,
};
use crate::clock::Clock;
use crate::code::{ClaimCode, CodeError};
use crate::config::{Config, WrongCodes};
use crate::mail::{Smtp, SmtpLogin, SmtpSecurity};
use crate::service::{Running, StartError, start};
use crate::state::{StateDir, StateError, publish};
use crate::store::{Minted, NewCode, Replays, Store, StoreError, TenantRef};
use crate::tokens::TokenAlgorithm;

/// A command failed.
#[derive(Debug, Error)]
pub enum CliError {
    /// The async runtime or its signal handlers.
    #[error("failed to start the runtime")]
    Runtime(#[source] io::Error),
    /// The service.
    #[error("failed to start the service")]
    Start(#[source] StartError),
    /// The ready file.
    #[error("failed to write the ready file `{}`", path.display())]
    ReadyFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The state directory.
    #[error("failed to use the state directory")]
    State(#[source] StateError),
    /// The database.
    #[error("failed to change or read the database")]
    Store(#[source] StoreError),
    /// A file that holds a secret.
    #[error("failed to read `{}`", path.display())]
    SecretFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The code to be revoked.
    #[error("failed to read an install code")]
    Code(#[source] CodeError),
    /// The result.
    #[error("failed to print the result")]
    Print(#[source] io::Error),
}

/// Runs a command; its result goes to `out`.
///
/// # Errors
/// When the command fails.
pub fn run(cli: Cli, out: &mut impl Write) -> Result<(), CliError> {
    match cli.command {
        Command::Serve(arguments) => serve(*arguments, out),
        Command::Mint(arguments) => mint(arguments, out),
        Command::Reissue(arguments) => reissue(arguments, out),
        Command::Revoke(arguments) => revoke(&arguments, out),
        Command::Outbox(arguments) => outbox(&arguments, out),
    }
}

#[tokio::main]
async fn serve_until_told(config: Config, ready_file: Option<&Path>, out: &mut impl Write) -> Result<(), CliError> {
    // Before anything listens, so that no signal finds the default handler, which would skip the clean end.
    let mut terminate = signal(SignalKind::terminate()).map_err(CliError::Runtime)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(CliError::Runtime)?;
    let running = start(config).await.map_err(CliError::Start)?;
    announce(&running, ready_file, out)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    running.stop().await;
    Ok(())
}

fn serve(arguments: Serve, out: &mut impl Write) -> Result<(), CliError> {
    let ready_file = arguments.ready_file.clone();
    // Whoever waits for the file must not find the one of an earlier run.
    if let Some(path) = &ready_file {
        remove_if_there(path).map_err(|source| CliError::ReadyFile { path: path.clone(), source })?;
    }
    let served = serve_until_told(config(arguments)?, ready_file.as_deref(), out);
    if let Some(path) = &ready_file {
        // Nobody needs it any more, and the next start removes a leftover.
        let _ = fs::remove_file(path);
    }
    served
}

fn announce(running: &Running, ready_file: Option<&Path>, out: &mut impl Write) -> Result<(), CliError> {
    let line = json!({
        "url": running.url(),
        "address": running.address().to_string(),
        "ca_file": running.ca_pem_file(),
        "token_key_file": running.token_key_file(),
        "admin_token_file": running.admin_token_file(),
    });
    let line = format!("{line}\n");
    if let Some(path) = ready_file {
        publish(path, &line).map_err(|source| CliError::ReadyFile { path: path.to_owned(), source })?;
    }
    print(out, &line)
}

fn config(arguments: Serve) -> Result<Config, CliError> {
    let mut config = Config::new(arguments.state.directory);
    config.listen = arguments.listen;
    config.public_url = arguments.public_url;
    config.names = arguments.names;
    config.ca_name = arguments.ca_name;
    config.code_lifetime = arguments.code_lifetime;
    config.token_lifetime = arguments.token_lifetime;
    config.token_form.audience = !arguments.no_token_audience;
    config.token_form.algorithm = match arguments.token_algorithm {
        AlgorithmArg::Eddsa => TokenAlgorithm::EdDsa,
        AlgorithmArg::Es256 => TokenAlgorithm::Es256,
    };
    config.link_lifetime = arguments.link_lifetime;
    config.replays = match arguments.replays {
        ReplaysArg::Key => Replays::ByKey,
        ReplaysArg::Appliance => Replays::ByAppliance,
        ReplaysArg::Never => Replays::Never,
    };
    config.wrong_codes = (arguments.wrong_codes > 0)
        .then_some(WrongCodes { limit: arguments.wrong_codes, window: arguments.wrong_codes_window });
    config.smtp = smtp(arguments.mail)?;
    Ok(config)
}

fn smtp(arguments: MailArgs) -> Result<Option<Smtp>, CliError> {
    let (Some(host), Some(from)) = (arguments.smtp_host, arguments.mail_from) else { return Ok(None) };
    let login = match (arguments.smtp_user, arguments.smtp_password_file) {
        (Some(user), Some(file)) => {
            let password = Zeroizing::new(read_secret(&file)?.trim_end_matches(['\r', '\n']).to_owned());
            Some(SmtpLogin { user, password })
        }
        _ => None,
    };
    let security = match arguments.smtp_security {
        Security::Tls => SmtpSecurity::Tls,
        Security::Starttls => SmtpSecurity::StartTls,
        Security::None => SmtpSecurity::LoopbackOnly,
    };
    Ok(Some(Smtp { host, port: arguments.smtp_port, security, login, from }))
}

fn mint(arguments: Mint, out: &mut impl Write) -> Result<(), CliError> {
    let request = NewCode {
        company: arguments.company,
        contact_email: arguments.contact_email,
        edition: arguments.edition,
        expires_in: arguments.expires_in,
    };
    let minted = store(&arguments.state)?.mint(&request).map_err(CliError::Store)?;
    print_code(&minted, arguments.output, out)
}

fn reissue(arguments: Reissue, out: &mut impl Write) -> Result<(), CliError> {
    let store = store(&arguments.state)?;
    let minted = store.reissue(&tenant(arguments.tenant), arguments.expires_in).map_err(CliError::Store)?;
    print_code(&minted, arguments.output, out)
}

/// The argument group makes sure that one of the two is there.
fn tenant(arguments: TenantArgs) -> TenantRef {
    match arguments.tenant_id {
        Some(id) => TenantRef::Id(id),
        None => TenantRef::Contact(arguments.contact_email.unwrap_or_default()),
    }
}

fn revoke(arguments: &Revoke, out: &mut impl Write) -> Result<(), CliError> {
    let store = store(&arguments.state)?;
    let target = &arguments.target;
    let (revoked, what) = if let Some(tenant) = target.tenant_id {
        (store.revoke_unclaimed(tenant), "unclaimed code(s)")
    } else if let Some(appliance) = &target.appliance_id {
        (store.revoke_appliance(appliance), "credential(s)")
    } else if let Some(tenant) = target.license_of {
        (store.end_license(tenant).map(usize::from), "license(s)")
    } else {
        let file = target.code_file.as_deref().unwrap_or(Path::new("-"));
        let code = ClaimCode::parse(&read_secret(file)?).map_err(CliError::Code)?;
        (store.revoke_code(&code).map(usize::from), "unclaimed code(s)")
    };
    let revoked = revoked.map_err(CliError::Store)?;
    print(out, &format!("revoked {revoked} {what}\n"))
}

fn outbox(arguments: &Outbox, out: &mut impl Write) -> Result<(), CliError> {
    for message in store(&arguments.state)?.outbox().map_err(CliError::Store)? {
        let mail = message.mail;
        let header = format!("Queued: {}\nTo: {}\nSubject: {}\n\n", message.queued_at, mail.to, mail.subject);
        print(out, &header)?;
        print(out, &mail.text)?;
        print(out, "\n")?;
    }
    Ok(())
}

fn print_code(minted: &Minted, form: Output, out: &mut impl Write) -> Result<(), CliError> {
    let text = match form {
        Output::Text => format!(
            "install code  {}\ntenant        {}\nedition       {}\nexpires       {}\n",
            minted.code.grouped(),
            minted.tenant_id,
            minted.edition,
            minted.expires_at
        ),
        Output::Json => format!(
            "{}\n",
            json!({
                "install_code": minted.code.expose(),
                "tenant_id": minted.tenant_id,
                "edition": minted.edition,
                "expires_at": minted.expires_at,
            })
        ),
    };
    print(out, &text)
}

fn store(state: &State) -> Result<Store, CliError> {
    let state = StateDir::open(&state.directory).map_err(CliError::State)?;
    Store::open(&state, Clock::default()).map_err(CliError::Store)
}

fn read_secret(path: &Path) -> Result<Zeroizing<String>, CliError> {
    let mut text = Zeroizing::new(String::new());
    let read = if path == Path::new("-") {
        io::stdin().lock().read_to_string(&mut text).map(drop)
    } else {
        fs::read_to_string(path).map(|content| *text = content)
    };
    read.map_err(|source| CliError::SecretFile { path: path.to_owned(), source })?;
    Ok(text)
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Flushed at once: whoever reads a pipe waits for this line.
fn print(out: &mut impl Write, text: &str) -> Result<(), CliError> {
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(CliError::Print)
}
