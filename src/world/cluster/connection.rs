//! The HTTP stack to the API server: kube's own layers over a socket that does not wait.

use std::{path::Path, time::Duration};

use hyper_timeout::TimeoutConnector;
use hyper_util::{
    client::legacy::{Client as Http, connect::HttpConnector},
    rt::TokioExecutor,
};
use kube::{
    Client, Config,
    client::{AuthError, Body, ClientBuilder, ConfigExt},
    config::{ExecInteractiveMode, KubeConfigOptions, Kubeconfig, KubeconfigError},
};
use tokio::{runtime::Handle, task::spawn_blocking};
use tower::{BoxError, ServiceBuilder};

use super::ClusterError;
use crate::{
    values::plain_text,
    words::{Phrase, phrase},
};

/// For TCP and TLS together.
const CONNECT: Duration = Duration::from_secs(5);
/// Between two parts of an answer.
const READ: Duration = Duration::from_secs(30);
/// The longest that a request whose answer is short takes.
pub const LONGEST_REQUEST: Duration = CONNECT.saturating_add(READ);

/// A client for the kubeconfig at `path`, whose credential plugin, if it has one, is given `patience`. One that does not
/// end within that time goes on by itself: it is kube's child.
pub(super) async fn from_kubeconfig(path: &Path, patience: Duration) -> Result<Client, ClusterError> {
    let shown = path.display().to_string();
    let unusable = |source: KubeconfigError| ClusterError::Kubeconfig { path: shown.clone(), source: Box::new(source) };
    let unmade = |source| ClusterError::Client { path: shown.clone(), source: Box::new(source) };
    // It may be a pipe on which nothing comes, and a stop must not wait for that.
    let file = path.to_owned();
    let read = spawn_blocking(move || Kubeconfig::read_from(file)).await;
    let mut kubeconfig = read.map_err(|error| unmade(kube::Error::Service(error.into())))?.map_err(unusable)?;
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
    // Kube waits for the plugin's end where it stands, so that has to be a thread of its own.
    let made = spawn_blocking(move || {
        let options = KubeConfigOptions::default();
        let config = Handle::current().block_on(Config::from_custom_kubeconfig(kubeconfig, &options));
        config.map(|mut config| {
            // The environment's is the way to the license service.
            config.proxy_url = config.proxy_url.filter(|_| asks_for_proxy);
            client(config)
        })
    });
    let Ok(made) = tokio::time::timeout(patience, made).await else {
        return Err(ClusterError::PluginStuck { path: shown, plugin, limit: patience });
    };
    let made = made.map_err(|error| unmade(kube::Error::Service(error.into())))?;
    made.map_err(unusable)?.map_err(|error| unmade(without_output(error, &plugin)))
}

/// Kube quotes what a failed plugin wrote, and that may be a token all the same.
fn without_output(error: kube::Error, plugin: &Phrase) -> kube::Error {
    match error {
        kube::Error::Auth(AuthError::AuthExecRun { out, .. }) => {
            kube::Error::Auth(AuthError::AuthExec(format!("`{plugin}` failed: {}", out.status)))
        }
        error => error,
    }
}

/// The command that the current user's credentials come from.
fn plugin_of(kubeconfig: &Kubeconfig) -> Phrase {
    let current = kubeconfig.current_context.as_ref();
    let context = kubeconfig.contexts.iter().find(|context| Some(&context.name) == current);
    let user = context.and_then(|context| context.context.as_ref()).and_then(|context| context.user.as_ref());
    let auth = kubeconfig.auth_infos.iter().find(|auth| Some(&auth.name) == user);
    let exec = auth.and_then(|auth| auth.auth_info.as_ref()?.exec.as_ref());
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
    use std::{fs, path::PathBuf};

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
        let error = from_kubeconfig(&path, Duration::from_millis(1)).await.err().expect("the plugin hangs");
        let expected = format!(
            "`cat`, which the kubeconfig `{}` runs for its credentials, did not end within 0 s",
            path.display()
        );
        assert_eq!(error.to_string(), expected);
        // Lets it end, and with it the thread that waits for it.
        fs::write(&fifo, "").expect("somebody reads");
    }

    #[tokio::test]
    async fn what_a_plugin_wrote_before_it_failed_is_not_repeated() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = with_plugin(folder.path(), "command: sh, args: ['-c', 'echo 7oken; cat; exit 3']");
        // Its input is nobody's keyboard: it ends at once.
        let error = from_kubeconfig(&path, Duration::from_mins(1)).await.err().expect("the plugin fails");
        assert!(!format!("{error:?}").contains("7oken"), "{error:?}");
        assert_eq!(causes(&error), ["auth error: failed exec auth: `sh` failed: exit status: 3".into()]);
    }
}
