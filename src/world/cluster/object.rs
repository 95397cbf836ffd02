//! Secrets and `ConfigMaps`: read, tried, and written only while they are as they were seen.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::{
    ByteString,
    api::core::v1::{ConfigMap, Secret},
    apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry,
};
use kube::{
    Api,
    api::{ApiResource, DynamicObject, Patch, PatchParams},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    Cluster, ClusterError, MANAGER,
    claim::{Claim, OfKey},
    labels, parameters,
};
use crate::{
    point::Point,
    values::SecretText,
    words::{Phrase, phrase},
};

/// The version of what is not there. Applying creates what is absent whatever version is given, but a version that
/// is given has to be that of what is present, and etcd has none below 2: the API server answers with a conflict.
const ABSENT: &str = "1";

/// What firstlight notes on an object itself (contract).
pub mod annotations {
    pub(super) const PREFIX: &str = "firstlight/";
    /// The tenant whose object it is.
    pub const TENANT: &str = "firstlight/tenant";
    /// The salted fingerprint of the code that it was made with.
    pub const CODE: &str = "firstlight/code";
    /// Which write it is as it was left by: another one with each.
    pub const WRITE: &str = "firstlight/write";
    /// How far the bootstrap has come.
    pub const BOOTSTRAP: &str = "firstlight/bootstrap";
    /// Since when what reads the address has to be started again.
    pub const RESTART: &str = "firstlight/restart";
}

/// Whether a name is that of an annotation: a key of data cannot have a slash.
fn is_annotation(name: &str) -> bool {
    name.contains('/')
}

/// The data of an object, held like a secret whether it is one or not; our annotations on it stand among the keys.
pub type ObjectData = BTreeMap<String, SecretText>;

/// What an object tells besides its data.
#[derive(Debug, Default)]
pub struct Trace {
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
}

/// What a write is based on: an object with everything in it, as it was looked at. It is written over that and nothing else.
#[derive(Clone)]
pub struct Basis(DynamicObject);

/// What kind of object holds keys and values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    /// For what nobody may see.
    Secret,
    /// For everything else.
    ConfigMap,
}

/// An object, by its kind, its namespace and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRef {
    /// What it is.
    pub kind: ObjectKind,
    /// Where it is; `None` in the namespace that is set up.
    pub namespace: Option<String>,
    /// What it is called.
    pub name: String,
}

impl ObjectKind {
    /// The resource of the API, in the plural.
    #[must_use]
    pub const fn resource(self) -> &'static str {
        match self {
            Self::Secret => "secrets",
            Self::ConfigMap => "configmaps",
        }
    }

    fn api(self) -> ApiResource {
        match self {
            Self::Secret => ApiResource::erase::<Secret>(&()),
            Self::ConfigMap => ApiResource::erase::<ConfigMap>(&()),
        }
    }

    fn encoded(self, key: &str, value: &SecretText) -> Value {
        match self {
            Self::Secret if !is_annotation(key) => json!(ByteString(value.expose().as_bytes().to_vec())),
            _ => value.expose().into(),
        }
    }

    /// A value that is no text cannot be one of ours: it compares as different.
    fn decoded(self, key: &str, value: Value) -> SecretText {
        SecretText::new(match (self, value) {
            (Self::Secret, value) if !is_annotation(key) => {
                let bytes = serde_json::from_value(value).map(|ByteString(bytes)| bytes);
                // What is no text is there all the same.
                String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
            }
            (_, Value::String(text)) => text,
            _ => String::new(),
        })
    }

    fn data_of(self, object: DynamicObject) -> ObjectData {
        let decoded = |(key, value): (String, Value)| {
            let value = self.decoded(&key, value);
            (key, value)
        };
        data_and_notes(object).into_iter().map(decoded).collect()
    }
}

impl ObjectRef {
    /// A Secret of this name in the namespace that is set up.
    pub fn secret(name: impl Into<String>) -> Self {
        Self { kind: ObjectKind::Secret, namespace: None, name: name.into() }
    }

    /// The name, behind that of the namespace where it is another one than the one that is set up.
    #[must_use]
    pub fn path(&self) -> String {
        self.namespace.as_ref().map_or_else(|| self.name.clone(), |namespace| format!("{namespace}/{}", self.name))
    }

    /// What it is, and what it is called.
    #[must_use]
    pub fn phrase(&self) -> Phrase {
        let name = self.path();
        match self.kind {
            ObjectKind::Secret => phrase!("kubernetes-secret" { name }),
            ObjectKind::ConfigMap => phrase!("kubernetes-config-map" { name }),
        }
    }

    fn applying(&self) -> Phrase {
        phrase!("kubernetes-apply-object" { object: self.phrase() })
    }

    /// The object with this data, if it is still as it is `present`. What it is labelled as, and a Secret's type, is
    /// somebody else's where it is another one than ours.
    fn with(&self, data: Map<String, Value>, present: Option<&DynamicObject>) -> DynamicObject {
        let (noted, data): (Map<_, _>, Map<_, _>) = data.into_iter().partition(|(key, _)| is_annotation(key));
        let noted = noted.into_iter().filter_map(|(key, value)| Some((key, value.as_str()?.to_owned())));
        let mut content = json!({});
        content["data"] = data.into();
        // What an ingress takes for its certificate.
        let is_tls = ["tls.crt", "tls.key"].iter().all(|key| content["data"].get(key).is_some());
        let kind = if is_tls { "kubernetes.io/tls" } else { "Opaque" };
        let is_of_ours = present.is_none_or(|present| present.data["type"] == kind);
        if self.kind == ObjectKind::Secret && is_of_ours {
            content["type"] = kind.into();
        }
        let mut object = DynamicObject::new(&self.name, &self.kind.api()).data(content);
        let there = present.and_then(|present| present.metadata.labels.as_ref());
        let is_free = |label: &str, value: &String| {
            there.and_then(|there| there.get(label)).is_none_or(|present| present == value)
        };
        object.metadata.labels = Some(labels().into_iter().filter(|(label, value)| is_free(label, value)).collect());
        object.metadata.annotations = Some(noted.collect());
        let version = present.map_or(Some(ABSENT), |present| present.metadata.resource_version.as_deref());
        object.metadata.resource_version = version.map(str::to_owned);
        object
    }
}

impl Cluster {
    /// The namespace of an object.
    #[must_use]
    pub fn namespace_of<'a>(&'a self, object: &'a ObjectRef) -> &'a str {
        object.namespace.as_deref().unwrap_or(&self.namespace)
    }

    /// Reads an object's data; `None` when it (or its namespace) does not exist.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn read(&self, object: &ObjectRef) -> Result<Option<ObjectData>, ClusterError> {
        Ok(self.look_at(object).await?.map(|(data, _)| data))
    }

    /// The same, with what it takes to write over it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn look_at(&self, object: &ObjectRef) -> Result<Option<(ObjectData, Basis)>, ClusterError> {
        let found = self.get(object).await?;
        Ok(found.map(|found| (object.kind.data_of(found.clone()), Basis(found))))
    }

    /// Has the API server try what [`Self::write`] would do; changes nothing.
    ///
    /// # Errors
    /// When it would be refused, or another manager owns a field that would change.
    pub async fn rehearse(
        &self,
        object: &ObjectRef,
        basis: Option<&Basis>,
        data: &ObjectData,
        claim: Claim<'_>,
    ) -> Result<(), ClusterError> {
        match self.apply(object, basis, data, claim, true).await {
            // Somebody was faster, which is looked at when it counts. But what is still not there nobody has changed.
            Err(ClusterError::Changed { action }) if basis.is_none() && self.get(object).await?.is_none() => {
                let reason = phrase!("kubernetes-no-version");
                Err(ClusterError::Refused { action, status: 409, reason })
            }
            Err(ClusterError::Changed { .. }) => Ok(()),
            tried => tried,
        }
    }

    /// Writes an object that nobody has touched since it was looked at, by server-side apply, forced only for what is taken.
    ///
    /// Two who set up one cluster at the same time cannot overwrite each other unnoticed: the
    /// field manager does not tell them apart, so the version does. A key that firstlight has applied
    /// before and that is not in `data` goes away, unless it `stays`.
    ///
    /// # Errors
    /// [`ClusterError::Changed`] when somebody else was faster; when it is refused; when another
    /// manager owns a field that would change.
    pub async fn write(
        &self,
        object: &ObjectRef,
        basis: Option<&Basis>,
        data: &ObjectData,
        claim: Claim<'_>,
    ) -> Result<(), ClusterError> {
        self.apply(object, basis, data, claim, false).await
    }

    async fn apply(
        &self,
        object: &ObjectRef,
        basis: Option<&Basis>,
        data: &ObjectData,
        claim: Claim<'_>,
        rehearsal: bool,
    ) -> Result<(), ClusterError> {
        let there = basis.map(|Basis(present)| object.kind.data_of(present.clone()));
        let taken: BTreeSet<&str> = claim.taken(there.as_ref(), data).collect();
        let encoded = |(key, value): (&String, &SecretText)| (key.clone(), object.kind.encoded(key, value));
        // What is only tried is written by nobody.
        let write = (!rehearsal).then(|| (annotations::WRITE.to_owned(), Uuid::new_v4().to_string().into()));
        let wanted = match basis {
            None => object.with(data.iter().map(encoded).chain(write).collect(), None),
            Some(Basis(present)) => {
                let kept = managed(present, claim.stays);
                if taken.len() < data.len() && !taken.is_empty() {
                    // Forced, it takes everything: so whether the others are somebody's is asked without what is taken.
                    let others = data.iter().filter(|(key, _)| !taken.contains(key.as_str())).map(encoded);
                    let others = object.with(kept.clone().into_iter().chain(others).collect(), Some(present));
                    self.patch(object, &others, &parameters(true)).await?;
                }
                object.with(kept.into_iter().chain(data.iter().map(encoded)).chain(write).collect(), Some(present))
            }
        };
        if !rehearsal {
            Point::ApplySend.pass();
        }
        let parameters = PatchParams { force: !taken.is_empty(), ..parameters(rehearsal) };
        self.patch(object, &wanted, &parameters).await?;
        if !rehearsal {
            Point::ApplyAnswered.pass();
        }
        Ok(())
    }

    async fn patch(&self, object: &ObjectRef, to: &DynamicObject, how: &PatchParams) -> Result<(), ClusterError> {
        let patched = self.objects(object).await?.patch(&object.name, how, &Patch::Apply(to)).await;
        patched.map_err(|error| self.failed_in(self.namespace_of(object), object.applying(), error))?;
        Ok(())
    }

    /// What an object tells besides its data; nothing when it does not exist.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn trace(&self, object: &ObjectRef) -> Result<Trace, ClusterError> {
        let found = self.get(object).await?.unwrap_or_else(|| DynamicObject::new("", &object.kind.api()));
        Ok(Trace { annotations: found.metadata.annotations.unwrap_or_default() })
    }

    /// Notes something on an object that exists, or takes the note away; what [`Self::write`] applies leaves it alone.
    ///
    /// # Errors
    /// When it is refused, or there is no such object.
    pub async fn annotate(&self, object: &ObjectRef, key: &str, value: Option<&str>) -> Result<(), ClusterError> {
        let objects = self.objects(object).await?;
        let noted = Patch::Merge(json!({"metadata": {"annotations": {key: value}}}));
        let parameters = PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() };
        Point::ApplySend.pass();
        let patched = objects.patch_metadata(&object.name, &parameters, &noted).await;
        patched.map_err(|error| self.failed_in(self.namespace_of(object), object.applying(), error))?;
        Point::ApplyAnswered.pass();
        Ok(())
    }

    async fn get(&self, object: &ObjectRef) -> Result<Option<DynamicObject>, ClusterError> {
        let found = self.objects(object).await?.get_opt(&object.name).await;
        let reading = || phrase!("kubernetes-read-object" { object: object.phrase() });
        found.map_err(|error| self.failed_in(self.namespace_of(object), reading(), error))
    }

    async fn objects(&self, object: &ObjectRef) -> Result<Api<DynamicObject>, ClusterError> {
        Ok(Api::namespaced_with(self.client().await?, self.namespace_of(object), &object.kind.api()))
    }
}

/// What of an object firstlight has applied, by the API server's own record of who manages what, and stays. As the API
/// server has it: not every value need be a text.
fn managed(object: &DynamicObject, stays: OfKey<'_>) -> Map<String, Value> {
    let entries = object.metadata.managed_fields.iter().flatten();
    let fields: Vec<_> =
        entries.filter(|entry| is_applied(entry)).filter_map(|entry| entry.fields_v1.as_ref()).collect();
    let is_ours = |key: &str| {
        let within = |fields: &Value| {
            let of = if is_annotation(key) { &fields["f:metadata"]["f:annotations"] } else { &fields["f:data"] };
            of.get(format!("f:{key}")).is_some()
        };
        fields.iter().any(|fields| within(&fields.0))
    };
    data_and_notes(object.clone()).into_iter().filter(|(key, _)| stays(key) && is_ours(key)).collect()
}

fn is_applied(entry: &ManagedFieldsEntry) -> bool {
    entry.manager.as_deref() == Some(MANAGER) && entry.operation.as_deref() == Some("Apply")
}

/// Keys and values as the API server has them, our annotations among them.
fn data_and_notes(mut object: DynamicObject) -> Map<String, Value> {
    let noted = object.metadata.annotations.take().unwrap_or_default().into_iter();
    let ours = noted.filter(|(name, _)| name.starts_with(annotations::PREFIX));
    let mut all: Map<String, Value> = ours.map(|(name, value)| (name, value.into())).collect();
    if let Value::Object(data) = object.data["data"].take() {
        all.extend(data);
    }
    all
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use http::{Method, Request, Response};
    use kube::{Client, client::Body};
    use tokio::sync::Mutex;
    use tower::service_fn;

    use super::{super::Connection, *};

    const NOTHING: Claim<'_> = Claim { stays: &|_| false, takes: &|_| false };

    /// An API server that has a conflict with every Secret that is applied, and has them itself if they are `present`.
    fn contrary(present: bool) -> Cluster {
        let service = service_fn(move |request: Request<Body>| async move {
            let (status, body) = match (request.method(), present) {
                (&Method::PATCH, _) => {
                    (409, r#"{"kind": "Status", "code": 409, "reason": "Conflict", "message": "no"}"#)
                }
                (_, true) => (200, r#"{"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "theirs"}}"#),
                (_, false) => (404, r#"{"kind": "Status", "code": 404, "reason": "NotFound", "message": "none"}"#),
            };
            let body = Body::from(body.as_bytes().to_vec());
            Response::builder().status(status).header("content-type", "application/json").body(body)
        });
        let connection = Mutex::new(Some(Connection { client: Client::new(service, "ns"), until: None }));
        let profile = crate::profile::Profile::built_in().cluster;
        Cluster { connection, ..Cluster::new("kubeconfig".into(), &profile, Duration::from_secs(1), Arc::default()) }
    }

    #[tokio::test]
    async fn a_server_that_would_not_create_it_is_found_out_in_the_rehearsal() {
        let ours = ObjectRef::secret("ours");
        let tried = contrary(false).rehearse(&ours, None, &ObjectData::new(), NOTHING).await;
        assert!(matches!(tried, Err(ClusterError::Refused { status: 409, .. })), "{tried:?}");
        // Somebody was faster: no obstacle, and looked at again before anything is written.
        let tried = contrary(true).rehearse(&ours, None, &ObjectData::new(), NOTHING).await;
        assert!(tried.is_ok(), "{tried:?}");
    }
}
