//! A web server, with or without TLS, that answers each request by what it says.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;

/// What it answers a request with.
type Answers = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// The server; it ends when this goes.
pub(crate) struct Web {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    work: JoinHandle<()>,
}

impl Web {
    /// `answer` is given a request as it came, and gives status line, headers and body, as they go out.
    pub(crate) async fn start(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), answer).await
    }

    /// The same at an address.
    pub(crate) async fn start_at(address: SocketAddr, answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::serve(address, None, Arc::new(answer)).await
    }

    /// The same over TLS.
    pub(crate) async fn start_tls(
        config: Arc<ServerConfig>,
        answer: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> Self {
        Self::serve(SocketAddr::from(([127, 0, 0, 1], 0)), Some(config.into()), Arc::new(answer)).await
    }

    async fn serve(address: SocketAddr, tls: Option<TlsAcceptor>, answer: Answers) -> Self {
        let listener = TcpListener::bind(address).await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&requests);
        let work = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.expect("a connection");
                let (seen, answer, tls) = (Arc::clone(&seen), Arc::clone(&answer), tls.clone());
                connections.spawn(async move {
                    match tls {
                        None => converse(stream, &answer, &seen).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                converse(stream, &answer, &seen).await;
                            }
                        }
                    }
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Self { address, requests, work }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request that came, in their order.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The first line of each, without the version.
    pub(crate) fn asked(&self) -> Vec<String> {
        let requests = self.requests();
        let lines = requests.iter().map(|request| request.lines().next().unwrap_or_default());
        lines.map(|line| line.trim_end_matches(" HTTP/1.1").to_owned()).collect()
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.work.abort();
    }
}

/// One request, and its answer.
async fn converse(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &Answers, seen: &Mutex<Vec<String>>) {
    let Some(request) = request(&mut stream).await else { return };
    let answer = answer(&request);
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    drop(stream.write_all(answer.as_bytes()).await);
    drop(stream.shutdown().await);
}

/// Status, one header and body as an answer.
pub(crate) fn answer(status: &str, content_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

/// The next request, with its body; `None` when there is none.
pub(crate) async fn request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        head.push(char::from(stream.read_u8().await.ok()?));
    }
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    Some(head + &String::from_utf8(body).ok()?)
}
