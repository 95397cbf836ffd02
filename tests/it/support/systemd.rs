//! A real systemd for a machine under test, with a bus of its own where the machine's bus is, below its root.
//!
//! It is the manager of a user's units: its API and its units are those of the system's, and it mounts, sets and shuts down
//! nothing. It has namespaces and a cgroup of its own, so that nothing that it starts outlives it.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio, id},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use rustix::process::Pid;
use zbus::{Connection, DynamicType, Message, OwnedObjectPath, OwnedVariant, connection::Builder};

use super::{process::children_of, until};

const NAME: &str = "org.freedesktop.systemd1";

/// Where the bus listens, below the root.
pub(crate) const BUS: &str = "run/dbus/system_bus_socket";

/// Who may do what on the bus: everybody everything.
pub(crate) const OPEN: &str =
    r#"<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>"#;

/// Does what `systemd` needs to take itself for the manager of a system that was booted with one; the shell stays, because a
/// manager of users' units may not be the first process. When nobody holds its standard input any more, all of it ends.
/// What else the machine has is set up by a script in between.
const BOOTED: [&str; 2] = [
    "mount -t tmpfs none /run && mkdir -p /run/systemd/system && mount -t cgroup2 none /sys/fs/cgroup && ",
    "{ /lib/systemd/systemd --user --unit=default.target < /dev/null & read -r _; }",
];

/// It runs as long as this lives.
pub(crate) struct Systemd {
    child: Child,
    cgroup: PathBuf,
    units: PathBuf,
    bus: Connection,
}

impl Systemd {
    /// Starts it below `root`, with units by their names.
    pub(crate) async fn start(root: &Path, units: &[(&str, &str)]) -> Self {
        Self::start_with(root, units, OPEN).await
    }

    /// The same, with a policy of the bus.
    pub(crate) async fn start_with(root: &Path, units: &[(&str, &str)], policy: &str) -> Self {
        Self::start_on(root, units, policy, "--mount", "").await
    }

    /// The same on a machine that has more namespaces of its own (`unshare(1)`), which a script sets up first.
    pub(crate) async fn start_on(
        root: &Path,
        units: &[(&str, &str)],
        policy: &str,
        namespaces: &str,
        script: &str,
    ) -> Self {
        let (folder, runtime) = (root.join("etc/systemd/system"), root.join("run/user"));
        for folder in [&folder, &runtime] {
            fs::create_dir_all(folder).expect("a folder");
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).expect("a mode");
        }
        let config = bus_config(root, "systemd:", policy);
        let socket = root.join(BUS);
        let own = own_units(&socket, &config);
        let empty = ["basic", "sockets", "shutdown", "exit"].map(|name| (format!("{name}.target"), "[Unit]\n"));
        let own = own.iter().map(|(name, text)| (*name, text.as_str()));
        let empty = empty.iter().map(|(name, text)| (name.as_str(), *text));
        for (name, text) in own.chain(empty).chain(units.iter().copied()) {
            fs::write(folder.join(name), text).expect("a unit");
        }
        let cgroup = new_cgroup();
        let child = Command::new("/bin/sh")
            .arg("-c")
            .arg("echo $$ > \"$0/cgroup.procs\" && exec unshare $2 --cgroup --pid --fork --kill-child --mount-proc /bin/sh -c \"$1\"")
            .arg(&cgroup)
            .arg(BOOTED.join(script))
            .arg(namespaces)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", root)
            .env("XDG_RUNTIME_DIR", &runtime)
            .env("SYSTEMD_UNIT_PATH", &folder)
            .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", socket.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        // From here on what was started goes with it.
        let mut starting = Starting(Some((child, cgroup)));
        let bus = until("systemd is on its bus", || async {
            let stream = tokio::net::UnixStream::connect(&socket).await.ok()?.into_std().ok()?;
            let bus = Builder::unix_stream(stream).build().await.ok()?;
            call(&bus, "LoadUnit", &"default.target").await.is_ok().then_some(bus)
        })
        .await;
        let (child, cgroup) = starting.0.take().expect("just put there");
        Self { child, cgroup, units: folder, bus }
    }

    /// The process whose namespaces are the machine's.
    pub(crate) fn inside(&self) -> Pid {
        let outside = Pid::from_raw(self.child.id().cast_signed()).expect("it runs");
        *children_of(outside).first().expect("unshare has started the shell")
    }

    /// Writes a unit anew.
    pub(crate) async fn write(&self, unit: &str, text: &str) {
        fs::write(self.units.join(unit), text).expect("a unit");
        call(&self.bus, "Reload", &()).await.expect("it reads its units anew");
    }

    /// Locks a unit.
    pub(crate) async fn mask(&self, unit: &str) {
        symlink("/dev/null", self.units.join(unit)).expect("a link");
        call(&self.bus, "Reload", &()).await.expect("it reads its units anew");
    }

    /// Unlocks it, and takes its file away.
    pub(crate) async fn remove(&self, unit: &str) {
        fs::remove_file(self.units.join(unit)).expect("a file");
        call(&self.bus, "Reload", &()).await.expect("it reads its units anew");
    }

    /// Starts a unit, and waits until it is in a state.
    pub(crate) async fn start_until(&self, unit: &str, state: &str) {
        call(&self.bus, "StartUnit", &(unit, "replace")).await.expect("it is started");
        until(&format!("{unit} is {state}"), || async { (self.state(unit).await == state).then_some(()) }).await;
    }

    /// Stops a unit, and waits until it is in a state.
    pub(crate) async fn stop_until(&self, unit: &str, state: &str) {
        call(&self.bus, "StopUnit", &(unit, "replace")).await.expect("it is stopped");
        until(&format!("{unit} is {state}"), || async { (self.state(unit).await == state).then_some(()) }).await;
    }

    /// Whether something is to be done with a unit still.
    pub(crate) async fn is_queued(&self, unit: &str) -> bool {
        let (job, _path) = <(u32, OwnedObjectPath)>::try_from(self.property(unit, "Job").await).expect("a job");
        job != 0
    }

    /// The state of a unit, such as `active`.
    pub(crate) async fn state(&self, unit: &str) -> String {
        String::try_from(self.property(unit, "ActiveState").await).expect("a text")
    }

    /// Which of its runs a unit is in.
    pub(crate) async fn invocation(&self, unit: &str) -> String {
        format!("{:?}", *self.property(unit, "InvocationID").await)
    }

    /// When a unit became active, in microseconds of the clock that no suspend stops.
    pub(crate) async fn active_since(&self, unit: &str) -> u64 {
        u64::try_from(self.property(unit, "ActiveEnterTimestampMonotonic").await).expect("a number")
    }

    /// A property of a timer in microseconds, such as how exact it is.
    pub(crate) async fn timer(&self, unit: &str, name: &str) -> u64 {
        u64::try_from(self.property_of("org.freedesktop.systemd1.Timer", unit, name).await).expect("a number")
    }

    async fn property(&self, unit: &str, name: &str) -> OwnedVariant {
        self.property_of("org.freedesktop.systemd1.Unit", unit, name).await
    }

    async fn property_of(&self, kind: &str, unit: &str, name: &str) -> OwnedVariant {
        let loaded = call(&self.bus, "LoadUnit", &unit).await.expect("it answers");
        let path: OwnedObjectPath = loaded.body().deserialize().expect("a path");
        let interface = Some("org.freedesktop.DBus.Properties");
        let body = &(kind, name);
        let told = self.bus.call_method(Some(NAME), &path, interface, "Get", body).await.expect("it answers");
        told.body().deserialize().expect("a value")
    }
}

impl Drop for Systemd {
    fn drop(&mut self) {
        end(&mut self.child, &self.cgroup);
    }
}

/// What the bus needs.
fn own_units(socket: &Path, config: &Path) -> [(&'static str, String); 3] {
    [
        ("default.target", "[Unit]\nWants=dbus.socket dbus.service\n".to_owned()),
        ("dbus.socket", format!("[Socket]\nListenStream={}\n", socket.display())),
        (
            "dbus.service",
            format!(
                "[Unit]\nRequires=dbus.socket\n[Service]\nType=notify\nExecStart=/usr/bin/dbus-daemon --nofork --nopidfile \
                 --systemd-activation --config-file={}\n",
                config.display()
            ),
        ),
    ]
}

/// A process that nobody waits for yet.
struct Starting(Option<(Child, PathBuf)>);

impl Drop for Starting {
    fn drop(&mut self) {
        if let Some((child, cgroup)) = &mut self.0 {
            end(child, cgroup);
        }
    }
}

/// Kills it with all that it has started, and takes its cgroups away.
fn end(child: &mut Child, cgroup: &Path) {
    let _ = child.kill();
    let _ = child.wait();
    // The kernel ends the rest of the namespace in its own time.
    let deadline = Instant::now() + Duration::from_secs(20);
    while remove(cgroup).is_err() && Instant::now() < deadline {
        std::thread::park_timeout(Duration::from_millis(5));
    }
    assert!(!cgroup.exists() || std::thread::panicking(), "processes are left in `{}`", cgroup.display());
}

/// Takes away a cgroup and those below it.
fn remove(cgroup: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(cgroup)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove(&entry.path())?;
        }
    }
    fs::remove_dir(cgroup)
}

/// A cgroup below our own, in whatever hierarchy has all of them.
fn new_cgroup() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let mounts = fs::read_to_string("/proc/self/mountinfo").expect("mountinfo");
    let mount = mounts.lines().find(|line| line.contains(" - cgroup2 ")).expect("a cgroup2 file system is mounted");
    let mount = mount.split(' ').nth(4).expect("a mount point");
    let own = fs::read_to_string("/proc/self/cgroup").expect("cgroups");
    let own = own.lines().find_map(|line| line.strip_prefix("0::/")).expect("one of cgroup2");
    let name = format!("firstlight-services-{}-{}", id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let cgroup = Path::new(mount).join(own).join(name);
    fs::create_dir(&cgroup).expect("a cgroup");
    cgroup
}

/// The file that says how a bus works, written.
pub(crate) fn bus_config(root: &Path, listen: &str, policy: &str) -> PathBuf {
    fs::create_dir_all(root.join(BUS).parent().expect("a folder")).expect("a folder");
    let config = root.join("run/dbus/bus.conf");
    let text = format!(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \
         \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n<busconfig><type>session</type>\
         <listen>{listen}</listen><auth>EXTERNAL</auth><policy context=\"default\">{policy}</policy></busconfig>\n"
    );
    fs::write(&config, text).expect("a file");
    config
}

async fn call(bus: &Connection, method: &str, body: &(impl serde::Serialize + DynamicType)) -> zbus::Result<Message> {
    let interface = Some("org.freedesktop.systemd1.Manager");
    bus.call_method(Some(NAME), "/org/freedesktop/systemd1", interface, method, body).await
}
