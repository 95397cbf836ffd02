//! A machine with a network of its own, which a real systemd-networkd runs (see `systemd.rs`), and another machine at the
//! other end of its cable, which everything for elsewhere goes to.

use std::{
    fs::{self, File},
    net::{SocketAddr, TcpListener},
    os::{fd::AsFd, unix::fs::PermissionsExt},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tempfile::TempDir;
use tokio::{io::copy_bidirectional, net::TcpStream, process::Command};

use super::{
    machine::{PASSWORD, answers},
    pages::on_a_terminal,
    process,
    systemd::{OPEN, Systemd},
    until,
};

/// What its own files say before firstlight comes.
const BEFORE: &str = "[Match]\nName=eth0 eth1\n\n[Network]\nAddress=192.0.2.7/24\nGateway=192.0.2.1\nIPv6AcceptRA=no\n";

/// networkd, as systemd starts it.
pub(crate) const NETWORKD: &str =
    "[Unit]\nAfter=dbus.service\n[Service]\nType=notify\nExecStart=/lib/systemd/systemd-networkd\n";

/// The machine. Its root is a folder of its own.
pub(crate) struct Wired {
    pub(crate) systemd: Systemd,
    folder: TempDir,
}

impl Wired {
    /// The machine with an address, and the license service's certificate if it is to know one.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("a mode");
        let root = folder.path().join("root");
        for path in ["etc/systemd/network", "run/systemd/network", "run/dbus"] {
            fs::create_dir_all(root.join(path)).expect("a folder");
        }
        fs::write(root.join("etc/systemd/network/80-before.network"), BEFORE).expect("a file");
        let units = [
            ("systemd-networkd.service", NETWORKD),
            ("default.target", "[Unit]\nWants=dbus.socket dbus.service systemd-networkd.service\n"),
        ];
        let policy = format!("{OPEN}<allow user=\"*\"/>");
        let systemd = Systemd::start_on(&root, &units, &policy, "--mount --net", &script(&root)).await;
        let machine = Self { systemd, folder };
        machine.has("192.0.2.7/24").await;
        machine
    }

    /// A host path below the root.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join("root").join(path.trim_start_matches('/'))
    }

    /// The names of the files that networkd finds in a folder, but for the one that was there before.
    pub(crate) fn files(&self, folder: &str) -> Vec<String> {
        let names = fs::read_dir(self.path(folder)).expect("the folder");
        let mut names: Vec<_> =
            names.map(|name| name.expect("a file").file_name().into_string().expect("UTF-8")).collect();
        names.retain(|name| name != "80-before.network");
        names.sort();
        names
    }

    /// Waits until an interface of the machine has an address.
    pub(crate) async fn has(&self, address: &str) {
        until(&format!("the machine has {address}"), || async {
            self.addresses().await.contains(address).then_some(())
        })
        .await;
    }

    /// Every interface and its addresses, one a line.
    pub(crate) async fn addresses(&self) -> String {
        let told = self.under("/usr/sbin/ip").args(["-brief", "address"]).output().await.expect("ip runs");
        String::from_utf8(told.stdout).expect("UTF-8")
    }

    /// Sees that systemd takes back what is tried after thirty seconds, within one: how busy this machine is is no part of that.
    pub(crate) async fn takes_back_in_time(&self) {
        let timer = "firstlight-network.timer";
        let (next, began) =
            (self.systemd.timer(timer, "NextElapseUSecMonotonic").await, self.systemd.active_since(timer).await);
        let after = Duration::from_micros(next - began);
        assert!(after.abs_diff(Duration::from_secs(30)) < Duration::from_secs(1), "{after:?}");
        let exact = Duration::from_micros(self.systemd.timer(timer, "AccuracyUSec").await);
        assert!(exact < Duration::from_secs(1), "{exact:?}");
    }

    /// Gives the other end of the cable an address on a VLAN; gives whether this kernel has any.
    pub(crate) async fn has_vlan(&self, id: u16, address: &str) -> bool {
        let ip = "ip -n outside";
        let script = format!(
            "{ip} link add link out0 name vlan{id} type vlan id {id} && {ip} addr add {address} dev vlan{id} && \
             {ip} link set vlan{id} up"
        );
        self.runs(&script).await
    }

    /// Whether a script ends well on the machine, with its network.
    pub(crate) async fn runs(&self, script: &str) -> bool {
        let mut command = Command::new("nsenter");
        command.args(self.entering()).args(["--mount", "/bin/sh", "-c", script]);
        command.output().await.expect("a shell").status.success()
    }

    /// A command on the machine.
    fn under(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(self.entering()).arg(program);
        command
    }

    /// Its network alone: in its `/proc` there are its own processes only.
    fn entering(&self) -> [String; 2] {
        [format!("--target={}", self.systemd.inside().as_raw_nonzero()), "--net".to_owned()]
    }

    /// firstlight on the machine with answers, without a cluster: what comes before that is told is what counts.
    pub(crate) fn firstlight(&self, license: SocketAddr, network: &str) -> Command {
        let answers = format!("{}[network]\n{network}", answers("K7QP-M2RX", PASSWORD));
        self.write("answers.toml", &answers);
        let mut command = self.command(license);
        command.arg("--answers").arg(self.path("answers.toml")).args(["--output", "json"]);
        command
    }

    /// The wizard on the machine.
    pub(crate) fn wizard(&self, license: SocketAddr) -> Command {
        on_a_terminal(self.command(license))
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file");
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).expect("a mode");
    }

    fn command(&self, license: SocketAddr) -> Command {
        let authority = if self.path("ca.pem").exists() { "ca-file = '/ca.pem'\n" } else { "" };
        let profile = format!(
            "[license]\nurl = 'https://{license}'\n{authority}attempts = 1\ntimeout-seconds = 2\n[machine]\n\
             disk-mib = 1\nmemory-mib = 1\nvolatile-state = true\n[cluster]\nstart-timeout-seconds = 1\n"
        );
        self.write("profile.toml", &profile);
        let entering = self.entering();
        let mut command = process::firstlight_under("nsenter", &entering.each_ref().map(AsRef::as_ref));
        command.arg("--profile").arg(self.path("profile.toml"));
        command.arg("--root").arg(self.path("")).arg("--kubeconfig").arg(self.path("none"));
        command
    }

    /// Has what comes to the machine at the other end of the cable answered by a server of ours: the socket is made in the
    /// network there, and what is done with it here. Gives where it is.
    pub(crate) fn serve_outside(&self, server: SocketAddr) -> SocketAddr {
        let namespace = format!("/proc/{}/root/run/netns/outside", self.systemd.inside().as_raw_nonzero());
        let namespace = File::open(namespace).expect("the other machine's network");
        // A thread that has gone into a network does not come back.
        let listening = thread::spawn(move || {
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).expect("we are root");
            TcpListener::bind("192.0.2.1:0").expect("a free port")
        });
        let listener = listening.join().expect("no panic");
        let address = listener.local_addr().expect("its address");
        listener.set_nonblocking(true).expect("a mode");
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(server).await?;
                    copy_bidirectional(&mut client, &mut server).await
                });
            }
        });
        address
    }

    /// Makes an authority known to firstlight.
    pub(crate) fn trust(&self, authority: &Path) {
        fs::copy(authority, self.path("ca.pem")).expect("a copy");
    }
}

/// Gives the machine its cables, and has networkd find its files below the root. It takes a file system of the kernel's devices
/// that cannot be written for one in which nobody else tells it of them.
fn script(root: &Path) -> String {
    let root = root.display();
    format!(
        "mount -t sysfs -o ro none /sys && mount -t cgroup2 none /sys/fs/cgroup && \
         mkdir -p /run/systemd/network /run/systemd/netif/links /run/systemd/netif/leases /run/systemd/netif/lldp /run/dbus && \
         chown -R systemd-network:systemd-network /run/systemd/netif && \
         ln -s {root}/run/dbus/system_bus_socket /run/dbus/system_bus_socket && \
         mount --bind {root}/etc/systemd/network /etc/systemd/network && \
         mount --bind {root}/run/systemd/network /run/systemd/network && \
         ip link set lo up && ip netns add outside && ip -n outside link set lo up && \
         ip link add eth0 type veth peer name out0 netns outside && ip -n outside addr add 192.0.2.1/24 dev out0 && \
         ip -n outside addr add 198.51.100.1/24 dev out0 && ip -n outside link set out0 up && "
    )
}
