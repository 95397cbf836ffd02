//! The instance metadata of a cloud: a real service at its link-local address, in a network of its own.

use std::{
    env,
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
};

use crate::support::{alone, process};

/// What the service is like, where this test binary is one: `cloud`, or `portal`, which answers everything with a page.
const SERVICE: &str = "METADATA_SERVICE";
/// A pipe that is written to once it listens.
const READY: &str = "METADATA_READY";

/// A network with nothing in it but the service, if there is one; then what follows is run.
const NETWORK: &str = r#"
    ip link set lo up
    ip address add 169.254.169.254/32 dev lo
    if [[ -n ${METADATA_SERVICE:-} ]]; then
        mkfifo "$METADATA_READY"
        "$ITSELF" --exact cloud::service >/dev/null 2>&1 &
        trap "kill $!" EXIT
        read -r _ < "$METADATA_READY"
    fi
    "$@"
"#;

/// The service, in the network that the test below makes; nothing where nobody wants one.
#[test]
fn service() {
    let (Some(kind), Some(ready)) = (env::var_os(SERVICE), env::var_os(READY)) else { return };
    let listener = TcpListener::bind("169.254.169.254:80").expect("the address is this network's");
    fs::write(ready, "listens\n").expect("somebody waits");
    for stream in listener.incoming() {
        let mut stream = stream.expect("a connection");
        let lines = BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
        let request: Vec<String> = lines.collect();
        let has_token = request.iter().any(|line| line.eq_ignore_ascii_case("x-aws-ec2-metadata-token: given"));
        let first = request.first().map_or("", String::as_str);
        let (status, body) = match first.split(' ').collect::<Vec<_>>()[..] {
            _ if kind == "portal" => ("200 OK", "<html>Sign in"),
            ["PUT", "/latest/api/token", _] => ("200 OK", "given"),
            ["GET", "/latest/meta-data/local-ipv4", _] if has_token => ("200 OK", "10.0.0.7"),
            ["GET", ..] if has_token => ("404 Not Found", ""),
            _ => ("401 Unauthorized", ""),
        };
        let length = body.len();
        let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    }
}

#[tokio::test]
#[ignore = "needs cluster (that is, root)"]
async fn an_address_comes_from_a_cloud_and_not_from_what_merely_answers() {
    for (service, is_found) in [("cloud", true), ("portal", false), ("", false)] {
        let folder = alone::folder();
        let endpoint = "[endpoint]\nkind = 'url'\nsources = ['answer', 'metadata']\n";
        let rehearsal = alone::rehearsal(folder.path(), "https://license.invalid", endpoint);
        let arguments = ["--net", "bash", "-euo", "pipefail", "-c", NETWORK, "bash"].map(OsStr::new);
        let mut command = process::firstlight_under("unshare", &arguments);
        command.args(rehearsal.as_std().get_args()).env("ITSELF", env::current_exe().expect("this test"));
        if !service.is_empty() {
            command.env(SERVICE, service).env(READY, folder.path().join("ready"));
        }
        let ended = process::run(command).await;
        let is_missing = ended.stdout.contains(r#""field":"endpoint.url""#);
        assert_eq!(is_missing, !is_found, "{service}: {}{}", ended.stdout, ended.stderr);
        assert_eq!(ended.stdout.contains("name-resolution"), is_found, "{service}: {}{}", ended.stdout, ended.stderr);
    }
}
