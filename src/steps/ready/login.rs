//! Whether signing in would prove anything, and what a refusal is.

use std::sync::Arc;

use crate::{
    error::Report,
    steps::given::Given,
    values::Mismatch,
    world::{ObjectRef, ProbeError, World},
};

/// Whether the appliance was set up with the password that was given: it is the one in the tenant's Secret. An earlier run
/// may have been given another one, and what was removed once the bootstrap had read it is known to nobody here.
pub(super) async fn has_own_password(given: &Arc<Given>, world: &World) -> Result<bool, Report> {
    let secrets = &given.profile.secrets;
    let key = secrets.admin_password.key();
    let present = world.cluster.read(&ObjectRef::secret(&secrets.tenant.name)).await?;
    let present = present.and_then(|mut data| data.remove(secrets.tenant.key(key)));
    // An open connection keeps what came through it last, in buffers of its own.
    world.look_anew().await;
    let Some(present) = present else { return Ok(false) };
    world.redactor.hide(&present);
    let given = Arc::clone(given);
    // Hashing takes a while.
    let compared = tokio::task::spawn_blocking(move || given.password.is(&present)).await;
    Ok(compared.unwrap_or(false))
}

/// The status with which a login was refused, if it was that which failed.
pub(super) fn refused_with(source: &ProbeError) -> Option<u16> {
    match source {
        ProbeError::Mismatch(Mismatch::Status(status) | Mismatch::OtherStatus { status, .. }) => {
            Some(*status).filter(|status| matches!(status, 401 | 403))
        }
        _ => None,
    }
}
