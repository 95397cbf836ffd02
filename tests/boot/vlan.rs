//! A network that has one VLAN and nothing untagged: what is at the other end of a machine's cable then.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::{
    io::{AsyncBufReadExt, BufReader, copy_bidirectional},
    net::{TcpStream, UnixDatagram, UnixListener},
    process::{Child, Command},
    task::JoinSet,
};

use crate::machine::repository;

/// The tag of its frames (IEEE 802.1Q), and where it stands in one: behind both addresses.
const TAG: [u8; 4] = [0x81, 0x00, 0x00, 0x07];
const BEFORE: usize = 12;

/// More than any frame has.
const FRAME: usize = 2048;

/// In a network namespace of its own: the gateway, and the license service at the address by which the image knows it. socat(1)
/// takes nothing from a socket that is called otherwise than the one that it is told.
const NETWORK: &str = r#"
    socat TUN:10.0.2.2/24,tun-type=tap,tun-name=tap0,iff-no-pi,iff-up UNIX-SENDTO:"$1/switch-network",bind="$1/network" &
    for attempt in {1..100}; do
        ! ip address add 10.0.2.100/32 dev tap0 2> /dev/null || break
        sleep 0.1
    done
    ip address show dev tap0 | grep -q 10.0.2.100
    echo ready
    exec socat TCP-LISTEN:443,bind=10.0.2.100,fork UNIX-CONNECT:"$1/license"
"#;

/// It is there as long as this lives.
pub(crate) struct Vlan {
    folder: PathBuf,
    _network: Child,
    _tasks: JoinSet<()>,
}

impl Vlan {
    /// VLAN 7, with its sockets in a folder.
    pub(crate) async fn start(folder: &Path) -> Self {
        let [machine, network] =
            ["switch-machine", "switch-network"].map(|name| UnixDatagram::bind(folder.join(name)).expect("a socket"));
        let license = UnixListener::bind(folder.join("license")).expect("a socket");
        let mut tasks = JoinSet::new();
        tasks.spawn(switch(machine, folder.join("machine"), network, folder.join("network")));
        tasks.spawn(serve(license));
        let mut command = Command::new("unshare");
        command.args(["--net", "--pid", "--fork", "--kill-child", "bash", "-euc", NETWORK, "network"]).arg(folder);
        let mut network = command.kill_on_drop(true).stdout(Stdio::piped()).spawn().expect("unshare is there");
        let mut said = String::new();
        let stdout = network.stdout.take().expect("it is a pipe");
        BufReader::new(stdout).read_line(&mut said).await.expect("text");
        assert_eq!(said, "ready\n", "there is no network: what it lacks is said above");
        Self { folder: folder.into(), _network: network, _tasks: tasks }
    }

    /// The flags of `iso/boot` for a machine that is connected to it, and to nothing else.
    pub(crate) fn flags(&self) -> [String; 7] {
        let [machine, switch] = ["machine", "switch-machine"].map(|name| self.folder.join(name).display().to_string());
        let cable =
            format!("dgram,id=cable,local.type=unix,local.path={machine},remote.type=unix,remote.path={switch}");
        let flags = ["--interfaces", "0", "--", "-netdev", &cable, "-device", "virtio-net-pci,netdev=cable"];
        flags.map(str::to_owned)
    }
}

/// Takes the tag from what the machine sends, and puts it into what the machine is sent; what has none goes nowhere.
async fn switch(machine: UnixDatagram, to_machine: PathBuf, network: UnixDatagram, to_network: PathBuf) {
    let (mut sent, mut answered) = ([0; FRAME], [0; FRAME]);
    loop {
        // Nobody is there yet, or any more, or has no room: what is sent then is lost, as on a cable.
        tokio::select! {
            length = machine.recv(&mut sent) => {
                let frame = &sent[..length.expect("a frame")];
                if let Some((addresses, rest)) = frame.split_at_checked(BEFORE)
                    && let Some(rest) = rest.strip_prefix(&TAG)
                {
                    let _ = network.try_send_to(&[addresses, rest].concat(), &to_network);
                }
            }
            length = network.recv(&mut answered) => {
                let (addresses, rest) = answered[..length.expect("a frame")].split_at(BEFORE);
                let _ = machine.try_send_to(&[addresses, &TAG, rest].concat(), &to_machine);
            }
        }
    }
}

/// Brings each connection to the license service.
async fn serve(license: UnixListener) {
    let ready = fs::read(repository().join("target/trial/ready")).expect("it runs");
    let ready: serde_json::Value = serde_json::from_slice(&ready).expect("JSON");
    let address = ready["address"].as_str().expect("its address");
    loop {
        let (mut from, _) = license.accept().await.expect("a connection");
        let Ok(mut to) = TcpStream::connect(address).await else { continue };
        tokio::spawn(async move { copy_bidirectional(&mut from, &mut to).await });
    }
}
