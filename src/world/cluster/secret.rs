//! Secrets: read, tried, and written only while they are as they were seen.

use std::collections::BTreeMap;

use k8s_openapi::{ByteString, api::core::v1::Secret, apimachinery::pkg::apis::meta::v1::ObjectMeta};
use kube::{Api, api::Patch};

use super::{Cluster, ClusterError, labels, parameters};
use crate::{point::Point, values::SecretText};

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
        Ok(found.map_err(|error| self.failed(&format!("read Secret `{name}`"), error))?.map(data_of))
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
        let present = present.map_err(|error| self.failed(&format!("read Secret `{name}`"), error))?;
        let Some(present) = present else { return Err(changed(name)) };
        let version = present.metadata.resource_version.clone();
        if data_of(present) != *seen {
            return Err(changed(name));
        }
        self.apply(name, object(name, data, version.as_deref()), false).await
    }

    async fn apply(&self, name: &str, secret: Secret, rehearsal: bool) -> Result<(), ClusterError> {
        let secrets = self.secrets().await?;
        if !rehearsal {
            Point::ApplySend.pass();
        }
        let applied = secrets.patch(name, &parameters(rehearsal), &Patch::Apply(secret)).await;
        applied.map_err(|error| self.failed(&format!("apply Secret `{name}`"), error))?;
        if !rehearsal {
            Point::ApplyAnswered.pass();
        }
        Ok(())
    }

    async fn secrets(&self) -> Result<Api<Secret>, ClusterError> {
        Ok(Api::namespaced(self.client().await?, &self.namespace))
    }
}

fn changed(name: &str) -> ClusterError {
    ClusterError::Changed { action: format!("apply Secret `{name}`") }
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

/// A value that is no text cannot be one of ours: it compares as different.
fn data_of(secret: Secret) -> SecretData {
    let data = secret.data.unwrap_or_default().into_iter();
    data.map(|(key, value)| (key, SecretText::new(String::from_utf8(value.0).unwrap_or_default()))).collect()
}
