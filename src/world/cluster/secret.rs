//! Secrets: read, tried, and written only while they are as they were seen.

use std::collections::BTreeMap;

use k8s_openapi::{
    ByteString,
    api::core::v1::Secret,
    apimachinery::pkg::apis::meta::v1::{ManagedFieldsEntry, ObjectMeta},
};
use kube::{Api, api::Patch};

use super::{Cluster, ClusterError, MANAGER, labels, parameters};
use crate::{
    point::Point,
    values::SecretText,
    words::{Phrase, phrase},
};

/// The version of what is not there. Applying creates what is absent whatever version is given, but a version that
/// is given has to be that of what is present, and etcd has none below 2: the API server answers with a conflict.
const ABSENT: &str = "1";

/// The data of a Secret.
pub type SecretData = BTreeMap<String, SecretText>;

impl Cluster {
    /// Reads a Secret's data; `None` when it (or its namespace) does not exist.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn secret(&self, name: &str) -> Result<Option<SecretData>, ClusterError> {
        let found = self.secrets().await?.get_opt(name).await;
        Ok(found.map_err(|error| self.failed(reading(name), error))?.map(data_of))
    }

    /// Has the API server try what [`Self::write_secret`] would do to a Secret that was `seen`; changes nothing.
    ///
    /// # Errors
    /// When it would be refused, or another manager owns a field that would change.
    pub async fn rehearse_secret(
        &self,
        name: &str,
        seen: Option<&SecretData>,
        data: &SecretData,
    ) -> Result<(), ClusterError> {
        // Which version it is applied to makes no difference to whether it may be.
        let version = seen.map_or(Some(ABSENT), |_seen| None);
        match self.apply(name, object(name, data, version), true).await {
            // Somebody was faster, which is looked at when it counts. But what is still not there nobody has changed.
            Err(ClusterError::Changed { action }) if seen.is_none() && self.secret(name).await?.is_none() => {
                let reason = phrase!("kubernetes-no-version");
                Err(ClusterError::Refused { action, status: 409, reason })
            }
            Err(ClusterError::Changed { .. }) => Ok(()),
            tried => tried,
        }
    }

    /// Writes a Secret that is still as it was `seen`, by server-side apply, never forced.
    ///
    /// Two who set up one cluster at the same time cannot overwrite each other unnoticed: the
    /// field manager does not tell them apart, so the version does.
    ///
    /// # Errors
    /// [`ClusterError::Changed`] when somebody else was faster; when it is refused; when another
    /// manager owns a field that would change.
    pub async fn write_secret(
        &self,
        name: &str,
        seen: Option<&SecretData>,
        data: &SecretData,
    ) -> Result<(), ClusterError> {
        let Some(seen) = seen else { return self.apply(name, object(name, data, Some(ABSENT)), false).await };
        let present = self.secrets().await?.get_opt(name).await;
        let present = present.map_err(|error| self.failed(reading(name), error))?;
        let Some(present) = present else { return Err(changed(name)) };
        let version = present.metadata.resource_version.clone();
        if data_of(present) != *seen {
            return Err(changed(name));
        }
        self.apply(name, object(name, data, version.as_deref()), false).await
    }

    /// Writes some keys of a Secret by server-side apply, never forced. The others that firstlight manages stay: an
    /// apply that did not name them would take them away.
    ///
    /// # Errors
    /// [`ClusterError::Changed`] when somebody else wrote the Secret meanwhile; when it is refused; when another
    /// manager owns a field that would change.
    pub async fn write_keys(&self, name: &str, keys: &SecretData) -> Result<(), ClusterError> {
        let present = self.secrets().await?.get_opt(name).await;
        let present = present.map_err(|error| self.failed(reading(name), error))?;
        let version =
            present.as_ref().map_or(Some(ABSENT.to_owned()), |present| present.metadata.resource_version.clone());
        let kept = present.map(managed).unwrap_or_default();
        let mut object = object(name, keys, version.as_deref());
        // As the bytes that they are: not every one of them need be a text.
        object.data = Some(kept.into_iter().chain(object.data.unwrap_or_default()).collect());
        self.apply(name, object, false).await
    }

    async fn apply(&self, name: &str, secret: Secret, rehearsal: bool) -> Result<(), ClusterError> {
        let secrets = self.secrets().await?;
        if !rehearsal {
            Point::ApplySend.pass();
        }
        let applied = secrets.patch(name, &parameters(rehearsal), &Patch::Apply(secret)).await;
        applied.map_err(|error| self.failed(applying(name), error))?;
        if !rehearsal {
            Point::ApplyAnswered.pass();
        }
        Ok(())
    }

    async fn secrets(&self) -> Result<Api<Secret>, ClusterError> {
        Ok(Api::namespaced(self.client().await?, &self.namespace))
    }
}

fn reading(name: &str) -> Phrase {
    phrase!("kubernetes-read-secret" { name })
}

fn applying(name: &str) -> Phrase {
    phrase!("kubernetes-apply-secret" { name })
}

fn changed(name: &str) -> ClusterError {
    ClusterError::Changed { action: applying(name) }
}

fn object(name: &str, data: &SecretData, version: Option<&str>) -> Secret {
    let bytes = |value: &SecretText| ByteString(value.expose().as_bytes().to_vec());
    let (name, resource_version) = (Some(name.to_owned()), version.map(str::to_owned));
    Secret {
        metadata: ObjectMeta { name, labels: Some(labels()), resource_version, ..ObjectMeta::default() },
        type_: Some("Opaque".to_owned()),
        data: Some(data.iter().map(|(key, value)| (key.clone(), bytes(value))).collect()),
        ..Secret::default()
    }
}

/// What is in a Secret that firstlight has applied, by the API server's own record of who manages what.
fn managed(secret: Secret) -> BTreeMap<String, ByteString> {
    let entries = secret.metadata.managed_fields.unwrap_or_default();
    let applied = |entry: &&ManagedFieldsEntry| {
        entry.manager.as_deref() == Some(MANAGER) && entry.operation.as_deref() == Some("Apply")
    };
    let fields: Vec<_> = entries.iter().filter(applied).filter_map(|entry| entry.fields_v1.as_ref()).collect();
    let is_ours = |key: &str| fields.iter().any(|fields| fields.0["f:data"].get(format!("f:{key}")).is_some());
    secret.data.unwrap_or_default().into_iter().filter(|(key, _)| is_ours(key)).collect()
}

/// A value that is no text cannot be one of ours: it compares as different.
fn data_of(secret: Secret) -> SecretData {
    let data = secret.data.unwrap_or_default().into_iter();
    data.map(|(key, value)| (key, SecretText::new(String::from_utf8(value.0).unwrap_or_default()))).collect()
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use http::{Method, Request, Response};
    use kube::{Client, client::Body};
    use tokio::sync::Mutex;
    use tower::service_fn;

    use super::*;

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
        let client = Mutex::new(Some(Client::new(service, "ns")));
        Cluster { client, ..Cluster::new("kubeconfig".into(), "ns".to_owned(), Duration::from_secs(1), Arc::default()) }
    }

    #[tokio::test]
    async fn a_server_that_would_not_create_it_is_found_out_in_the_rehearsal() {
        let tried = contrary(false).rehearse_secret("ours", None, &SecretData::new()).await;
        assert!(matches!(tried, Err(ClusterError::Refused { status: 409, .. })), "{tried:?}");
        // Somebody was faster: no obstacle, and looked at again before anything is written.
        let tried = contrary(true).rehearse_secret("ours", None, &SecretData::new()).await;
        assert!(tried.is_ok(), "{tried:?}");
    }
}
