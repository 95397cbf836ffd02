//! Secrets and `ConfigMaps`: read, tried, and written only while they are as they were seen.

use std::collections::BTreeMap;

use k8s_openapi::{
    ByteString,
    api::core::v1::{ConfigMap, Secret},
    apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry,
};
use kube::{
    Api,
    api::{ApiResource, DynamicObject, Patch},
};
use serde_json::{Map, Value, json};

use super::{Cluster, ClusterError, MANAGER, labels, parameters};
use crate::{
    point::Point,
    values::SecretText,
    words::{Phrase, phrase},
};

/// The version of what is not there. Applying creates what is absent whatever version is given, but a version that
/// is given has to be that of what is present, and etcd has none below 2: the API server answers with a conflict.
const ABSENT: &str = "1";

/// The data of an object, held like a secret whether it is one or not.
pub type ObjectData = BTreeMap<String, SecretText>;

/// Whether a key that firstlight manages stays in its object although nothing is said of it.
pub type Stays<'a> = &'a (dyn Fn(&str) -> bool + Sync);

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

    fn encoded(self, value: &SecretText) -> Value {
        match self {
            Self::Secret => json!(ByteString(value.expose().as_bytes().to_vec())),
            Self::ConfigMap => value.expose().into(),
        }
    }

    /// A value that is no text cannot be one of ours: it compares as different.
    fn decoded(self, value: Value) -> SecretText {
        SecretText::new(match (self, value) {
            (Self::ConfigMap, Value::String(text)) => text,
            (Self::Secret, value) => {
                let bytes = serde_json::from_value(value).map(|ByteString(bytes)| bytes);
                String::from_utf8(bytes.unwrap_or_default()).unwrap_or_default()
            }
            (Self::ConfigMap, _) => String::new(),
        })
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

    /// The object with this data; with a version: only if it has it still.
    fn with(&self, data: Map<String, Value>, version: Option<String>) -> DynamicObject {
        let mut content = json!({});
        content["data"] = data.into();
        if self.kind == ObjectKind::Secret {
            content["type"] = "Opaque".into();
        }
        let mut object = DynamicObject::new(&self.name, &self.kind.api()).data(content);
        object.metadata.labels = Some(labels());
        object.metadata.resource_version = version;
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
        let decoded = |(key, value)| (key, object.kind.decoded(value));
        Ok(self.get(object).await?.map(|found| data_of(found).into_iter().map(decoded).collect()))
    }

    /// Has the API server try what [`Self::write`] would do; changes nothing.
    ///
    /// # Errors
    /// When it would be refused, or another manager owns a field that would change.
    pub async fn rehearse(
        &self,
        object: &ObjectRef,
        seen: Option<&ObjectData>,
        data: &ObjectData,
        stays: Stays<'_>,
    ) -> Result<(), ClusterError> {
        match self.apply(object, seen, data, stays, true).await {
            // Somebody was faster, which is looked at when it counts. But what is still not there nobody has changed.
            Err(ClusterError::Changed { action }) if seen.is_none() && self.get(object).await?.is_none() => {
                let reason = phrase!("kubernetes-no-version");
                Err(ClusterError::Refused { action, status: 409, reason })
            }
            Err(ClusterError::Changed { .. }) => Ok(()),
            tried => tried,
        }
    }

    /// Writes an object that is still as it was `seen`, by server-side apply, never forced.
    ///
    /// Two who set up one cluster at the same time cannot overwrite each other unnoticed: the
    /// field manager does not tell them apart, so the version does. A key that firstlight has applied
    /// before and that is not in `data` is taken away, unless it `stays`.
    ///
    /// # Errors
    /// [`ClusterError::Changed`] when somebody else was faster; when it is refused; when another
    /// manager owns a field that would change.
    pub async fn write(
        &self,
        object: &ObjectRef,
        seen: Option<&ObjectData>,
        data: &ObjectData,
        stays: Stays<'_>,
    ) -> Result<(), ClusterError> {
        self.apply(object, seen, data, stays, false).await
    }

    async fn apply(
        &self,
        object: &ObjectRef,
        seen: Option<&ObjectData>,
        data: &ObjectData,
        stays: Stays<'_>,
        rehearsal: bool,
    ) -> Result<(), ClusterError> {
        let data = data.iter().map(|(key, value)| (key.clone(), object.kind.encoded(value)));
        let wanted = match seen {
            None => object.with(data.collect(), Some(ABSENT.to_owned())),
            Some(seen) => {
                let changed = || ClusterError::Changed { action: object.applying() };
                let present = self.get(object).await?.ok_or_else(changed)?;
                let (version, kept) = (present.metadata.resource_version.clone(), managed(&present, stays));
                let is_as_seen = |(key, value)| (key, object.kind.decoded(value));
                if data_of(present).into_iter().map(is_as_seen).collect::<ObjectData>() != *seen {
                    return Err(changed());
                }
                object.with(kept.into_iter().chain(data).collect(), version)
            }
        };
        let objects = self.objects(object).await?;
        if !rehearsal {
            Point::ApplySend.pass();
        }
        let applied = objects.patch(&object.name, &parameters(rehearsal), &Patch::Apply(wanted)).await;
        applied.map_err(|error| self.failed_in(self.namespace_of(object), object.applying(), error))?;
        if !rehearsal {
            Point::ApplyAnswered.pass();
        }
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
fn managed(object: &DynamicObject, stays: Stays<'_>) -> Map<String, Value> {
    let entries = object.metadata.managed_fields.iter().flatten();
    let applied = |entry: &&ManagedFieldsEntry| {
        entry.manager.as_deref() == Some(MANAGER) && entry.operation.as_deref() == Some("Apply")
    };
    let fields: Vec<_> = entries.filter(applied).filter_map(|entry| entry.fields_v1.as_ref()).collect();
    let is_ours = |key: &str| fields.iter().any(|fields| fields.0["f:data"].get(format!("f:{key}")).is_some());
    let data = object.data["data"].as_object().cloned().unwrap_or_default();
    data.into_iter().filter(|(key, _)| stays(key) && is_ours(key)).collect()
}

fn data_of(mut object: DynamicObject) -> Map<String, Value> {
    match object.data["data"].take() {
        Value::Object(data) => data,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use http::{Method, Request, Response};
    use kube::{Client, client::Body};
    use tokio::sync::Mutex;
    use tower::service_fn;

    use super::{super::Connection, *};

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
        Cluster {
            connection,
            ..Cluster::new("kubeconfig".into(), "ns".to_owned(), Duration::from_secs(1), Arc::default())
        }
    }

    #[tokio::test]
    async fn a_server_that_would_not_create_it_is_found_out_in_the_rehearsal() {
        let ours = ObjectRef::secret("ours");
        let tried = contrary(false).rehearse(&ours, None, &ObjectData::new(), &|_| false).await;
        assert!(matches!(tried, Err(ClusterError::Refused { status: 409, .. })), "{tried:?}");
        // Somebody was faster: no obstacle, and looked at again before anything is written.
        let tried = contrary(true).rehearse(&ours, None, &ObjectData::new(), &|_| false).await;
        assert!(tried.is_ok(), "{tried:?}");
    }
}
