//! The HTTP stack to the API server: kube's own layers over a socket that does not wait.

use std::{fs, io, net::IpAddr, os::unix::fs::MetadataExt, path::Path, time::Duration};

use http::HeaderValue;
use hyper_timeout::TimeoutConnector;
use hyper_util::{
    client::legacy::{Client as Http, connect::HttpConnector},
    rt::TokioExecutor,
};
use kube::{
    Client, Config,
    client::{Body, ClientBuilder, ConfigExt},
    config::{AuthInfo, ExecInteractiveMode, KubeConfigOptions, Kubeconfig, KubeconfigError},
};
use secrecy::ExposeSecret;
use tokio::{runtime::Handle, task::spawn_blocking};
use tower::{BoxError, ServiceBuilder};

use super::{
    ClusterError,
    unusable::{of_key, of_kube, of_kubeconfig},
};
use crate::{
    values::{Redactor, plain_text},
    words::{Phrase, phrase},
    world::host::Denied,
};

/// For TCP and TLS together.
const CONNECT: Duration = Duration::from_secs(5);
/// Between two parts of an answer.
const READ: Duration = Duration::from_secs(30);
/// The longest that a request whose answer is short takes.
pub const LONGEST_REQUEST: Duration = CONNECT.saturating_add(READ);

/// A client for the kubeconfig at `path`, whose credential plugin, if it has one, is given `patience`. One that does not
/// end within that time goes on by itself: it is kube's child. If `insecure`, whoever could stand in the way is no reason
/// to refuse it.
pub(super) async fn from_kubeconfig(
    path: &Path,
    patience: Duration,
    insecure: bool,
    redactor: &Redactor,
) -> Result<Client, ClusterError> {
    let shown = path.display().to_string();
    // It may be a pipe on which nothing comes, and a stop must not wait for that.
    let file = path.to_owned();
    let read = spawn_blocking(move || {
        let kubeconfig = Kubeconfig::read_from(&file).map_err(|error| unusable(&file, error))?;
        if insecure { Ok(kubeconfig) } else { check_writers(&file).map(|()| kubeconfig) }
    });
    let read = read.await;
    let mut kubeconfig =
        read.map_err(|error| unmade(path, kube::Error::Service(error.into()), &Phrase::nothing())).flatten()?;
    join_lines(&mut kubeconfig);
    hide(&kubeconfig, redactor);
    let token = user_of(&kubeconfig).and_then(|user| user.token.as_ref());
    if token.is_some_and(|token| HeaderValue::from_str(token.expose_secret()).is_err()) {
        // Kube would panic.
        return Err(ClusterError::Client { path: shown, source: of_key("token") });
    }
    // A plugin that asks for something would take the operator's keys, a password among them.
    for auth in kubeconfig.auth_infos.iter_mut().filter_map(|auth| auth.auth_info.as_mut()) {
        auth.exec.iter_mut().for_each(|exec| exec.interactive_mode = Some(ExecInteractiveMode::Never));
    }
    let mut asks_for_proxy = false;
    for cluster in kubeconfig.clusters.iter_mut().filter_map(|cluster| cluster.cluster.as_mut()) {
        match &cluster.proxy_url {
            Some(proxy) if !proxy.is_empty() => asks_for_proxy = true,
            // Kube would read the environment's, and stumble over one that is no URL. This one is set aside below.
            _ => cluster.proxy_url = Some("http://none.invalid".to_owned()),
        }
    }
    let plugin = plugin_of(&kubeconfig);
    let (named, of) = (plugin.clone(), path.to_owned());
    // Kube waits for the plugin's end where it stands, so that has to be a thread of its own.
    let made = spawn_blocking(move || {
        let options = KubeConfigOptions::default();
        let config = Handle::current().block_on(Config::from_custom_kubeconfig(kubeconfig, &options));
        let mut config = config.map_err(|error| unusable(&of, error))?;
        check_trust(&of, &config, insecure)?;
        // Kube takes `HTTPS_PROXY` as well, and knows no exceptions; it is the way to the license service.
        config.proxy_url = config.proxy_url.filter(|_| asks_for_proxy);
        client(config).map_err(|error| unmade(&of, error, &named))
    });
    let Ok(made) = tokio::time::timeout(patience, made).await else {
        return Err(ClusterError::PluginStuck { path: shown, plugin, limit: patience });
    };
    made.map_err(|error| unmade(path, kube::Error::Service(error.into()), &plugin)).flatten()
}

fn unmade(path: &Path, error: kube::Error, plugin: &Phrase) -> ClusterError {
    ClusterError::Client { path: path.display().to_string(), source: of_kube(error, plugin) }
}

fn unusable(path: &Path, error: KubeconfigError) -> ClusterError {
    let shown = path.display().to_string();
    match error {
        KubeconfigError::ReadConfig(error, read) if read == path => match Denied::of(path, error) {
            Ok(denied) => ClusterError::Denied(denied),
            Err(error) if error.kind() == io::ErrorKind::NotFound => ClusterError::KubeconfigMissing { path: shown },
            Err(error) => ClusterError::Kubeconfig {
                path: shown,
                source: of_kubeconfig(KubeconfigError::ReadConfig(error, read)),
            },
        },
        error => ClusterError::Kubeconfig { path: shown, source: of_kubeconfig(error) },
    }
}

/// Leaves the ends of lines out of what is base64, as kubectl and Helm do; kube does not.
fn join_lines(kubeconfig: &mut Kubeconfig) {
    let joined = |text: &str| text.replace(['\r', '\n'], "");
    for cluster in kubeconfig.clusters.iter_mut().filter_map(|cluster| cluster.cluster.as_mut()) {
        cluster.certificate_authority_data = cluster.certificate_authority_data.as_deref().map(joined);
    }
    for auth in kubeconfig.auth_infos.iter_mut().filter_map(|auth| auth.auth_info.as_mut()) {
        auth.client_certificate_data = auth.client_certificate_data.as_deref().map(joined);
        auth.client_key_data = auth.client_key_data.as_ref().map(|key| joined(key.expose_secret()).into());
    }
}

/// Has what the kubeconfig's users are known by taken out of what is said, such as by Helm, which is given the file too.
fn hide(kubeconfig: &Kubeconfig, redactor: &Redactor) {
    for auth in kubeconfig.auth_infos.iter().filter_map(|auth| auth.auth_info.as_ref()) {
        let secrets = [&auth.token, &auth.password, &auth.client_key_data].into_iter().flatten();
        secrets.for_each(|secret| redactor.hide(&secret.expose_secret().into()));
    }
}

/// Refuses a file that somebody else can write: it says where the Secrets go, and which commands run as us.
fn check_writers(path: &Path) -> Result<(), ClusterError> {
    // One that went away since it was read is told when it is read the next time.
    let Ok(metadata) = fs::metadata(path) else { return Ok(()) };
    let (owner, ours, mode) = (metadata.uid(), rustix::process::geteuid().as_raw(), metadata.mode() & 0o777);
    let shown = path.display().to_string();
    let (who, command) = if owner != ours && owner != 0 {
        let who = phrase!("machine-owner" { owner: owner.to_string(), user: ours.to_string() });
        (who, format!("chown {ours} {shown}"))
    } else if mode & 0o022 != 0 {
        (phrase!("machine-mode" { mode: format!("{mode:04o}") }), format!("chmod go-w {shown}"))
    } else {
        return Ok(());
    };
    Err(ClusterError::Writable { path: shown, who, command })
}

/// Refuses a way on which somebody else could read the Secrets, or be taken for the API server.
fn check_trust(path: &Path, config: &Config, insecure: bool) -> Result<(), ClusterError> {
    let host = config.cluster_url.host().unwrap_or_default().trim_matches(['[', ']']);
    let is_here = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    // Its name and port alone: before them may stand a password.
    let port = config.cluster_url.port_u16().map_or_else(String::new, |port| format!(":{port}"));
    let (path, server) = (path.display().to_string(), plain_text(&format!("{host}{port}"), 200));
    if config.cluster_url.scheme_str() != Some("https") && !is_here {
        return Err(ClusterError::Plain { path, server });
    }
    if config.accept_invalid_certs && !insecure {
        return Err(ClusterError::Unverified { path, server });
    }
    Ok(())
}

/// The user of the current context.
fn user_of(kubeconfig: &Kubeconfig) -> Option<&AuthInfo> {
    let current = kubeconfig.current_context.as_ref();
    let context = kubeconfig.contexts.iter().find(|context| Some(&context.name) == current);
    let user = context.and_then(|context| context.context.as_ref()).and_then(|context| context.user.as_ref());
    kubeconfig.auth_infos.iter().find(|auth| Some(&auth.name) == user)?.auth_info.as_ref()
}

/// The command that the current user's credentials come from.
fn plugin_of(kubeconfig: &Kubeconfig) -> Phrase {
    let exec = user_of(kubeconfig).and_then(|user| user.exec.as_ref());
    let command = exec.and_then(|exec| exec.command.as_deref());
    command.map_or(phrase!("kubernetes-plugin"), |command| plain_text(command, 200).into())
}

/// A client for one configuration.
///
/// It is put together here for `TCP_NODELAY`: kube leaves Nagle's algorithm on, and then the
/// first request of every connection waits for the server's delayed acknowledgement of the
/// TLS handshake's end, which is 40 ms on Linux (RFC 1122, 4.2.3.2).
fn client(config: Config) -> Result<Client, kube::Error> {
    if config.proxy_url.is_some() {
        // Not supported: kube says so in its own words.
        return Client::try_from(config);
    }
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    let mut connector = TimeoutConnector::new(config.rustls_https_connector_with_connector(tcp)?);
    connector.set_connect_timeout(Some(CONNECT));
    connector.set_read_timeout(Some(READ));
    let http = Http::builder(TokioExecutor::new()).build::<_, Body>(connector);
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(config.auth_layer()?)
        .layer(config.extra_headers_layer()?)
        .map_err(BoxError::from)
        .service(http);
    Ok(ClientBuilder::new(service, config.default_namespace).build())
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::PermissionsExt, path::PathBuf};

    use base64::{Engine, engine::general_purpose::STANDARD};
    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;
    use crate::error::causes;

    /// A kubeconfig whose user has this plugin.
    fn with_plugin(folder: &Path, exec: &str) -> PathBuf {
        let text = format!(
            "clusters: [{{name: c, cluster: {{server: 'https://127.0.0.1:1'}}}}]\n\
             users: [{{name: u, user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, {exec}}}}}}}]\n\
             contexts: [{{name: x, context: {{cluster: c, user: u}}}}]\ncurrent-context: x\n"
        );
        let path = folder.join("kubeconfig");
        fs::write(&path, text).expect("written");
        path
    }

    #[tokio::test]
    async fn a_plugin_that_hangs_is_named() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let fifo = folder.path().join("never");
        mknodat(CWD, &fifo, FileType::Fifo, Mode::RWXU, 0).expect("a pipe");
        let path = with_plugin(folder.path(), &format!("command: cat, args: [{}]", fifo.display()));
        let error = from_kubeconfig(&path, Duration::from_millis(1), false, &Redactor::default())
            .await
            .err()
            .expect("the plugin hangs");
        let expected = format!(
            "`cat`, which the kubeconfig `{}` runs for its credentials, did not end within 0 s",
            path.display()
        );
        assert_eq!(error.to_string(), expected);
        // Lets it end, and with it the thread that waits for it.
        fs::write(&fifo, "").expect("somebody reads");
    }

    /// What kubectl takes is taken, and whoever could be read or imitated on the way is not.
    #[tokio::test]
    async fn clusters_that_are_taken() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = folder.path().join("kubeconfig");
        let pem = rcgen::generate_simple_self_signed(vec!["c".to_owned()]).expect("a certificate").cert.pem();
        let base64 = STANDARD.encode(pem);
        let lines = |end: &str| {
            let lines: Vec<_> = base64.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line)).collect();
            lines.join(end)
        };
        let (here, there) = ("https://127.0.0.1:1", "https://192.0.2.1:1");
        for (server, rest, refused) in [
            (there, format!("certificate-authority-data: {base64}"), None),
            (there, format!("certificate-authority-data: |\n      {}\n", lines("\n      ")), None),
            (there, format!("certificate-authority-data: \"{}\\r\\n\"", lines("\\r\\n")), None),
            (there, format!("certificate-authority-data: '{}'", lines(" ")), Some("cannot be used")),
            ("http://192.0.2.1:1", String::new(), Some("without TLS")),
            ("http://127.0.0.1.example", String::new(), Some("without TLS")),
            ("http://127.1.2.3:1", String::new(), None),
            ("http://[::1]:1", String::new(), None),
            ("http://localhost:1", String::new(), None),
            (here, "insecure-skip-tls-verify: true".to_owned(), Some("`insecure-skip-tls-verify`")),
        ] {
            let text = format!(
                "clusters:\n- name: c\n  cluster:\n    server: '{server}'\n    {rest}\nusers: [{{name: u, user: {{}}}}]\n\
                 contexts: [{{name: x, context: {{cluster: c, user: u}}}}]\ncurrent-context: x\n"
            );
            fs::write(&path, text).expect("written");
            let error = refusal(&path, false).await;
            let as_expected =
                refused.map_or(error.is_none(), |why| error.as_ref().is_some_and(|said| said.contains(why)));
            assert!(as_expected, "{server} {rest}: {error:?}");
            // What a profile allows; but nobody may let the Secrets be read by whoever is on the way.
            let allowed = refusal(&path, true).await;
            let stays = refused.filter(|why| !why.contains("skip"));
            assert_eq!(allowed.is_none(), stays.is_none(), "{server} {rest}: {allowed:?}");
        }
    }

    async fn refusal(path: &Path, insecure: bool) -> Option<String> {
        let made = from_kubeconfig(path, Duration::from_mins(1), insecure, &Redactor::default()).await;
        made.err().map(|error| error.to_string())
    }

    /// Whoever can write it says where the Secrets go.
    #[tokio::test]
    async fn a_kubeconfig_that_others_can_write() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = with_plugin(folder.path(), "command: echo, args: ['{}']");
        for (mode, refused) in [(0o600, false), (0o644, false), (0o664, true), (0o606, true)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
            let told = |error: Option<String>| error.is_some_and(|error| error.contains("lets other users at it"));
            assert_eq!(told(refusal(&path, false).await), refused, "{mode:o}");
            assert!(!told(refusal(&path, true).await), "{mode:o}");
        }
    }

    #[tokio::test]
    async fn what_a_plugin_wrote_before_it_failed_is_not_repeated() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = with_plugin(folder.path(), "command: sh, args: ['-c', 'echo 7oken; cat; exit 3']");
        // Its input is nobody's keyboard: it ends at once.
        let error = from_kubeconfig(&path, Duration::from_mins(1), false, &Redactor::default())
            .await
            .err()
            .expect("the plugin fails");
        assert!(!format!("{error:?}").contains("7oken"), "{error:?}");
        let (plugin, status) = (Phrase::from("sh"), "exit status: 3");
        assert_eq!(causes(&error), [phrase!("kubernetes-plugin-failed" { plugin, status })]);
    }
}
