//! Arguments, environment and streams into [`firstlight::program::run`]; its exit code out.

#![expect(clippy::disallowed_methods, reason = "what surrounds the process is read here, and given to the rest")]

use std::{
    env,
    io::{self, IsTerminal},
    panic,
    process::{self, ExitCode},
};

use clap::Parser;
use firstlight::{
    cli::Cli,
    program::{Ambient, Environment},
    values::Proxies,
};
use rustix::{
    process::{Resource, Rlimit, setrlimit},
    termios::ttyname,
};

fn main() -> ExitCode {
    panic::set_hook(Box::new(|info| process::exit(firstlight::program::panicked(info, io::stderr()).code().into())));
    // A crash must not write the password or the grant to disk; without the limit there is only less protection.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    #[cfg(feature = "crash-points")]
    firstlight::point::arm(firstlight::point::Arming {
        action: env::var("FIRSTLIGHT_POINT").ok(),
        trace: env::var_os("FIRSTLIGHT_POINT_TRACE").map(Into::into),
    });
    let first = |names: &[&str]| {
        let mut values = names.iter().filter_map(|name| env::var(name).ok());
        values.find(|value| !value.is_empty()).unwrap_or_default()
    };
    let [term, colorterm] = ["TERM", "COLORTERM"].map(|name| first(&[name]));
    let characters = first(&["LC_ALL", "LC_CTYPE", "LANG"]);
    let name = ttyname(io::stdin(), Vec::new()).map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let environment = Environment {
        no_color: env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
        term: &term,
        colorterm: &colorterm,
        characters: &characters,
        name: &name,
        plain: false,
    };
    let ambient = Ambient {
        search_path: env::var("PATH")
            .unwrap_or_else(|_| "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned()),
        credentials: env::var_os("CREDENTIALS_DIRECTORY").map(Into::into),
        proxies: Proxies::of(|name| env::var(name).ok()),
        locale: first(&["LC_ALL", "LC_MESSAGES", "LANG"]),
        environment,
        terminal: io::stdin().is_terminal() && io::stdout().is_terminal(),
    };
    // clap ends the process itself for --help and for usage errors, with 0 and 2 as in the table.
    let exit = firstlight::program::run(Cli::parse(), &ambient, io::stdin(), io::stdout());
    ExitCode::from(exit.code())
}
