//! The files of the new system that say where everything is; pure.

use std::{fmt::Write, path::PathBuf};

use super::plan::{DATA, on_data};
use crate::{
    values::AnswersAt,
    world::{Made, Parts},
};

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

/// GRUB's configuration; `answers` is where the new system is given some.
pub(super) fn grub(root: &Made, answers: Option<&AnswersAt>) -> String {
    // Within these quotes GRUB takes everything as it stands (GRUB's manual, "Quoting").
    let quoted = |argument: String| format!(" '{argument}'");
    let arguments: String = answers.map(AnswersAt::arguments).unwrap_or_default().into_iter().map(quoted).collect();
    let ids = [("ROOT_FILE_SYSTEM", &root.file_system), ("ROOT_PARTITION", &root.partition), (" ANSWERS", &arguments)];
    ids.into_iter().fold(GRUB.to_owned(), |text, (name, value)| text.replace(name, value))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::values::KernelArguments;

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
        let grub = grub(&parts.root, None);
        for line in ["--fs-uuid root-files\n", "root=PARTUUID=root-partition ro ", " console=tty0\n"] {
            assert!(grub.contains(line), "{line}");
        }
        assert!(!grub.contains("ROOT_"), "everything is filled in:\n{grub}");
    }

    #[test]
    fn where_answers_are_is_told_again() {
        for (line, arguments) in [
            (
                "firstlight.answers=https://a.example/b?c=$d;e",
                " console=tty0 'firstlight.answers=https://a.example/b?c=$d;e'\n",
            ),
            ("firstlight.answers=https://a.example/it's", " 'firstlight.answers=https://a.example/it%27s'\n"),
            ("firstlight.answers=/it's", " console=tty0\n"),
            (
                "firstlight.answers=\"LABEL=DATA:/node 7.toml\"",
                " console=tty0 'firstlight.answers=LABEL=DATA:/node 7.toml'\n",
            ),
        ] {
            let at = AnswersAt::of(&KernelArguments::of(line)).and_then(Result::ok);
            let grub = grub(&made("root"), at.as_ref());
            assert!(at.is_some() && grub.contains(arguments), "{arguments}:\n{grub}");
        }
    }
}
