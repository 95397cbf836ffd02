//! Answers on volumes, on loop devices that go with the process that uses them.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

use super::*;

/// What a volume has on it.
pub(super) struct Volume<'a> {
    /// What makes it of a folder (`$2`) as a file (`$1`).
    pub(super) made: &'a str,
    pub(super) label: &'a str,
    pub(super) files: &'a [(&'a str, &'a str)],
}

/// ext4, with links.
pub(super) const EXT4: &str = "truncate -s 4M \"$1\"; mkfs.ext4 -q -F -L \"$3\" \"$1\" >&2; mount -o loop \"$1\" \"$4\"; \
                               cp -r \"$2\"/. \"$4\"; ln -s /etc/passwd \"$4/outside.toml\"; umount \"$4\"";
/// What cannot be written, as a CD.
pub(super) const READ_ONLY: &str = "mksquashfs \"$2\" \"$1\" -noappend -quiet >&2";

/// Makes it below the root; gives the file.
pub(super) async fn make(root: &Path, volume: &Volume<'_>) -> std::path::PathBuf {
    let image = root.join(format!("{}.img", volume.label));
    let (content, empty) =
        (root.join(format!("{}.content", volume.label)), root.join(format!("{}.mount", volume.label)));
    fs::create_dir_all(&empty).expect("a folder");
    fs::create_dir_all(&content).expect("a folder");
    for (name, text) in volume.files {
        write(&content, name, text, 0o644);
    }
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-ec", volume.made, "sh"]).arg(&image).arg(&content).arg(volume.label).arg(&empty);
    let ended = command.output().await.expect("unshare is there");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    image
}

/// Attaches each image, links it where udev would, and goes on with the rest of its arguments. The device goes with the last
/// process that has it open.
const ATTACH: &str = r#"
root=$1 number=3
shift
mkdir -p "$root/dev/disk/by-label" "$root/attach"
while [ "$1" != -- ]; do
    mount -o loop "$1" "$root/attach" 2> /dev/null
    device=$(findmnt -no SOURCE "$root/attach")
    eval "exec $number<\"\$device\""
    number=$((number + 1))
    umount "$root/attach"
    ln -sf "$device" "$root/dev/disk/by-label/$(basename "$1" .img)"
    shift
done
shift
exec "$@"
"#;

/// firstlight in a mount namespace of its own, with these volumes.
pub(super) fn with_volumes(root: &Path, images: &[std::path::PathBuf]) -> Command {
    let script = ["--mount", "sh", "-ec", ATTACH, "sh"].map(OsStr::new);
    let images = images.iter().map(|image| image.as_os_str());
    let arguments: Vec<&OsStr> =
        script.into_iter().chain([root.as_os_str()]).chain(images).chain([OsStr::from_bytes(b"--")]).collect();
    process::firstlight_under("unshare", &arguments)
}

async fn run_with(root: &Path, images: &[std::path::PathBuf]) -> Ended {
    process::run(on(root, with_volumes(root, images), "json")).await
}

fn refused(ended: &Ended) -> Value {
    let refused = ended.events().into_iter().find(|event| event["type"] == "refused");
    refused.unwrap_or_else(|| unreachable!("it was not refused: {} {}", ended.stdout, ended.stderr))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root (loop devices, mounts in a namespace of its own)"]
async fn answers_are_found_on_volumes_of_every_kind() {
    const TOML: &str = "[from]\nvolume = 1\n";
    const CLOUD: &str = "#cloud-config\nhostname: a\nfirstlight: |\n  [from]\n  cloud = 1\nusers: []\n";
    for (made, label, file, text, line, found) in [
        (EXT4, "FIRSTLIGHT", "answers.toml", TOML, "", "`answers.toml` on the volume `FIRSTLIGHT`"),
        (EXT4, "firstlight", "answers.toml", TOML, "", "`answers.toml` on the volume `firstlight`"),
        (READ_ONLY, "FIRSTLIGHT", "answers.toml", TOML, "", "`answers.toml` on the volume `FIRSTLIGHT`"),
        (READ_ONLY, "cidata", "user-data", CLOUD, "", "`user-data` on the volume `cidata`"),
        (EXT4, "CIDATA", "user-data", "#firstlight\nfrom = 1\n", "", "`user-data` on the volume `CIDATA`"),
        (
            EXT4,
            "data",
            "sites/7.toml",
            TOML,
            "firstlight.answers=LABEL=data:/sites/7.toml",
            "`sites/7.toml` on the volume",
        ),
    ] {
        let folder = machine(line);
        let image = make(folder.path(), &Volume { made, label, files: &[(file, text)] }).await;
        let ended = run_with(folder.path(), &[image]).await;
        assert_eq!(ended.code, Some(10), "{label} {file}: {} {}", ended.stdout, ended.stderr);
        let (said, refused) = (said(&ended), refused(&ended));
        assert!(said[0].1.contains(found), "{said:?}");
        assert!(refused["message"].to_string().contains(found.split(' ').next().expect("a word")), "{refused}");
        assert!(refused["problems"].to_string().contains("from"), "{refused}");
        assert!(fs::read_dir(folder.path().join("run/firstlight/volumes")).expect("a folder").next().is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root (loop devices, mounts in a namespace of its own)"]
async fn volumes_that_will_not_do_are_told() {
    for (made, label, file, text, line, part) in [
        (EXT4, "FIRSTLIGHT", "other.toml", "", "", "has no file `answers.toml`"),
        (EXT4, "cidata", "user-data", "#cloud-config\nfirstlight:\n  a: 1\n", "", "`user-data` on the volume `cidata`"),
        (EXT4, "data", "a", "", "firstlight.answers=LABEL=data:/outside.toml", "has no file `outside.toml`"),
        ("head -c 1M /dev/zero > \"$1\"; mkfs.ext4 -q -F -L \"$3\" \"$1\" >&2", "data", "a", "", "", ""),
    ] {
        let folder = machine(line);
        let image = make(folder.path(), &Volume { made, label, files: &[(file, text)] }).await;
        let ended = run_with(folder.path(), &[image]).await;
        if part.is_empty() {
            // A volume of somebody else's.
            assert!(ended.code == Some(0) && said(&ended)[0].0 == "none", "{}", ended.stdout);
            continue;
        }
        let refused = refused(&ended);
        assert!(refused["id"] == "answers-source" && refused["message"].to_string().contains(part), "{refused}");
        assert!(refused["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{refused}");
    }
    // What nothing can be read from.
    let folder = machine("");
    let by_label = folder.path().join("dev/disk/by-label");
    fs::create_dir_all(&by_label).expect("a folder");
    std::os::unix::fs::symlink("/dev/null", by_label.join("FIRSTLIGHT")).expect("a link");
    let refused = refused(&run(folder.path()).await);
    assert!(refused["message"].to_string().contains("(/dev/null) cannot be mounted"), "{refused}");
}

/// What cloud-init has for a machine is mostly not for us.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root (loop devices, mounts in a namespace of its own)"]
async fn the_first_volume_counts_and_what_is_for_cloud_init_is_left_alone() {
    let folder = machine("");
    let ours =
        make(folder.path(), &Volume { made: EXT4, label: "FIRSTLIGHT", files: &[("answers.toml", "a = 1")] }).await;
    let theirs = [("user-data", "#cloud-config\nhostname: a\n"), ("meta-data", "")];
    let theirs = make(folder.path(), &Volume { made: READ_ONLY, label: "cidata", files: &theirs }).await;
    let ended = run_with(folder.path(), &[ours.clone(), theirs]).await;
    let ids: Vec<String> = said(&ended).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["found"], "{}", ended.stdout);
    let both = [("user-data", "#firstlight\na = 1\n")];
    let cloud = make(folder.path(), &Volume { made: READ_ONLY, label: "cidata", files: &both }).await;
    let ended = run_with(folder.path(), &[ours, cloud]).await;
    let said = said(&ended);
    assert!(said.len() == 2 && said[1].0 == "passed-over" && said[1].1.contains("cidata"), "{said:?}");
}

/// A run from what is on a volume; gives what is left on it, byte by byte.
async fn set_up_from(machine: &Machine, volume: &Volume<'_>) -> (Ended, Vec<u8>) {
    let image = make(&machine.root(), volume).await;
    let mut command = machine.places(with_volumes(&machine.root(), std::slice::from_ref(&image)));
    command.args(["--unattended", "--output", "json"]);
    let ended = process::run(command).await;
    ended.done();
    machine.assert_secrets().await;
    (ended, fs::read(image).expect("the image"))
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes namespaces, loop devices, mounts in a namespace of its own)"]
async fn after_success_no_secret_is_left_on_a_medium_that_can_be_written() {
    let kept = [("FIRSTLIGHT", "answers.toml", "first-name = \"Kim\""), ("cidata", "user-data", "hostname: theirs")];
    for (label, file, kept) in kept {
        let machine = Machine::new("unattended-scrub").await;
        let code = machine.minted.code.grouped();
        let text = answers(&code, PASSWORD);
        let block = format!("  {}\n", text.trim_end().replace('\n', "\n  "));
        let cloud = format!("#cloud-config\nhostname: theirs\nfirstlight: |\n{block}users: []\n");
        let text = if file == "user-data" { cloud } else { text };
        let volume = Volume { made: EXT4, label, files: &[(file, &text)] };
        let (ended, left) = set_up_from(&machine, &volume).await;
        assert!(said(&ended).iter().any(|(id, _)| id == "scrubbed"), "{}", ended.stdout);
        assert!(!has(&left, PASSWORD) && !has(&left, &code), "{label}");
        assert!(has(&left, "was set up with these answers") && has(&left, kept), "{label}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes namespaces, loop devices, mounts in a namespace of its own)"]
async fn a_medium_that_cannot_be_written_is_said_to_hold_the_secrets_still() {
    let machine = Machine::new("unattended-kept").await;
    let text = answers(&machine.minted.code.grouped(), PASSWORD);
    let volume = Volume { made: READ_ONLY, label: "FIRSTLIGHT", files: &[("answers.toml", &text)] };
    let (ended, _left) = set_up_from(&machine, &volume).await;
    let said = said(&ended);
    let left = said.iter().find(|(id, _)| id == "not-scrubbed");
    assert!(left.is_some_and(|(_, message)| message.contains("cannot be written")), "{said:?}");
    let issue = fs::read_to_string(machine.path("/run/firstlight/unattended.issue")).expect("before the logins");
    assert!(issue.contains("volume `FIRSTLIGHT` cannot be written"), "{issue}");
}
