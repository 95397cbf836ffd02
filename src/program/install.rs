//! What the command line says of an installation.

use super::refusals::usage;
use crate::{
    cli::{EraseArg, InstallArgs},
    setup::{Erase, NotBegun, Wanted},
    words::phrase,
};

/// Which disk, and what may go of what is on it, once that is confirmed.
pub(super) fn asked(arguments: &InstallArgs) -> Result<(Wanted, Erase), NotBegun> {
    if !arguments.yes && !arguments.dry_run {
        return Err(usage(phrase!("install-unconfirmed"), phrase!("install-unconfirmed-hint")));
    }
    let wanted = arguments.disk.parse::<Wanted>();
    let wanted = wanted.map_err(|reason| usage(reason.about("`--disk`"), phrase!("install-disk-hint")))?;
    let erase = match arguments.erase {
        None => Erase::Nothing,
        Some(EraseArg::Foreign) => Erase::Foreign,
        Some(EraseArg::Everything) => Erase::Everything,
    };
    Ok((wanted, erase))
}
