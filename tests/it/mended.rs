//! The rest of the failures that an operator can meet in the wizard: the fault goes away outside, a key on the
//! screen tries again, and nothing is typed twice but a wrong answer.

use std::fs;

use crate::{
    rights::use_service_account,
    support::{
        Machine,
        cluster::{with_authority, with_user},
        console::{Console, key},
        hostile::{Answer, Hostile},
    },
    wizard::{command_fails, fails, leave},
};

/// The wizard, failed before the code was sent.
async fn fails_unspent(machine: &Machine, id: &str) -> Console {
    let console = fails(machine, &machine.minted.code.grouped(), id).await;
    machine.assert_unspent();
    console
}

/// The fault is gone: one key, and the setup finishes.
async fn go_on(mut console: Console, machine: &Machine) {
    console.press(key::ENTER).await;
    leave(console, machine).await;
    machine.assert_installed().await;
}

/// What an operator does about an authority that is not trusted; the wizard is not started anew for it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn an_authority_is_added_to_what_is_trusted() {
    let other = Hostile::start(Answer::Never).await;
    for corrected in ["/etc/firstlight/license-ca.pem", "/etc/ssl/certs.pem"] {
        let machine = Machine::new("m-trust").await;
        machine.trust(&other.authority_pem);
        let mut command = machine.wizard();
        command.env("SSL_CERT_FILE", machine.write("/etc/ssl/certs.pem", &other.authority_pem, 0o644));
        let console = command_fails(command, &machine.minted.code.grouped(), "tls-untrusted").await;
        machine.assert_untouched().await;
        let authority = fs::read_to_string(machine.service.ca_pem_file()).expect("the service's file");
        machine.write(corrected, &authority, 0o644);
        go_on(console, &machine).await;
    }
}

/// What is done to the cluster's kubeconfig.
type Change<'a> = &'a dyn Fn(String) -> String;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn kubeconfigs_that_are_not_the_clusters() {
    let other = Hostile::start(Answer::Never).await;
    let authority = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &other.authority_pem);
    let rows: [(&str, Change<'_>); 5] = [
        ("kubeconfig-invalid", &|_| String::new()),
        ("kubeconfig-invalid", &|_| "{{ kubeconfig }}\n\t:".to_owned()),
        ("kubeconfig-invalid", &|text| with_authority(&text, &authority)),
        ("kubernetes-refused", &|text| with_user(&text, "token: unknown")),
        ("kubernetes-forbidden", &|text| with_user(&text, "username: ''")),
    ];
    for (id, change) in rows {
        let mut machine = Machine::new("m-config").await;
        machine.change_kubeconfig(change);
        let console = fails_unspent(&machine, id).await;
        machine.assert_untouched().await;
        machine.change_kubeconfig(|text| text);
        go_on(console, &machine).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_kubeconfig_of_somebody_who_may_not_is_replaced_by_the_administrators() {
    let mut machine = Machine::new("m-admin").await;
    use_service_account(&mut machine).await;
    let console = fails_unspent(&machine, "kubernetes-forbidden").await;
    machine.change_kubeconfig(|text| text);
    go_on(console, &machine).await;
}
