//! Whether a chart brings the namespace of its release itself.

use std::process::Stdio;

use serde::Deserialize;

use super::{Helm, HelmError, REHEARSAL_PATIENCE, Values, end, failure::RENDER};

#[derive(Deserialize)]
struct Object {
    kind: String,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    #[serde(default)]
    annotations: Option<serde_json::Map<String, serde_json::Value>>,
}

impl Helm {
    /// Whether Helm will find `namespace` among the objects of the chart, and so must find it marked as its own.
    ///
    /// # Errors
    /// When the chart makes it in a hook: then Helm deletes what is there before, with everything that is in it. And when
    /// `helm` refuses, which leaves open what the chart brings.
    pub async fn brings(&self, release: &str, namespace: &str, values: &Values) -> Result<bool, HelmError> {
        let mut prepared = self.command(RENDER, release, namespace, values)?;
        prepared.command.env("KUBECACHEDIR", "/dev/null").stdout(Stdio::piped());
        let rendered = end(prepared.start()?, RENDER, REHEARSAL_PATIENCE, values).await?;
        match found(&String::from_utf8_lossy(&rendered), namespace) {
            Some(true) => Err(HelmError::NamespaceInHook { namespace: namespace.to_owned() }),
            found => Ok(found.is_some()),
        }
    }
}

/// Whether the namespace is in a rendered chart, and then whether it is a hook.
fn found(rendered: &str, namespace: &str) -> Option<bool> {
    // A document begins behind a line of its own; what cannot be read is no namespace that Helm could make.
    let objects = rendered.split("\n---").filter(|text| text.contains("Namespace"));
    let objects = objects.filter_map(|text| serde_saphyr::from_str::<Object>(text.trim_start_matches("---")).ok());
    let mut own = objects.filter(|object| object.kind == "Namespace" && object.metadata.name == namespace);
    let annotations = own.next()?.metadata.annotations.unwrap_or_default();
    Some(annotations.contains_key("helm.sh/hook"))
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::symlink, path::PathBuf};

    use super::*;
    use crate::world::Host;

    #[tokio::test]
    async fn a_helm_that_renders_nothing_leaves_it_open() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let search_path = folder.path().display().to_string();
        let helm =
            Helm::new(None, &Host::new(None, None), PathBuf::new(), &search_path, super::super::Variables::new());
        let program = folder.path().join("helm");
        symlink("/bin/true", &program).expect("linked");
        assert!(matches!(helm.brings("r", "ns", &Values::new()).await, Ok(false)));
        std::fs::remove_file(&program).expect("removed");
        symlink("/bin/false", &program).expect("linked");
        let refused = helm.brings("r", "ns", &Values::new()).await;
        assert!(matches!(refused, Err(HelmError::Refused { action: RENDER, .. })), "{refused:?}");
    }

    #[test]
    fn a_namespace_in_a_chart() {
        let rendered = "---\n# Source: c/templates/configmap.yaml\nkind: ConfigMap\nmetadata:\n  name: own\ndata:\n  \
                        kind: Namespace\n---\n# Source: c/templates/namespace.yaml\napiVersion: v1\nkind: Namespace\n\
                        metadata:\n  name: \"own\"\n  labels: {a: b}\n--- \nkind: Namespace\nmetadata:\n  name: hooked\n  \
                        annotations:\n    helm.sh/hook: pre-install\n---\n{broken: Namespace\n";
        for (namespace, expected) in [("own", Some(false)), ("hooked", Some(true)), ("other", None)] {
            assert_eq!(found(rendered, namespace), expected, "{namespace}");
        }
    }
}
