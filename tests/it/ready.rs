//! The last step: the addresses that the profile names answer.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use firstlight::error::ErrorId;
use insta::assert_snapshot;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

use crate::support::Machine;

/// An appliance's console that is not there yet when it is asked first.
pub(crate) struct Console {
    pub(crate) address: SocketAddr,
    asked: Arc<AtomicU32>,
    work: JoinHandle<()>,
}

impl Console {
    /// Answers `failures` times with 503, and then with 200.
    pub(crate) async fn start(failures: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let asked = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&asked);
        let work = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.expect("a connection");
                let mut request = [0; 4096];
                drop(stream.read(&mut request).await);
                let status = if counter.fetch_add(1, Ordering::SeqCst) < failures { "503 Not Yet" } else { "200 OK" };
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                drop(stream.write_all(answer.as_bytes()).await);
            }
        });
        Self { address, asked, work }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.work.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_address_that_answers_late_is_waited_for() {
    let console = Console::start(2).await;
    let mut machine = Machine::new("ready").await;
    machine.set_ready(&format!("http://{}/health", console.address), 60);
    let ended = machine.run().await;
    assert_eq!(ended.done().outcome("ready"), "unchanged: ready: console");
    assert_eq!(console.asked.load(Ordering::SeqCst), 3);
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_address_that_does_not_answer_in_time() {
    let console = Console::start(u32::MAX).await;
    let mut machine = Machine::new("not-ready").await;
    machine.set_ready(&format!("http://{}/health", console.address), 1);
    let ended = machine.run().await;
    let told = ended.failed(ErrorId::NotReady).told().replace(&console.address.to_string(), "[console]");
    assert_snapshot!(told, @r"
    not-ready: console is not ready after 1 s (`http://[console]/health`)
      cause: it answers with status 503
      hint: Run again to go on waiting; the message names what did not answer.
    ");
    machine.assert_installed().await;
}
