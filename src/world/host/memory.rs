//! Whether what is written stays when the power goes, or lies in memory: the mounts tell (proc(5), `mountinfo`).

use std::{
    ffi::OsString,
    fs,
    os::unix::{
        ffi::OsStringExt,
        fs::{FileTypeExt, MetadataExt},
    },
    path::{Path, PathBuf},
};

use rustix::fs::{major, minor};

/// File systems without a disk.
const MEMORY: [&str; 4] = ["tmpfs", "ramfs", "devtmpfs", "rootfs"];

/// So many layers, loop devices and mappings are looked through.
const DEEPEST: u32 = 8;

/// What holds something in memory, and where that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InMemory {
    /// A file system or a device, as the system names it.
    pub kind: String,
    /// Its mount point; of a device its name.
    pub place: String,
}

/// Where the state of a device lies.
enum Backing {
    Memory(InMemory),
    Path(PathBuf),
    Device(String),
}

/// One line of `mountinfo`.
struct Mount {
    device: String,
    point: PathBuf,
    kind: String,
    source: String,
    /// Where an overlay keeps what is written.
    upper: Option<PathBuf>,
}

impl Mount {
    fn parse(line: &str) -> Option<Self> {
        let (mount, system) = line.split_once(" - ")?;
        let (mount, mut system) = (mount.split(' ').collect::<Vec<_>>(), system.split(' '));
        let [_id, _parent, device, _root, point, ..] = mount[..] else { return None };
        let (kind, source, options) = (system.next()?, system.next()?, system.next()?);
        let upper = options.split(',').find_map(|option| option.strip_prefix("upperdir=")).map(unescaped);
        let (device, kind) = (device.to_owned(), kind.to_owned());
        Some(Self { device, point: unescaped(point), kind, source: source.to_owned(), upper })
    }
}

/// What holds `path`, which exists, in memory. What cannot be found out is no reason to refuse.
pub(super) fn holder(path: &Path) -> Option<InMemory> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    let mounts: Vec<Mount> = mounts.lines().filter_map(Mount::parse).collect();
    of_path(&mounts, &fs::canonicalize(path).ok()?, &backing, DEEPEST)
}

fn of_path(mounts: &[Mount], path: &Path, backing: &dyn Fn(&str) -> Vec<Backing>, deepest: u32) -> Option<InMemory> {
    let deeper = deepest.checked_sub(1)?;
    // The last one of several at the same place is the one that is seen.
    let above = mounts.iter().filter(|mount| path.starts_with(&mount.point));
    let mount = above.max_by_key(|mount| mount.point.components().count())?;
    if MEMORY.contains(&mount.kind.as_str()) {
        return Some(InMemory { kind: mount.kind.clone(), place: mount.point.display().to_string() });
    }
    if let Some(upper) = &mount.upper {
        // In a container it is a path of the host, and none that can be followed here.
        return upper.exists().then(|| of_path(mounts, upper, backing, deeper)).flatten();
    }
    of_device(mounts, &device_of(mount), backing, deeper)
}

fn of_device(mounts: &[Mount], device: &str, backing: &dyn Fn(&str) -> Vec<Backing>, deepest: u32) -> Option<InMemory> {
    let deeper = deepest.checked_sub(1)?;
    backing(device).into_iter().find_map(|backing_one| match backing_one {
        Backing::Memory(found) => Some(found),
        Backing::Path(path) => of_path(mounts, &path, backing, deeper),
        Backing::Device(device) => of_device(mounts, &device, backing, deeper),
    })
}

/// Some file systems have a number of their own that no device has; their source is the device.
fn device_of(mount: &Mount) -> String {
    let source = fs::metadata(&mount.source).ok().filter(|source| source.file_type().is_block_device());
    match source.map(|source| source.rdev()) {
        Some(device) if mount.device.starts_with("0:") => format!("{}:{}", major(device), minor(device)),
        _ => mount.device.clone(),
    }
}

/// What is below a block device: memory, the file of a loop device, or the devices of a mapping.
fn backing(device: &str) -> Vec<Backing> {
    let Ok(folder) = fs::canonicalize(Path::new("/sys/dev/block").join(device)) else { return Vec::new() };
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let is_numbered = |kind: &str| name.strip_prefix(kind).is_some_and(|number| number.parse::<u32>().is_ok());
    if is_numbered("ram") || is_numbered("zram") {
        return vec![Backing::Memory(InMemory {
            kind: name.trim_end_matches(char::is_numeric).to_owned(),
            place: name,
        })];
    }
    if let Ok(file) = fs::read_to_string(folder.join("loop/backing_file")) {
        return vec![Backing::Path(file.trim_end_matches('\n').into())];
    }
    let parts = fs::read_dir(folder.join("slaves")).into_iter().flatten().flatten();
    let numbers = parts.filter_map(|part| fs::read_to_string(part.path().join("dev")).ok());
    numbers.map(|number| Backing::Device(number.trim().to_owned())).collect()
}

/// Blanks and the like stand in `mountinfo` as three octal digits behind a backslash.
fn unescaped(text: &str) -> PathBuf {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..3).filter(|_| *first == b'\\').and_then(|digits| str::from_utf8(digits).ok());
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 8).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &behind[3..] } else { behind };
    }
    OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_it_lies() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let upper = folder.path().join("up per");
        fs::create_dir(&upper).expect("a folder");
        let escaped = |path: &Path| path.display().to_string().replace(' ', "\\040");
        let live = format!(
            "1 0 0:20 / / rw - overlay overlay rw,lowerdir=/l,upperdir={},workdir=/w\n\
             2 1 0:21 / {} rw,nosuid shared:5 master:1 - tmpfs tmpfs rw,size=4k\n\
             3 1 8:1 / /data rw - ext4 /dev/sda1 rw\n",
            escaped(&upper),
            escaped(folder.path())
        );
        let disk = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n";
        let hidden = format!("{disk}2 1 0:30 / /var rw - tmpfs tmpfs rw\n3 2 8:2 / /var rw - ext4 /dev/sda2 rw\n");
        let in_container = "1 0 0:40 / / rw - overlay overlay rw,upperdir=/of/the/host/upper\n";
        let looped = "1 0 0:41 / / rw - tmpfs none rw\n2 1 7:0 / /state rw - ext4 /dev/loop0 rw\n\
                      3 1 253:0 / /mapped rw - xfs /dev/mapper/x rw\n4 1 252:0 / /z rw - ext4 /dev/zram0 rw\n";
        let itself = "1 0 7:0 / / rw - ext4 /dev/loop0 rw\n";
        // Stands for what `/sys` says.
        let devices = |device: &str| match device {
            "7:0" => vec![Backing::Path("/disk.img".into())],
            "253:0" => vec![Backing::Device("8:9".to_owned()), Backing::Device("7:0".to_owned())],
            "252:0" => vec![Backing::Memory(InMemory { kind: "zram".to_owned(), place: "zram0".to_owned() })],
            _ => Vec::new(),
        };
        let tmp = folder.path().display().to_string();
        for (mounts, path, expected) in [
            (disk, "/var/lib", None),
            ("1 0 0:2 / / rw - rootfs rootfs rw", "/var/lib", Some(("rootfs", "/"))),
            (&live, "/var/lib", Some(("tmpfs", tmp.as_str()))),
            (&live, "/data/lib", None),
            (&live, "/database", Some(("tmpfs", tmp.as_str()))),
            (&hidden, "/var/lib", None),
            (in_container, "/var/lib", None),
            (looped, "/state/lib", Some(("tmpfs", "/"))),
            (looped, "/mapped/lib", Some(("tmpfs", "/"))),
            (looped, "/z", Some(("zram", "zram0"))),
            (itself, "/", None),
            ("no mounts", "/", None),
        ] {
            let mounts: Vec<Mount> = mounts.lines().filter_map(Mount::parse).collect();
            let found = of_path(&mounts, Path::new(path), &devices, DEEPEST);
            let found = found.as_ref().map(|found| (found.kind.as_str(), found.place.as_str()));
            assert_eq!(found, expected, "{path}");
        }
    }

    #[test]
    fn what_this_machine_says_of_itself() {
        assert_eq!(holder(Path::new("/dev")).map(|found| found.place), Some("/dev".to_owned()));
    }
}
