//! The web server in front of an appliance: TLS with what lies on the disk for it.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;

use crate::support::web;

/// The server; it ends when this goes.
pub(crate) struct Edge {
    pub(crate) address: SocketAddr,
    work: JoinHandle<()>,
}

/// What a request is answered with.
pub(crate) type Routes = fn(&str) -> String;

impl Edge {
    /// Certificate and key are read whenever somebody comes; as long as they are not there, nobody is answered.
    pub(crate) async fn start(host: IpAddr, certificate: PathBuf, key: PathBuf, routes: Routes) -> Self {
        let listener = TcpListener::bind((host, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let work = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.expect("a connection");
                if let Some(config) = config(&certificate, &key) {
                    connections.spawn(serve(stream, config, routes));
                }
                while connections.try_join_next().is_some() {}
            }
        });
        Self { address, work }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://{}", self.address)
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        self.work.abort();
    }
}

fn config(certificate: &Path, key: &Path) -> Option<Arc<ServerConfig>> {
    let chain = CertificateDer::pem_file_iter(certificate).ok()?.collect::<Result<Vec<_>, _>>().ok()?;
    let key = PrivateKeyDer::from_pem_file(key).ok()?;
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    let config = config.with_safe_default_protocol_versions().expect("protocol versions").with_no_client_auth();
    config.with_single_cert(chain, key).ok().map(Arc::new)
}

async fn serve(stream: TcpStream, config: Arc<ServerConfig>, routes: Routes) {
    let Ok(mut stream) = TlsAcceptor::from(config).accept(stream).await else { return };
    let Some(request) = web::request(&mut stream).await else { return };
    drop(stream.write_all(routes(&request).as_bytes()).await);
    drop(stream.shutdown().await);
}

/// An address of this machine that no other test has.
pub(crate) fn loopback() -> IpAddr {
    let unique = uuid::Uuid::new_v4();
    let [first, second, third, ..] = *unique.as_bytes();
    Ipv4Addr::new(127, first.clamp(1, 254), second, third.clamp(2, 254)).into()
}
