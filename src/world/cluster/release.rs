//! Helm's own records of a release: how its runs ended, and what it installed with which values.

use std::io::Read;

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::read::GzDecoder;
use k8s_openapi::api::core::v1::Secret;
use kube::{
    Api,
    api::{DeleteParams, ListParams},
};
use serde::Deserialize;
use serde_json::Value;
use serde_saphyr::options::DuplicateKeyPolicy;

use super::{Cluster, ClusterError, jobs::gone};
use crate::{point::Point, words::phrase};

/// A record holds the chart, its values and its manifest. Packed, it has to fit into a Secret; unpacked, none is longer.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// How packed data begins; Helm takes what is not packed, too.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// When Helm runs a hook of an installation or an upgrade, and waits for it.
const RUN_HOOKS: [&str; 4] = ["pre-install", "post-install", "pre-upgrade", "post-upgrade"];

/// The annotations that Helm writes on every object of a manifest, and takes over what has them: of which release it is. (A
/// hook has only its place in the record.)
#[must_use]
pub const fn marks_of<'a>(release: &'a str, namespace: &'a str) -> [(&'static str, &'a str); 2] {
    [("meta.helm.sh/release-name", release), ("meta.helm.sh/release-namespace", namespace)]
}

/// What Helm has recorded of a release.
#[derive(Debug, Default)]
pub struct Records {
    /// The newest revision.
    pub newest: Option<Release>,
    /// The records that keep Helm from beginning anew, each with its status: of runs that were cut, and all there are as
    /// long as none came to its end. To Helm what follows a failed installation is an upgrade, which leaves out the hooks
    /// that have failed.
    pub unfinished: Vec<(String, String)>,
    /// The newest revision that is none of those; 0 where there is none.
    pub settled: u64,
    /// The newest one's name, and its version: it is long, and is read again only when it has changed.
    read: Option<(String, Option<String>)>,
}

/// One revision of a release.
#[derive(Debug, Clone, PartialEq)]
pub struct Release {
    /// Its number.
    pub revision: u64,
    /// Whether Helm came to its end with it, its hooks included.
    pub deployed: bool,
    /// The chart, as `name-version`.
    pub chart: String,
    /// The values that were given, without the chart's own.
    pub values: Value,
    /// The Jobs of its manifest, by their paths (see [`super::Jobs`]).
    pub jobs: Vec<String>,
    /// The Jobs among its hooks: Helm puts no mark on them, and waits for them itself.
    pub hooks: Vec<String>,
}

impl Cluster {
    /// Whether Helm knows of a release.
    ///
    /// # Errors
    /// When that cannot be read.
    pub async fn has_records(&self, release: &str) -> Result<bool, ClusterError> {
        let secrets: Api<Secret> = Api::namespaced(self.client().await?, self.namespace());
        let records = secrets.list_metadata(&records_of(release).limit(1)).await;
        let records = records.map_err(|error| self.failed(phrase!("kubernetes-list-records"), error))?;
        Ok(!records.items.is_empty())
    }

    /// What Helm has recorded of a release; `before`: at the last look.
    ///
    /// # Errors
    /// When that cannot be read, or not be understood.
    pub async fn records(&self, release: &str, before: &Records) -> Result<Records, ClusterError> {
        let secrets: Api<Secret> = Api::namespaced(self.client().await?, self.namespace());
        let records = secrets.list_metadata(&records_of(release)).await;
        let records = records.map_err(|error| self.failed(phrase!("kubernetes-list-records"), error))?;
        let known = records.items.into_iter().filter_map(|record| {
            let labels = record.metadata.labels?;
            let revision = labels.get("version")?.parse::<u64>().ok()?;
            Some((revision, record.metadata.name?, labels.get("status")?.clone(), record.metadata.resource_version))
        });
        let mut known: Vec<_> = known.collect();
        known.sort();
        let read = known.last().map(|(_, name, _, version)| (name.clone(), version.clone()));
        let newest =
            if read == before.read { before.newest.clone() } else { self.newest(&secrets, read.as_ref()).await? };
        let was_deployed = known.iter().any(|(_, _, status, _)| matches!(status.as_str(), "deployed" | "superseded"));
        let in_the_way = |status: &str| status.starts_with("pending-") || (status == "failed" && !was_deployed);
        let (unfinished, settled): (Vec<_>, Vec<_>) =
            known.into_iter().partition(|(_, _, status, _)| in_the_way(status));
        let settled = settled.last().map_or(0, |(revision, ..)| *revision);
        let unfinished = unfinished.into_iter().map(|(_, name, status, _)| (name, status)).collect();
        Ok(Records { newest, unfinished, settled, read })
    }

    async fn newest(
        &self,
        secrets: &Api<Secret>,
        read: Option<&(String, Option<String>)>,
    ) -> Result<Option<Release>, ClusterError> {
        let Some((name, _)) = read else { return Ok(None) };
        let newest = secrets.get_opt(name).await;
        let newest = newest.map_err(|error| self.failed(phrase!("kubernetes-list-records"), error))?;
        let unread = || ClusterError::Record { namespace: self.namespace().to_owned(), name: name.clone() };
        newest.map(|record| release_in(&record, self.namespace()).ok_or_else(unread)).transpose()
    }

    /// Deletes one of Helm's records of a release.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn delete_release_record(&self, name: &str) -> Result<(), ClusterError> {
        let secrets: Api<Secret> = Api::namespaced(self.client().await?, self.namespace());
        Point::DeleteSend.pass();
        let deleted = secrets.delete(name, &DeleteParams::default()).await;
        let deleted = deleted.map(drop).or_else(gone);
        deleted.map_err(|error| self.failed(phrase!("kubernetes-delete-record" { name }), error))
    }
}

fn records_of(release: &str) -> ListParams {
    ListParams::default().labels(&format!("owner=helm,name={release}"))
}

/// As Helm stores it: JSON, packed, and as base64 besides the API's own.
#[derive(Deserialize)]
struct Wire {
    version: u64,
    info: Info,
    chart: Chart,
    #[serde(default)]
    config: Value,
    #[serde(default)]
    manifest: String,
    #[serde(default)]
    hooks: Option<Vec<Hook>>,
}

#[derive(Deserialize)]
struct Info {
    status: String,
}

#[derive(Deserialize)]
struct Chart {
    metadata: ChartMetadata,
}

#[derive(Deserialize)]
struct ChartMetadata {
    name: String,
    version: String,
}

#[derive(Deserialize)]
struct Hook {
    #[serde(default)]
    manifest: String,
    #[serde(default)]
    events: Option<Vec<String>>,
}

fn release_in(record: &Secret, namespace: &str) -> Option<Release> {
    let packed = STANDARD.decode(&record.data.as_ref()?.get("release")?.0).ok()?;
    let Wire { version, info, chart: Chart { metadata: chart }, config, manifest, hooks } = if packed.starts_with(GZIP)
    {
        serde_json::from_reader(GzDecoder::new(packed.as_slice()).take(MOST_BYTES)).ok()?
    } else {
        serde_json::from_slice(&packed).ok()?
    };
    let is_run = |hook: &Hook| hook.events.iter().flatten().any(|event| RUN_HOOKS.contains(&event.as_str()));
    let hooks = hooks.into_iter().flatten().filter(is_run);
    let hooks = hooks.map(|hook| jobs_in(&hook.manifest, namespace)).collect::<Option<Vec<_>>>()?.concat();
    Some(Release {
        revision: version,
        deployed: info.status == "deployed",
        chart: format!("{}-{}", chart.name, chart.version),
        // Without any, Helm leaves them out.
        values: if config.is_null() { Value::Object(serde_json::Map::new()) } else { config },
        jobs: jobs_in(&manifest, namespace)?,
        hooks,
    })
}

/// The paths of the Jobs in a manifest, seen from a namespace; `None` if it cannot be understood.
fn jobs_in(manifest: &str, namespace: &str) -> Option<Vec<String>> {
    // Helm takes a key twice, and has no limits.
    let options = serde_saphyr::options! { budget: None, duplicate_keys: DuplicateKeyPolicy::LastWins };
    let documents: Vec<Value> = serde_saphyr::from_multiple_with_options(manifest, options).ok()?;
    let mut jobs = Vec::new();
    for document in &documents {
        let within =
            document["items"].as_array().filter(|_| document["kind"] == "List" || document["kind"] == "JobList");
        let objects = [document].into_iter().chain(within.into_iter().flatten());
        let paths = objects.filter(|object| object["kind"] == "Job").filter_map(|job| {
            let (name, elsewhere) = (job["metadata"]["name"].as_str()?, job["metadata"]["namespace"].as_str());
            let elsewhere = elsewhere.filter(|elsewhere| !elsewhere.is_empty() && *elsewhere != namespace);
            Some(elsewhere.map_or_else(|| name.to_owned(), |elsewhere| format!("{elsewhere}/{name}")))
        });
        jobs.extend(paths);
    }
    Some(jobs)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};
    use k8s_openapi::ByteString;
    use serde_json::json;

    use super::*;

    fn packed(release: &Value) -> Secret {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(release.to_string().as_bytes()).expect("packed");
        stored(&gzip.finish().expect("packed"))
    }

    fn unpacked(release: &Value) -> Secret {
        stored(release.to_string().as_bytes())
    }

    fn stored(release: &[u8]) -> Secret {
        let data = ByteString(STANDARD.encode(release).into_bytes());
        Secret { data: Some([("release".to_owned(), data)].into()), ..Secret::default() }
    }

    #[test]
    fn what_helm_has_recorded() {
        let manifest = "---\n# Source: a/templates/job.yaml\nkind: Job\nmetadata:\n  name: a\n  name: b\n---\n\n---\n\
                        kind: ConfigMap\nmetadata: {name: c}\ndata:\n  text: |\n    kind: Job\n---\nkind: List\nitems:\n\
                        - {kind: Job, metadata: {name: d, namespace: x}}\n- {kind: Pod, metadata: {name: e}}\n";
        let hook = |name: &str, kind: &str, event: &str| {
            let manifest = format!("kind: {kind}\nmetadata: {{name: {name}, namespace: ns}}");
            json!({"name": name, "kind": kind, "manifest": manifest, "events": [event]})
        };
        let release = json!({
            "name": "r", "version": 3, "info": {"status": "deployed"}, "manifest": manifest,
            "chart": {"metadata": {"name": "a", "version": "1.2"}, "templates": [], "values": {"x": 1}},
            "hooks": [hook("f", "Job", "post-install"), hook("g", "Job", "test"), hook("h", "Pod", "pre-upgrade")],
        });
        let expected = Release {
            revision: 3,
            deployed: true,
            chart: "a-1.2".to_owned(),
            values: json!({}),
            jobs: vec!["b".to_owned(), "x/d".to_owned()],
            hooks: vec!["f".to_owned()],
        };
        assert_eq!(release_in(&packed(&release), "ns"), Some(expected));
        assert_eq!(release_in(&packed(&release), "ns"), release_in(&unpacked(&release), "ns"));
        assert_eq!(release_in(&packed(&json!({"name": "r"})), "ns"), None);
        assert_eq!(release_in(&Secret::default(), "ns"), None);
        // What is not understood may be a Job.
        assert_eq!(jobs_in("kind: [Job", "ns"), None);
        assert_eq!(jobs_in("", "ns"), Some(vec![]));
    }
}
