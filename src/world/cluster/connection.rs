//! The HTTP stack to the API server: kube's own layers over a socket that does not wait.

use std::{fs, io, path::Path, time::Duration};

use http::{HeaderValue, Response};
use http_body_util::Limited;
use hyper::body::Incoming;
use hyper_timeout::TimeoutConnector;
use hyper_util::{
    client::legacy::{Client as Http, connect::HttpConnector},
    rt::TokioExecutor,
};
use jiff::Timestamp;
use kube::{
    Client, Config,
    client::{Body, ClientBuilder, ConfigExt},
    config::{AuthInfo, KubeConfigOptions, Kubeconfig, KubeconfigError},
};
use secrecy::ExposeSecret;
use tokio::{runtime::Handle, task::spawn_blocking};
use tower::{BoxError, ServiceBuilder};

use super::{
    ClusterError, plugin,
    trust::{check_trust, check_writers},
    unusable::{of_key, of_kube, of_kubeconfig, of_no_file},
};
use crate::{
    values::{Redactor, SecretText, plain_text},
    words::phrase,
    world::{files::is_no_file, host::Denied},
};

/// No answer is longer: a Secret has at most 1 MiB, and a list is of one release, Job or object.
const MOST_BYTES: usize = 32 << 20;
/// For TCP and TLS together.
const CONNECT: Duration = Duration::from_secs(5);
/// Between two parts of an answer.
const READ: Duration = Duration::from_secs(30);
/// The longest that a request whose answer is short takes.
pub const LONGEST_REQUEST: Duration = CONNECT.saturating_add(READ);

/// A client, and until when it is good.
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) until: Option<Timestamp>,
}

/// A client for the kubeconfig at `path`, whose credential plugin, if it has one, is given `patience`. If `insecure`, whoever
/// could stand in the way is no reason to refuse it.
pub(super) async fn from_kubeconfig(
    path: &Path,
    patience: Duration,
    insecure: bool,
    redactor: &Redactor,
) -> Result<Connection, ClusterError> {
    let shown = path.display().to_string();
    let unusable_client = |source| ClusterError::Client { path: path.display().to_string(), source };
    // Its files may lie on a disk that does not answer, and a stop must not wait for that.
    let file = path.to_owned();
    let Read { mut config, command, token } = aside(path, move || read(&file, insecure)).await?;
    hide(&config.auth_info, redactor);
    if let Some(token) = token {
        redactor.hide(&token);
    }
    if let Some(key) = malformed(&config.auth_info) {
        // Kube would panic.
        return Err(unusable_client(of_key(key)));
    }
    let plugin = command.map_or(phrase!("kubernetes-plugin"), |command| plain_text(&command, 200).into());
    let asked = tokio::time::timeout(patience, plugin::ask(&mut config.auth_info, &plugin, redactor)).await;
    let until = match asked {
        Ok(asked) => asked.map_err(unusable_client)?,
        Err(_elapsed) => return Err(ClusterError::PluginStuck { path: shown, plugin, limit: patience }),
    };
    let of = path.to_owned();
    let made = aside(path, move || client(config).map_err(|error| unmade(&of, error))).await?;
    Ok(Connection { client: made, until })
}

/// Does what may have to wait where it stands on a thread of its own.
async fn aside<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce() -> Result<T, ClusterError> + Send + 'static,
) -> Result<T, ClusterError> {
    let done = spawn_blocking(work).await;
    done.map_err(|error| unmade(path, kube::Error::Service(error.into()))).flatten()
}

/// What a kubeconfig says of its current context.
struct Read {
    config: Config,
    /// The command that its credentials come from.
    command: Option<String>,
    /// What is in a file of its own.
    token: Option<SecretText>,
}

fn read(path: &Path, insecure: bool) -> Result<Read, ClusterError> {
    if is_no_file(path) {
        return Err(ClusterError::Kubeconfig { path: path.display().to_string(), source: of_no_file() });
    }
    let mut kubeconfig = Kubeconfig::read_from(path).map_err(|error| unusable(path, error))?;
    if !insecure {
        check_writers(path)?;
    }
    join_lines(&mut kubeconfig);
    let mut asks_for_proxy = false;
    for cluster in kubeconfig.clusters.iter_mut().filter_map(|cluster| cluster.cluster.as_mut()) {
        match &cluster.proxy_url {
            Some(proxy) if !proxy.is_empty() => asks_for_proxy = true,
            // Kube would read the environment's, and stumble over one that is no URL. This one is set aside below.
            _ => cluster.proxy_url = Some("http://none.invalid".to_owned()),
        }
    }
    let config = Handle::current().block_on(Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()));
    let mut config = config.map_err(|error| unusable(path, error))?;
    check_trust(path, &config, insecure)?;
    let exec = config.auth_info.exec.as_mut();
    let command = exec.and_then(|exec| {
        exec.cluster
            .iter_mut()
            .for_each(|cluster| cluster.proxy_url = cluster.proxy_url.take().filter(|_| asks_for_proxy));
        exec.command.clone()
    });
    // Kube takes `HTTPS_PROXY` as well, and knows no exceptions; it is the way to the license service.
    config.proxy_url = config.proxy_url.filter(|_| asks_for_proxy);
    let token = config.auth_info.token_file.as_ref().and_then(|file| fs::read_to_string(file).ok());
    Ok(Read { config, command, token: token.map(|token| token.trim().into()) })
}

fn unmade(path: &Path, error: kube::Error) -> ClusterError {
    ClusterError::Client { path: path.display().to_string(), source: of_kube(error) }
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

/// Has what the kubeconfig's user is known by taken out of what is said, such as by Helm, which is given the file too.
fn hide(auth: &AuthInfo, redactor: &Redactor) {
    let secrets = [&auth.token, &auth.password, &auth.client_key_data].into_iter().flatten();
    secrets.for_each(|secret| redactor.hide(&secret.expose_secret().into()));
    let provided = auth.auth_provider.iter().flat_map(|provider| provider.config.values());
    provided.for_each(|value| redactor.hide(&value.as_str().into()));
}

/// The key of a token that is none, or of a way to get one that kubectl does not know any more.
fn malformed(auth: &AuthInfo) -> Option<&'static str> {
    let is_token = |token: &str| HeaderValue::from_str(token).is_ok();
    if auth.token.as_ref().is_some_and(|token| !is_token(token.expose_secret())) {
        return Some("token");
    }
    let provider = auth.auth_provider.as_ref()?;
    let is_sound = provider.name == "oidc" && provider.config.get("id-token").is_some_and(|token| is_token(token));
    (!is_sound).then_some("auth-provider")
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
        .map_response(|answer: Response<Incoming>| answer.map(|body| Limited::new(body, MOST_BYTES)))
        .map_err(BoxError::from)
        .service(http);
    Ok(ClientBuilder::new(service, config.default_namespace).build())
}

#[cfg(any(test, feature = "fuzzing"))]
pub(super) mod fuzzing {
    use super::*;

    /// As much of reading a kubeconfig as follows none of the paths in it.
    pub(crate) fn kubeconfig(text: &str, redactor: &Redactor) -> Result<(), ClusterError> {
        let path = Path::new("kubeconfig");
        let mut kubeconfig = Kubeconfig::from_yaml(text).map_err(|error| unusable(path, error))?;
        join_lines(&mut kubeconfig);
        for auth in kubeconfig.auth_infos.iter().filter_map(|auth| auth.auth_info.as_ref()) {
            hide(auth, redactor);
            let _ = malformed(auth);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::PermissionsExt, path::PathBuf};

    use base64::{Engine, engine::general_purpose::STANDARD};
    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;
    use crate::{error::causes, values::REDACTED, words::Phrase};

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
    }

    #[tokio::test]
    async fn what_a_plugin_gives() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let runs = folder.path().join("runs");
        for (status, until, refused) in [
            ("{token: s3cret-of-the-plugin}", None, None),
            ("{token: s3cret-of-the-plugin, expirationTimestamp: '2030-01-01T00:00:00Z'}", Some(1_893_456_000), None),
            ("{}", None, None),
            // Kube would panic.
            (r#"{token: "s3cret-of-the-plugin\n"}"#, None, Some("it is not understood")),
            (r#"{token: "s3cret\x7f-of-the-plugin"}"#, None, Some("it is not understood")),
            ("{token: s3cret-of-the-plugin, expirationTimestamp: soon}", None, Some("it is not understood")),
            ("[s3cret-of-the-plugin]", None, Some("what stands in line 1")),
        ] {
            let script = format!("echo \\\"$KUBERNETES_EXEC_INFO\\\" >> {}; printf '%s' \"$ANSWER\"", runs.display());
            let answer = format!("{{status: {status}}}").replace('\'', "''");
            let exec = format!(
                "command: sh, args: ['-c', '{}'], env: [{{name: ANSWER, value: '{answer}'}}], provideClusterInfo: true",
                script.replace('\'', "''")
            );
            let path = with_plugin(folder.path(), &exec);
            let redactor = Redactor::default();
            let made = from_kubeconfig(&path, Duration::from_mins(1), false, &redactor).await;
            let asked = fs::read_to_string(&runs).expect("it has run");
            assert_eq!(asked.lines().count(), 1, "{status}: {asked}");
            assert!(asked.contains("https://127.0.0.1:1") && !asked.contains("none.invalid"), "{asked}");
            fs::remove_file(&runs).expect("it is there");
            match made {
                Ok(made) => {
                    assert_eq!((made.until.map(Timestamp::as_second), None), (until, refused), "{status}");
                    let said = redactor.redacted("Bearer s3cret-of-the-plugin");
                    assert!(status == "{}" || said == format!("Bearer {REDACTED}"), "{said}");
                }
                Err(error) => {
                    assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
                    let told = causes(&error).iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
                    assert!(refused.is_some_and(|why| told.contains(why)), "{status}: {told}");
                }
            }
        }
        let path = with_plugin(folder.path(), "command: /nowhere/to/be/found");
        let error =
            from_kubeconfig(&path, Duration::from_mins(1), false, &Redactor::default()).await.err().expect("no plugin");
        let told = causes(&error).iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        assert!(told.starts_with("`/nowhere/to/be/found` cannot be run; No such file"), "{told}");
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
