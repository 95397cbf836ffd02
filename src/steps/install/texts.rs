//! The files of the new system that say where everything is; pure.

use std::{fmt::Write, path::PathBuf};

use super::plan::{DATA, on_data};
use crate::world::{Made, Parts};

/// What GRUB shows and starts.
const GRUB: &str = include_str!("../../../assets/install/grub.cfg");

/// `/etc/fstab` (fstab(5)).
pub(super) fn fstab(parts: &Parts, keep: &[PathBuf]) -> String {
    let (root, esp, data) = (&parts.root.partition, &parts.esp.partition, &parts.data.partition);
    let mut text = format!(
        "# The system, which another installation makes anew.\n\
         PARTUUID={root} / ext4 errors=remount-ro 0 1\n\
         PARTUUID={esp} /boot/efi vfat umask=0077,noauto 0 0\n\
         # What lasts, and where it belongs.\n\
         PARTUUID={data} {DATA} ext4 defaults 0 2\n"
    );
    for path in keep {
        let _ = writeln!(text, "{} {} none bind 0 0", on_data(path).display(), path.display());
    }
    text
}

/// GRUB's configuration.
pub(super) fn grub(root: &Made) -> String {
    GRUB.replace("ROOT_FILE_SYSTEM", &root.file_system).replace("ROOT_PARTITION", &root.partition)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn made(label: &str) -> Made {
        Made { path: PathBuf::new(), partition: format!("{label}-partition"), file_system: format!("{label}-files") }
    }

    #[test]
    fn everything_is_found_by_its_id() {
        let parts = Parts { esp: made("esp"), root: made("root"), data: made("data") };
        let keep = ["/var/lib/firstlight", "/etc/rancher"].map(PathBuf::from);
        assert_snapshot!(fstab(&parts, &keep), @r"
        # The system, which another installation makes anew.
        PARTUUID=root-partition / ext4 errors=remount-ro 0 1
        PARTUUID=esp-partition /boot/efi vfat umask=0077,noauto 0 0
        # What lasts, and where it belongs.
        PARTUUID=data-partition /data ext4 defaults 0 2
        /data/var/lib/firstlight /var/lib/firstlight none bind 0 0
        /data/etc/rancher /etc/rancher none bind 0 0
        ");
        let grub = grub(&parts.root);
        for line in ["--fs-uuid root-files\n", "root=PARTUUID=root-partition ro "] {
            assert!(grub.contains(line), "{line}");
        }
        assert!(!grub.contains("ROOT_"), "everything is filled in:\n{grub}");
    }
}
