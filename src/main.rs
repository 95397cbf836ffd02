//! Arguments, environment and streams into [`firstlight::program::run`]; its exit code out.

#![expect(clippy::disallowed_methods, reason = "what surrounds the process is read here, and given to the rest")]

use std::{
    alloc::System,
    env,
    fs::File,
    io::{self, IsTerminal},
    os::fd::AsFd,
    panic,
    process::{self, ExitCode},
};

use clap::Parser;
use firstlight::{
    cli::Cli,
    program::{Ambient, Environment},
    values::{Proxies, SecretText},
};
use rustix::{
    mm::{MlockAllFlags, mlockall},
    process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit},
    termios::ttyname,
    thread::{CapabilitySet, capabilities},
};
use zeroizing_alloc::ZeroAlloc;

/// Zeroes what is freed: parsers, HTTP and TLS copy what is secret, and know nothing of it.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    keep_memory();
    panic::set_hook(Box::new(|info| process::exit(firstlight::program::panicked(info, io::stderr()).code().into())));
    #[cfg(feature = "crash-points")]
    firstlight::point::arm(firstlight::point::Arming {
        action: env::var("FIRSTLIGHT_POINT").ok(),
        trace: env::var_os("FIRSTLIGHT_POINT_TRACE").map(Into::into),
    });
    let first = |names: &[&str]| {
        let mut values = names.iter().filter_map(|name| env::var(name).ok());
        values.find(|value| !value.is_empty()).unwrap_or_default()
    };
    let [term, colorterm, columns, lines] = ["TERM", "COLORTERM", "COLUMNS", "LINES"].map(|name| first(&[name]));
    let characters = first(&["LC_ALL", "LC_CTYPE", "LANG"]);
    let name = ttyname(io::stdin(), Vec::new()).map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let environment = Environment {
        no_color: env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
        term: &term,
        colorterm: &colorterm,
        characters: &characters,
        name: &name,
        columns: &columns,
        lines: &lines,
        plain: false,
    };
    let ambient = Ambient {
        search_path: env::var("PATH")
            .unwrap_or_else(|_| "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned()),
        // What is no UTF-8 cannot be said in a kubeconfig.
        variables: env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, SecretText::new(value.into_string().ok()?))))
            .collect(),
        credentials: env::var_os("CREDENTIALS_DIRECTORY").map(Into::into),
        runtime: env::var_os("RUNTIME_DIRECTORY").map(Into::into),
        proxies: Proxies::of(|name| env::var(name).ok()),
        locale: first(&["LC_ALL", "LC_MESSAGES", "LANG"]),
        environment,
        terminal: io::stdin().is_terminal() && io::stdout().is_terminal(),
    };
    // clap ends the process itself for --help and for usage errors, with 0 and 2 as in the table.
    let arguments = Cli::parse();
    let stdin: Box<dyn io::Read + Send> = match io::stdin().as_fd().try_clone_to_owned() {
        // Read as a file: the library's own buffer would keep answers for as long as the process lives.
        Ok(stdin) => Box::new(File::from(stdin)),
        Err(_closed) => Box::new(io::empty()),
    };
    ExitCode::from(firstlight::program::run(arguments, &ambient, stdin, io::stdout()).code())
}

/// Lets nobody have this process's memory: no debugger of the same user, and no crash or lack of memory that writes it to disk. Without
/// the one or the other there is only less protection.
fn keep_memory() {
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    // Nor is it written to swap, unless a limit would make that fail in the middle of a run. What is not used yet costs
    // nothing.
    let may = capabilities(None).is_ok_and(|own| own.effective.contains(CapabilitySet::IPC_LOCK));
    if may || getrlimit(Resource::Memlock).current.is_none() {
        let _ = mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT);
    }
    // A `core_pattern` that is a pipe disregards every limit but this one (core(5)).
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(1), maximum: Some(1) });
}
