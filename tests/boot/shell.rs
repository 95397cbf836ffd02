//! A shell of root's within a machine: what Kubernetes holds there, without asking firstlight.

use argon2::{
    Argon2,
    password_hash::{PasswordVerifier, phc::PasswordHash},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::UnixStream,
};

use crate::{
    disk::{Disk, ROOT},
    machine::{Issued, Machine, PATIENCE},
    operator::PASSWORD,
};

const BOOT_LOADER: (&str, &str) = ("/boot/grub", "grub.cfg");
const KUBECTL: &str = "/usr/lib/firstlight/kubernetes/target/cluster/bin/kubectl \
     --kubeconfig /var/lib/kubernetes/kubeconfig --namespace trial";

/// Has a machine that starts from this disk give a shell to its third serial line (systemd-debug-generator(8)).
pub(crate) fn let_in(disk: &Disk) {
    let (folder, name) = BOOT_LOADER;
    let menu = disk.read(ROOT, &format!("{folder}/{name}"));
    let with_shell = menu.replace(" quiet ", " systemd.debug_shell=ttyS2 quiet ");
    assert_ne!(with_shell, menu, "the boot loader starts the kernel otherwise");
    disk.replace(ROOT, folder, name, &with_shell);
}

/// What Kubernetes holds there is what was issued and typed.
pub(crate) async fn holds(machine: &Machine, issued: &Issued) {
    let tenant = "appliance-initial-tenant";
    assert_eq!(secret(machine, tenant, "INITIAL_TENANT_ID").await, issued.tenant_id);
    assert_eq!(secret(machine, tenant, "INITIAL_ADMIN_EMAIL").await, "kim@acme.example");
    let hash = secret(machine, tenant, "INITIAL_ADMIN_PASSWORD_HASH").await;
    let hash = PasswordHash::new(&hash).expect("a PHC string");
    assert!(Argon2::default().verify_password(PASSWORD.as_bytes(), &hash).is_ok(), "another password than was typed");
    assert_eq!(secret(machine, "appliance-license-seed", "EDITION_CHOICE").await, "ee");
}

/// Has the shell do something.
pub(crate) async fn tell(machine: &Machine, command: &str) {
    let mut line = UnixStream::connect(machine.line()).await.expect("its third line");
    line.write_all(format!("\n{command}\n").as_bytes()).await.expect("it is read");
}

/// A key of a Secret, as soon as Kubernetes is there.
async fn secret(machine: &Machine, name: &str, key: &str) -> String {
    let mut line = BufReader::new(UnixStream::connect(machine.line()).await.expect("its third line"));
    // The line repeats what is typed, in which there is no base64 between the marks.
    let read = format!("{KUBECTL} get secret {name} --output 'jsonpath={{.data.{key}}}'");
    let typed = format!("\nuntil value=$({read}); do sleep 1; done; echo \"<$value>\"\n");
    line.get_mut().write_all(typed.as_bytes()).await.expect("it is read");
    let answer = async {
        let mut said = String::new();
        loop {
            said.clear();
            let length = line.read_line(&mut said).await.expect("text");
            assert_ne!(length, 0, "the machine has ended");
            let marked = said.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
            if let Some(value) = marked.and_then(|(value, _)| BASE64_STANDARD.decode(value).ok()) {
                return value;
            }
        }
    };
    let value = tokio::time::timeout(PATIENCE, answer).await.unwrap_or_else(|_elapsed| {
        unreachable!("the shell or Kubernetes does not answer, or there is no Secret `{name}`");
    });
    String::from_utf8(value).expect("UTF-8")
}
