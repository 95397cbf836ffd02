//! The HTTP stack to the API server: kube's own layers over a socket that does not wait.

use std::time::Duration;

use hyper_timeout::TimeoutConnector;
use hyper_util::{
    client::legacy::{Client as Http, connect::HttpConnector},
    rt::TokioExecutor,
};
use kube::{
    Client, Config,
    client::{Body, ClientBuilder, ConfigExt},
};
use tower::{BoxError, ServiceBuilder};

/// For TCP and TLS together.
const CONNECT: Duration = Duration::from_secs(5);
/// Between two parts of an answer.
const READ: Duration = Duration::from_secs(30);

/// A client for one kubeconfig.
///
/// It is put together here for `TCP_NODELAY`: kube leaves Nagle's algorithm on, and then the
/// first request of every connection waits for the server's delayed acknowledgement of the
/// TLS handshake's end, which is 40 ms on Linux (RFC 1122, 4.2.3.2).
///
/// # Errors
/// When the kubeconfig's credentials or certificates cannot be used, or it asks for a proxy.
pub(super) fn client(config: Config) -> Result<Client, kube::Error> {
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
