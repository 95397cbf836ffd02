//! The appliance's own authority: what a profile may say of it.

use super::*;

const LICENSE: &str = "[license]\nurl = 'https://license.example'\n";
const ROOT: &str = "[pki.root]\nkey = 'secret:pki/root.key'\ncertificate = ['secret:pki/root.crt']\n";

/// What is wrong with a profile, without its places.
fn wrong(text: &str) -> String {
    let problems = Profile::parse(&format!("{LICENSE}{text}")).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_made_and_where_it_goes() {
    let text = "[brand]\nname = 'Acme Appliance'\n[endpoint]\nkind = 'url'\n[pki.root]\nalgorithm = 'rsa-4096'\n\
                key = 'secret:skreg/skreg-pki/ROOT_CA_KEY_PEM'\nkey-form = 'pkcs1'\n\
                certificate = ['secret:msp/skreg-pki/ROOT_CA_CERT_PEM', 'trust', 'file:/etc/ssl/root.pem']\n\
                [pki.leaf]\nkey = 'secret:tls/tls.key'\ncertificate = ['secret:tls/tls.crt']\n\
                [pki.crl]\ntargets = ['configmap:well-known/crl.pem']\n";
    let profile = Profile::parse(&format!("{LICENSE}{text}")).expect("a sound profile");
    let values = profile.generate.iter().map(|value| {
        let targets: Vec<_> = value.targets.iter().map(ToString::to_string).collect();
        format!("{} {:?} {} {}\n", value.id, value.rotate, value.format, targets.join(" "))
    });
    insta::assert_snapshot!("pki_values", values.collect::<String>());
}

#[test]
fn mistakes() {
    let all = "[pki.root]\nalgorithm = 'rsa'\nkey-form = 'pem'\ndays = 0\ncommon-name = ''\n\
               key = 'configmap:pki/root.key'\ncertificate = ['trusted', 'file:root.pem']\n\
               [pki.intermediate]\nkey = 'file:/etc/ca.env#KEY'\ncertificate = []\n\
               [pki.leaf]\nnames = ['{origin}', '*.example']\ndays = 398\nkey = 'secret:tls/tls.key'\ncertificate = ['trust']\n\
               [pki.crl]\n";
    insta::assert_snapshot!("pki_mistakes", wrong(all));
    let leaf = "[pki.leaf]\nkey = 'secret:tls/tls.key'\n";
    let generated = "[[generate]]\nid = 'key'\nformat = 'hex:32'\ntargets = ['secret:pki/root.key']\n";
    for text in [
        format!("[endpoint]\nkind = 'url'\n{leaf}certificate = ['secret:tls/tls.crt']\n"),
        format!("{ROOT}{leaf}certificate = ['secret:tls/tls.crt']\n"),
        format!("{ROOT}{leaf}names = ['localhost']\ncertificate = ['secret:tls/tls.key']\n"),
        format!("{ROOT}{leaf}names = ['localhost']\ncertificate = ['secret:appliance-initial-tenant/tls.crt']\n"),
        format!("{ROOT}{}", ROOT.replace("pki.root", "pki.intermediate").replace("root.key", "sub.key")),
        format!("{ROOT}[pki.intermediate]\nkey = 'secret:pki/sub.key'\ncertificate = ['trust']\n"),
        format!("{ROOT}{generated}"),
        format!("{ROOT}key-form = 'pkcs1'\n"),
        format!("{ROOT}algorithm = 'rsa-2048'\nkey-form = 'sec1'\n"),
    ] {
        let wrong = wrong(&text);
        assert_eq!(wrong.lines().count(), 1, "{text}{wrong}");
    }
}
