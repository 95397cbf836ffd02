//! A TLS server in the license service's place: it passes every rehearsal, and answers a code as it likes.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// How a `POST` is answered.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// With these bytes.
    Bytes(Vec<u8>),
    /// With a body of this many bytes, whoever reads it.
    Long(u64),
    /// Not at all.
    Never,
    /// By hanging up without a goodbye of TLS.
    Gone,
}

impl Answer {
    /// Status line and headers, then the body.
    pub(crate) fn new(head: &str, body: &str) -> Self {
        Self::of_bytes(head, body.as_bytes())
    }

    /// The same with a body that may be no text.
    pub(crate) fn of_bytes(head: &str, body: &[u8]) -> Self {
        let head = head.replace('\n', "\r\n");
        let head = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n", body.len());
        Self::Bytes([head.as_bytes(), body].concat())
    }

    /// A JSON body.
    pub(crate) fn json(status: &str, body: &str) -> Self {
        Self::new(&format!("{status}\ncontent-type: application/json"), body)
    }
}

/// What is answered, what was asked, and how much of the answer was taken.
#[derive(Debug)]
struct Counters {
    answer: Mutex<Answer>,
    registrations: Mutex<Vec<String>>,
    written: AtomicU64,
}

/// The server; it ends when this goes.
pub(crate) struct Hostile {
    pub(crate) address: SocketAddr,
    pub(crate) authority_pem: String,
    counters: Arc<Counters>,
    work: JoinHandle<()>,
}

/// Status and headers of the answers to `HEAD` and to `OPTIONS`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Front {
    pub(crate) head: &'static str,
    pub(crate) options: &'static str,
}

impl Default for Front {
    fn default() -> Self {
        Self { head: "200 OK", options: "501 Not Implemented" }
    }
}

impl Hostile {
    pub(crate) fn start(answer: Answer) -> Self {
        Self::with(answer, Front::default(), certificates())
    }

    /// With a front page, and with a certificate and the authority that signed it.
    pub(crate) fn with(answer: Answer, front: Front, certificates: (String, Arc<ServerConfig>)) -> Self {
        let (authority_pem, config) = certificates;
        let socket = super::relay::socket();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let listener = socket.listen(64).expect("the port is ours");
        let address = listener.local_addr().expect("it is bound");
        let (registrations, written) = (Mutex::default(), AtomicU64::default());
        let counters = Arc::new(Counters { answer: Mutex::new(answer), registrations, written });
        let work = tokio::spawn(serve(listener, TlsAcceptor::from(config), front, Arc::clone(&counters)));
        Self { address, authority_pem, counters, work }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Answers otherwise from now on.
    pub(crate) fn set(&self, answer: Answer) {
        *self.counters.answer.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }

    /// The idempotency key and the body of each code that was sent here.
    pub(crate) fn registrations(&self) -> Vec<String> {
        self.counters.registrations.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many bytes of answers went out.
    pub(crate) fn written(&self) -> u64 {
        self.counters.written.load(Ordering::SeqCst)
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.work.abort();
    }
}

/// An authority of its own, and a certificate of it for this machine.
pub(crate) fn certificates() -> (String, Arc<ServerConfig>) {
    issued(false)
}

/// The same with the authority's own certificate behind it, as those who open TLS on the way send it.
pub(crate) fn inspected() -> (String, Arc<ServerConfig>) {
    issued(true)
}

fn issued(shows_authority: bool) -> (String, Arc<ServerConfig>) {
    let named = |name: &str, addresses: &[&str]| {
        let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        let mut parameters = CertificateParams::new(addresses).expect("addresses");
        parameters.distinguished_name.remove(DnType::CommonName);
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters
    };
    let key = || KeyPair::generate().expect("a key");
    let mut authority = named("Hostile Test CA", &[]);
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let authority_key = key();
    let root = authority.self_signed(&authority_key).expect("a certificate");
    let (leaf, leaf_key) = (named("hostile", &["127.0.0.1", "localhost", "license.invalid"]), key());
    let leaf = leaf.signed_by(&leaf_key, &Issuer::new(authority, authority_key)).expect("a certificate");
    let sent = if shows_authority { vec![&leaf, &root] } else { vec![&leaf] };
    (root.pem(), server(&sent, &leaf_key))
}

/// A server that sends these certificates, its own first.
pub(crate) fn server(sent: &[&Certificate], leaf_key: &KeyPair) -> Arc<ServerConfig> {
    let leaf_key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_no_client_auth()
        .with_single_cert(sent.iter().map(|one| one.der().clone()).collect(), leaf_key)
        .expect("a key that fits its certificate");
    Arc::new(config)
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, front: Front, counters: Arc<Counters>) {
    // Goes with this task, and every connection with it.
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let (acceptor, counters) = (acceptor.clone(), Arc::clone(&counters));
        connections.spawn(async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                conversation(stream, front, &counters).await;
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

/// Ends when the client goes away, whatever it has read by then.
async fn conversation(mut stream: TlsStream<TcpStream>, front: Front, counters: &Counters) {
    while let Some((head, body)) = request(&mut stream).await {
        let without_body = [("HEAD ", front.head), ("OPTIONS ", front.options)];
        if let Some((_, answer)) = without_body.iter().find(|(method, _)| head.starts_with(method)) {
            let Answer::Bytes(bytes) = Answer::new(answer, "") else { return };
            if stream.write_all(&bytes).await.is_err() {
                return;
            }
            continue;
        }
        let key = head.lines().find(|line| line.starts_with("idempotency-key:")).unwrap_or_default();
        counters.registrations.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{key} {body}"));
        let answer = counters.answer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match answer {
            Answer::Never => std::future::pending().await,
            Answer::Gone => return,
            Answer::Bytes(bytes) => drop(stream.write_all(&bytes).await),
            Answer::Long(length) => pour(&mut stream, length, counters).await,
        }
        drop(stream.shutdown().await);
        return;
    }
}

async fn pour(stream: &mut TlsStream<TcpStream>, length: u64, counters: &Counters) {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    let (mut left, piece) = (length, vec![b' '; 16 * 1024]);
    let mut sent = stream.write_all(head.as_bytes()).await;
    while sent.is_ok() && left > 0 {
        sent = stream.write_all(&piece).await;
        left = left.saturating_sub(piece.len() as u64);
        counters.written.fetch_add(piece.len() as u64, Ordering::SeqCst);
    }
}

/// The next request's head and body; `None` when there is none.
async fn request(stream: &mut TlsStream<TcpStream>) -> Option<(String, String)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        head.push(char::from(stream.read_u8().await.ok()?));
    }
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    Some((head, String::from_utf8(body).ok()?))
}
