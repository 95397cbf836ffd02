//! Starting and stopping a service.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use hyper_util::rt::TokioTimer;
use thiserror::Error;
use tokio::task::{JoinError, JoinHandle};

use crate::api::{self, Service};
use crate::certificates::{Authority, CertificateError, Validity};
use crate::clock::Clock;
use crate::config::Config;
use crate::mail::{Postman, SmtpError};
use crate::secrets::{KeyError, random_token};
use crate::state::{StateDir, StateError};
use crate::store::{Store, StoreError};
use crate::tokens::{TokenKey, TokenKeyError};

/// How long requests that are under way may take to end when the service stops.
const GRACE: Duration = Duration::from_secs(5);

/// How long a client may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// A service that listens. It ends when it is stopped or dropped.
#[derive(Debug)]
pub struct Running {
    url: String,
    address: SocketAddr,
    ca_pem_file: PathBuf,
    token_key_file: PathBuf,
    admin_token_file: PathBuf,
    store: Store,
    handle: Handle<SocketAddr>,
    server: JoinHandle<io::Result<()>>,
    postman: Option<JoinHandle<()>>,
}

/// A service could not be started.
#[derive(Debug, Error)]
pub enum StartError {
    /// The state directory.
    #[error("failed to use the state directory")]
    State(#[source] StateError),
    /// The thread that does so ended early.
    #[error("failed to prepare the service")]
    Interrupted(#[source] JoinError),
    /// The token of the back office.
    #[error("failed to make the admin token")]
    AdminToken(#[source] KeyError),
    /// The database.
    #[error("failed to use the database")]
    Store(#[source] StoreError),
    /// The key that signs tokens.
    #[error("failed to use the token key")]
    TokenKey(#[source] TokenKeyError),
    /// The certificates.
    #[error("failed to make the certificates")]
    Certificates(#[source] CertificateError),
    /// The mail server's settings.
    #[error("failed to set up mail delivery")]
    Mail(#[source] SmtpError),
    /// The socket.
    #[error("failed to listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// Starts a service. When this returns, it answers.
///
/// # Errors
/// When a file, a key, the database or the address can't be used.
pub async fn start(config: Config) -> Result<Running, StartError> {
    // Making keys and opening the database is a moment's work that blocks.
    let blocking = tokio::task::spawn_blocking(move || Prepared::new(&config));
    let prepared = blocking.await.map_err(StartError::Interrupted)??;
    let listen_error = |source| StartError::Listen { address: prepared.address, source };
    let handle = Handle::new();
    let server = axum_server::from_tcp_rustls(prepared.listener, prepared.tls).map_err(listen_error)?;
    let mut server = server.handle(handle.clone()).http1_only();
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let router = api::router(prepared.service).into_make_service_with_connect_info::<SocketAddr>();
    Ok(Running {
        url: prepared.url,
        address: prepared.address,
        ca_pem_file: prepared.state.ca_certificate(),
        token_key_file: prepared.token_key_file,
        admin_token_file: prepared.state.admin_token(),
        store: prepared.store,
        handle,
        server: tokio::spawn(server.serve(router)),
        postman: prepared.postman.map(|postman| tokio::spawn(postman.work())),
    })
}

impl Running {
    /// The URL that clients use, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate of the authority, for clients to trust.
    #[must_use]
    pub fn ca_pem_file(&self) -> &Path {
        &self.ca_pem_file
    }

    /// The public key of the license tokens, for clients to pin.
    #[must_use]
    pub fn token_key_file(&self) -> &Path {
        &self.token_key_file
    }

    /// The bearer token of the vendor's back office (a secret, 0600).
    #[must_use]
    pub fn admin_token_file(&self) -> &Path {
        &self.admin_token_file
    }

    /// The database, to mint codes and to look at.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Takes no more connections, lets requests that are under way end, and returns when the socket is closed.
    pub async fn stop(mut self) {
        self.handle.graceful_shutdown(Some(GRACE));
        // Its only error is one of the listening socket, which is closed now either way.
        let _ = (&mut self.server).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.handle.shutdown();
        self.server.abort();
        if let Some(postman) = &self.postman {
            postman.abort();
        }
    }
}

/// Everything that is made before the first request.
struct Prepared {
    token_key_file: PathBuf,
    state: StateDir,
    store: Store,
    service: Arc<Service>,
    tls: RustlsConfig,
    listener: TcpListener,
    address: SocketAddr,
    url: String,
    postman: Option<Postman>,
}

impl Prepared {
    fn new(config: &Config) -> Result<Self, StartError> {
        let clock = Clock::shifted(config.clock_offset);
        let state = StateDir::open(&config.state).map_err(StartError::State)?;
        let store = Store::open(&state, clock).map_err(StartError::Store)?;
        let admin_token = state.private(&state.admin_token(), random_token).map_err(StartError::AdminToken)?;
        let tokens = TokenKey::load(&state, config.token_form).map_err(StartError::TokenKey)?;
        // Certificates go by the machine's clock, not by the moved one: who is shown another time must get past TLS first.
        let today = Clock::default().now();
        let validity = config.leaf_validity.unwrap_or_else(|| Validity::days_from(today, 397));
        let tls = Authority::load(&state, &config.ca_name, today)
            .and_then(|authority| authority.server_config(&config.names, validity))
            .map_err(StartError::Certificates)?;
        let postman = config.smtp.as_ref().map(|smtp| Postman::new(smtp, store.clone())).transpose();
        let (listener, address) =
            listen(config.listen).map_err(|source| StartError::Listen { address: config.listen, source })?;
        let url =
            config.public_url.as_deref().map_or_else(|| local_url(address), |url| url.trim_end_matches('/').to_owned());
        let service = Service::new(config, store.clone(), tokens, &admin_token, url.clone());
        Ok(Self {
            token_key_file: state.token_public_key(config.token_form.algorithm.suffix()),
            state,
            store,
            service: Arc::new(service),
            tls: RustlsConfig::from_config(tls),
            listener,
            address,
            url,
            postman: postman.map_err(StartError::Mail)?,
        })
    }
}

fn listen(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// The URL of a service without a public one. Nobody can connect to "any address", so that becomes this machine.
fn local_url(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("https://localhost:{}", address.port())
    } else {
        format!("https://{address}")
    }
}
