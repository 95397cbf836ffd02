//! Array `[[service]]`: what on this machine waits for what a setup makes.

use std::time::Duration;

use serde_json::json;

use super::{
    kinds::{seconds, text},
    setting::{Setting, Visit, described_tables, section},
};
use crate::{document::Section, values::UnitName, words::phrase};

section! {
    /// A systemd unit of this machine that waits for what a setup makes.
    pub struct Service {
        /// Its full name. A unit of `Type=oneshot` without `RemainAfterExit=yes` runs in every setup: nothing says that it did.
        pub unit: UnitName = text("unit", json!({"pattern": UnitName::PATTERN, "maxLength": UnitName::MAX}), UnitName::parse)
            .needed(phrase!("profile-unit-hint"), "gateway.service"),
        /// How long it may take until it is active.
        pub timeout: Duration = seconds("timeout-seconds").or(60),
    }
}

/// The units; none may stand there twice.
pub(super) fn all() -> impl Setting<Vec<Service>> {
    let read_all = |root: &mut Section<'_>| {
        let mut services: Vec<Service> = Vec::new();
        for mut section in root.sections("service") {
            let service = Service::visit(&mut Visit::Read(&mut section));
            if let Some(Service { unit, .. }) = &service
                && services.iter().any(|other| other.unit == *unit)
            {
                section.wrong("unit", phrase!("profile-unit-twice" { unit: unit.as_str() }));
            }
            section.finish();
            services.extend(service);
        }
        Some(services)
    };
    move |visit: &mut Visit<'_, '_>| visit.key(|| described_tables("service", false, Service::visit), read_all)
}
