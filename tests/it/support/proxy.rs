//! A proxy for `CONNECT`, as a company has one: it records what it is asked for, and knows one host or refuses.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

/// What becomes of whatever it is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Behind {
    /// A connection to this address.
    Host(SocketAddr),
    /// This status.
    Refusal(u16),
    /// Status 407 and these lines of its head, which say how to log in.
    Login(&'static str),
}

/// The proxy; it ends when this goes.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    work: JoinHandle<()>,
}

impl Proxy {
    pub(crate) fn start(behind: Behind) -> Self {
        let socket = super::relay::socket();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let listener = socket.listen(64).expect("the port is ours");
        let address = listener.local_addr().expect("it is bound");
        let heard = Arc::default();
        let work = tokio::spawn(serve(listener, behind, Arc::clone(&heard)));
        Self { address, heard, work }
    }

    /// The heads of all requests.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.work.abort();
    }
}

async fn serve(listener: TcpListener, behind: Behind, heard: Arc<Mutex<Vec<String>>>) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        connections.spawn(conversation(stream, behind, Arc::clone(&heard)));
        while connections.try_join_next().is_some() {}
    }
}

async fn conversation(mut stream: TcpStream, behind: Behind, heard: Arc<Mutex<Vec<String>>>) -> Option<()> {
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        request.push(char::from(stream.read_u8().await.ok()?));
    }
    heard.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    match behind {
        Behind::Refusal(status) => {
            let answer = format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.ok()
        }
        Behind::Login(lines) => {
            // In two pieces, as a network may deliver it.
            stream.write_all(b"HTTP/1.1 407 No\r\n").await.ok()?;
            tokio::task::yield_now().await;
            let rest = format!("{lines}\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(rest.as_bytes()).await.ok()
        }
        Behind::Host(address) => {
            let mut there = TcpStream::connect(address).await.ok()?;
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.ok()?;
            copy_bidirectional(&mut stream, &mut there).await.ok().map(drop)
        }
    }
}
