//! The kubeconfig as Helm is given it: its credential plugin has the environment that ours has.
//!
//! Helm itself has next to none of it, so that no variable changes what it does. A plugin may need a home, a profile or a
//! proxy, and gets them by way of the kubeconfig, as kubectl's own `exec.env`.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Value, json};

use crate::values::SecretText;

/// Environment variables; any of them may be a secret.
pub type Variables = BTreeMap<String, SecretText>;

/// What in a cluster or a user is a path, below the kubeconfig's own folder unless it is absolute.
const PATHS: [&str; 4] = ["certificate-authority", "client-certificate", "client-key", "tokenFile"];

/// A kubeconfig whose plugins have these variables; `None` when the one at `path` has no plugin, or cannot be read: then
/// it is given as it is.
pub(super) fn with_variables(path: &Path, variables: &Variables) -> Option<SecretText> {
    let text = fs::read_to_string(path).ok()?;
    let mut kubeconfig: Value = serde_saphyr::from_str(&text).ok()?;
    let folder = fs::canonicalize(path).ok()?.parent()?.to_owned();
    let mut has_plugin = false;
    for user in each(&mut kubeconfig, "users", "user") {
        let Some(exec) = user.get_mut("exec").filter(|exec| exec.is_object()) else { continue };
        has_plugin = true;
        // A name without a slash is searched in the `PATH`.
        let command =
            exec["command"].as_str().filter(|command| command.contains('/')).map(|command| folder.join(command));
        if let Some(command) = command {
            exec["command"] = command.display().to_string().into();
        }
        let set = |(name, value): (&String, &SecretText)| json!({"name": name, "value": value.expose()});
        let own = exec["env"].as_array().cloned().unwrap_or_default();
        exec["env"] = variables.iter().map(set).chain(own).collect();
    }
    for part in ["cluster", "user"] {
        for table in each(&mut kubeconfig, &format!("{part}s"), part) {
            for key in PATHS {
                let path = table.get(key).and_then(Value::as_str).filter(|path| !path.is_empty());
                if let Some(path) = path.map(|path| folder.join(path)) {
                    table[key] = path.display().to_string().into();
                }
            }
        }
    }
    has_plugin.then(|| SecretText::new(kubeconfig.to_string()))
}

fn each<'a>(kubeconfig: &'a mut Value, all: &str, one: &'a str) -> impl Iterator<Item = &'a mut Value> {
    let named = kubeconfig.get_mut(all).and_then(Value::as_array_mut).into_iter().flatten();
    named.filter_map(move |named| named.get_mut(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_has_our_environment_and_its_own() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = folder.path().join("kubeconfig");
        let here = folder.path().canonicalize().expect("a path").display().to_string();
        let variables: Variables =
            [("HOME", "/root"), ("A", "1")].map(|(name, value)| (name.into(), value.into())).into();
        let text = "users:\n- name: u\n  user:\n    client-key: /abs\n    exec:\n      command: bin/plugin\n      \
                    env: [{name: A, value: '2'}]\n- name: v\n  user: {tokenFile: t}\nclusters:\n- name: c\n  \
                    cluster: {server: 'https://a', certificate-authority: ca.pem}\n";
        fs::write(&path, text).expect("written");
        let given = with_variables(&path, &variables).expect("it has a plugin");
        let given: Value = serde_json::from_str(given.expose()).expect("JSON");
        let env = json!([{"name": "A", "value": "1"}, {"name": "HOME", "value": "/root"}, {"name": "A", "value": "2"}]);
        let exec = json!({"command": format!("{here}/bin/plugin"), "env": env});
        assert_eq!(given["users"][0]["user"], json!({"client-key": "/abs", "exec": exec}));
        assert_eq!(given["users"][1]["user"], json!({"tokenFile": format!("{here}/t")}));
        let cluster = json!({"server": "https://a", "certificate-authority": format!("{here}/ca.pem")});
        assert_eq!(given["clusters"][0]["cluster"], cluster);
        for text in ["users: [{name: u, user: {token: t}}]", "users: {", ""] {
            fs::write(&path, text).expect("written");
            assert!(with_variables(&path, &variables).is_none(), "{text}");
        }
    }
}
