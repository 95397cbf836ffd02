//! A TCP relay in front of a real server, with faults.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpSocket, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::{JoinHandle, JoinSet},
};

/// What happens to connections.
#[derive(Clone)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// Every piece of an answer comes this much later.
    Delay(Duration),
    /// The connection is reset after this many bytes of answers.
    ResetAfter(usize),
    /// The connection is reset instead of the first piece of an answer that comes when the condition holds, and no other.
    ResetWhen(Arc<dyn Fn() -> bool + Send + Sync>),
    /// Connections are taken and nothing ever answers.
    Blackhole,
    /// Something answers that speaks another protocol.
    Garbage,
}

/// The relay. Until it is opened its port refuses connections, and nobody else can take it.
pub(crate) struct Relay {
    address: SocketAddr,
    upstream: watch::Sender<SocketAddr>,
    fault: watch::Sender<Fault>,
    closed: Option<TcpSocket>,
    work: Option<JoinHandle<()>>,
}

impl Relay {
    /// A relay that refuses connections.
    pub(crate) fn closed(upstream: SocketAddr) -> Self {
        let socket = socket();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let address = socket.local_addr().expect("it is bound");
        let (upstream, fault) = (watch::Sender::new(upstream), watch::Sender::new(Fault::None));
        Self { address, upstream, fault, closed: Some(socket), work: None }
    }

    /// A relay with a fault.
    pub(crate) fn with(upstream: SocketAddr, fault: Fault) -> Self {
        let mut relay = Self::closed(upstream);
        relay.fault.send_replace(fault);
        relay.open();
        relay
    }

    /// Takes connections from now on.
    pub(crate) fn open(&mut self) {
        let socket = self.closed.take().expect("it is opened once");
        let listener = socket.listen(64).expect("the port is ours");
        self.work = Some(tokio::spawn(serve(listener, self.upstream.subscribe(), self.fault.clone())));
    }

    /// Changes what happens, to new connections and to pieces still to come.
    pub(crate) fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }

    /// Leads new connections to another server.
    pub(crate) fn lead_to(&self, upstream: SocketAddr) {
        self.upstream.send_replace(upstream);
    }

    /// The port of 127.0.0.1 on which it listens.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if let Some(work) = &self.work {
            work.abort();
        }
    }
}

async fn serve(listener: TcpListener, upstream: watch::Receiver<SocketAddr>, fault: watch::Sender<Fault>) {
    // Goes with this task, and every connection with it.
    let mut connections = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await.expect("a connection");
        let server = *upstream.borrow();
        connections.spawn(connection(client, server, fault.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(mut client: TcpStream, upstream: SocketAddr, fault: watch::Sender<Fault>) {
    let now = fault.borrow().clone();
    match now {
        Fault::Blackhole => std::future::pending().await,
        Fault::Garbage => {
            // The client may be gone before it has read all of it.
            drop(client.write_all(b"220 mail.example ESMTP ready\r\n").await);
            drop(client.shutdown().await);
        }
        _ => {
            let Ok(server) = socket().connect(upstream).await else { return reset(&client) };
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            tokio::join!(questions(from_client, to_server), answers(from_server, to_client, fault));
        }
    }
}

async fn questions(mut client: OwnedReadHalf, mut server: OwnedWriteHalf) {
    drop(tokio::io::copy(&mut client, &mut server).await);
    drop(server.shutdown().await);
}

async fn answers(mut server: OwnedReadHalf, mut client: OwnedWriteHalf, fault: watch::Sender<Fault>) {
    let (mut buffer, mut passed) = (vec![0; 16 * 1024], 0);
    while let Ok(length @ 1..) = server.read(&mut buffer).await {
        let now = fault.borrow().clone();
        let mut allowed = length;
        match now {
            Fault::Delay(pause) => tokio::time::sleep(pause).await,
            Fault::ResetAfter(limit) => allowed = length.min(limit - passed),
            Fault::ResetWhen(condition) if condition() => {
                allowed = 0;
                fault.send_replace(Fault::None);
            }
            Fault::Blackhole => std::future::pending().await,
            _ => {}
        }
        passed += allowed;
        if client.write_all(&buffer[..allowed]).await.is_err() || allowed < length {
            return reset(client.as_ref());
        }
    }
    drop(client.shutdown().await);
}

/// Closing then sends RST instead of FIN.
fn reset(client: &TcpStream) {
    client.set_zero_linger().expect("an open socket");
}

/// The most that a socket between two ends holds each way, in bytes. By itself it would grow to mebibytes, and nobody
/// could tell what was read at the other end from what only waits here.
const HELD: u32 = 256 * 1024;

/// A socket that holds little; those that it accepts do the same.
pub(super) fn socket() -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(HELD).and_then(|()| socket.set_send_buffer_size(HELD)).expect("sizes");
    socket
}
