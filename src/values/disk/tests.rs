//! What lsblk and blkid print, as disks, and whose they are.

use std::{collections::BTreeMap, path::PathBuf};

use super::*;

/// What lsblk prints on a machine that was started from a stick: a disk of somebody's, one of a RAID, a drive and the stick.
const LISTED: &str = r#"{"blockdevices": [
 {"path":"/dev/loop0","type":"loop","size":180000000,"model":null,"serial":null,"tran":null,"rm":false,"ro":true,
  "mountpoints":["/usr/lib/live/mount/rootfs/filesystem.squashfs","/run/live/rootfs/filesystem.squashfs"]},
 {"path":"/dev/loop1","type":"loop","size":0,"model":null,"serial":null,"tran":null,"rm":false,"ro":false,"mountpoints":[null]},
 {"path":"/dev/sda","type":"disk","size":64000000000,"model":"Samsung SSD 870 ","serial":"S5Y1","tran":"sata","rm":false,"ro":false,
  "mountpoints":[null],"children":[
   {"path":"/dev/sda1","type":"part","size":512000000,"model":null,"serial":null,"tran":null,"rm":false,"ro":false,"mountpoints":[null]},
   {"path":"/dev/sda2","type":"part","size":63000000000,"model":null,"serial":null,"tran":null,"rm":false,"ro":false,"mountpoints":[null]}]},
 {"path":"/dev/sdb","type":"disk","size":8000000000,"model":null,"serial":null,"tran":"usb","rm":true,"ro":false,
  "mountpoints":["/run/live/medium"],"children":[
   {"path":"/dev/sdb1","type":"part","size":700000000,"model":null,"serial":null,"tran":null,"rm":true,"ro":false,"mountpoints":[null]}]},
 {"path":"/dev/sdc","type":"disk","size":9000000000,"model":null,"serial":null,"tran":"sata","rm":false,"ro":false,
  "mountpoints":[null],"children":[
   {"path":"/dev/sdc1","type":"part","size":8000000000,"model":null,"serial":null,"tran":null,"rm":false,"ro":false,
    "mountpoints":[null],"children":[
     {"path":"/dev/md0","type":"raid1","size":8000000000,"model":null,"serial":null,"tran":null,"rm":false,"ro":false,"mountpoints":[null]}]}]},
 {"path":"/dev/sdd","type":"disk","size":9000000000,"model":null,"serial":null,"tran":"sata","rm":false,"ro":true,
  "mountpoints":["[SWAP]"]},
 {"path":"/dev/sr0","type":"rom","size":1073741312,"model":"QEMU DVD-ROM","serial":"QM00003","tran":"sata","rm":true,"ro":false,"mountpoints":[null]}
]}"#;

/// What blkid prints of the first disk's partitions.
const FOUND: [(&str, &str); 3] = [
    ("/dev/sda", "DEVNAME=/dev/sda\nPTUUID=x\nPTTYPE=gpt\n"),
    ("/dev/sda1", "DEVNAME=/dev/sda1\nUUID=67E4-047E\nTYPE=vfat\nPART_ENTRY_NAME=EFI\\ System\nPART_ENTRY_UUID=a\n"),
    ("/dev/sda2", "DEVNAME=/dev/sda2\nLABEL=my\\ photos\nUUID=b\nTYPE=ext4\nPART_ENTRY_UUID=c\n"),
];

fn disks() -> Vec<Disk> {
    let devices = Devices::parse(LISTED.as_bytes()).expect("what lsblk prints");
    let found = FOUND.iter().map(|(path, text)| (PathBuf::from(path), Content::of_blkid(text))).collect();
    devices.disks(found, "/run/live")
}

#[test]
fn every_disk_is_told_with_what_it_is_used_for() {
    let disks = disks();
    let told: Vec<_> = disks.iter().map(|disk| (disk.name(), disk.is_real, disk.used.clone())).collect();
    let mounted = |place: &str| Some(Used::Mounted(place.to_owned()));
    let expected = [
        ("loop0", false, Some(Used::Medium)),
        ("sda", true, None),
        ("sdb", true, Some(Used::Medium)),
        ("sdc", true, Some(Used::Held("raid1".to_owned()))),
        ("sdd", true, mounted("[SWAP]")),
    ];
    assert_eq!(told, expected.map(|(name, is_real, used)| (name.to_owned(), is_real, used)));
    let Disk { size, model, serial, transport, is_removable, is_read_only, parts, .. } = &disks[1];
    let known = [model, serial, transport].map(|text| text.as_deref().unwrap_or_default());
    assert_eq!(known, ["Samsung SSD 870", "S5Y1", "sata"]);
    assert_eq!((*size, *is_removable, *is_read_only, parts.len()), (64_000_000_000, false, false, 2));
    assert!(disks[2].is_removable && disks[4].is_read_only);
}

#[test]
fn everything_is_looked_at_that_may_hold_something() {
    let devices = Devices::parse(LISTED.as_bytes()).expect("what lsblk prints");
    let all: Vec<String> = devices.to_probe().map(name).collect();
    assert_eq!(all, ["loop0", "sda", "sda1", "sda2", "sdb", "sdb1", "sdc", "sdc1", "sdd"]);
}

#[test]
fn what_is_found_belongs_to_its_device() {
    let disk = &disks()[1];
    let found = |part: &Part| {
        let Content { kind, label, uuid, part_label, part_uuid, .. } = part.content.clone();
        [kind, label, uuid, part_label, part_uuid].map(Option::unwrap_or_default)
    };
    assert_eq!(disk.content.table.as_deref(), Some("gpt"));
    assert_eq!(found(&disk.parts[0]), ["vfat", "", "67E4-047E", "EFI System", "a"]);
    assert_eq!(found(&disk.parts[1]), ["ext4", "my photos", "b", "", "c"]);
}

#[test]
fn what_is_no_list_is_refused() {
    let flat = LISTED.replace(r#""type":"rom""#, r#""type":"part""#);
    for text in ["", "{}", "[]", r#"{"blockdevices": [{"path": 1}]}"#, &flat] {
        assert!(Devices::parse(text.as_bytes()).is_err(), "{text}");
    }
}

/// A partition with its label, and what is in it.
fn part(label: &str, kind: &str) -> Part {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let content = Content { part_label: some(label), kind: some(kind), ..Content::default() };
    Part { path: PathBuf::from("/dev/x1"), size: 1, content }
}

#[test]
fn whose_a_disk_is_goes_by_everything_on_it() {
    let (data, root, other) = (part(labels::DATA, "ext4"), part(labels::ROOT, "ext4"), part("home", "xfs"));
    let damaged = part(labels::DATA, "");
    let unnamed = part("", "ext4");
    let all = |parts: &[&Part], table: &str, is_unclear: bool| Disk {
        content: Content {
            table: Some(table.to_owned()).filter(|table| !table.is_empty()),
            is_unclear,
            ..Content::default()
        },
        parts: parts.iter().map(|part| (*part).clone()).collect(),
        ..disks().swap_remove(1)
    };
    for (name, disk, expected) in [
        ("nothing", all(&[], "", false), Holding::Nothing),
        ("what cannot be told", all(&[], "", true), Holding::Other),
        ("an empty table", all(&[], "gpt", false), Holding::Other),
        ("somebody's", all(&[&other], "gpt", false), Holding::Other),
        ("without a label", all(&[&root, &unnamed], "gpt", false), Holding::Other),
        ("an appliance", all(&[&root, &data], "gpt", false), Holding::Appliance(Some(&data))),
        ("one without data", all(&[&root], "gpt", false), Holding::Appliance(None)),
        ("somebody else on it too", all(&[&root, &data, &other], "gpt", false), Holding::Stranded(&data)),
        ("damaged", all(&[&root, &damaged], "gpt", false), Holding::Stranded(&damaged)),
        ("another table", all(&[&root, &data], "dos", false), Holding::Stranded(&data)),
        ("an unclear table", all(&[&root, &data], "gpt", true), Holding::Stranded(&data)),
    ] {
        assert_eq!(disk.holding(), expected, "{name}");
    }
    let whole =
        Disk { content: Content { kind: Some("LVM2_member".to_owned()), ..Content::default() }, ..all(&[], "", false) };
    assert_eq!(whole.holding(), Holding::Other);
}

#[test]
fn sizes_are_those_on_the_box() {
    let all = [
        (1, "1 kB"),
        (512_110_592, "512 MB"),
        (8_589_934_592, "8589 MB"),
        (64_023_257_088, "64 GB"),
        (u64::MAX, "18446744 TB"),
    ];
    for (bytes, text) in all {
        assert_eq!(size(bytes), text);
    }
}

#[test]
fn devices_that_nothing_was_found_on_hold_nothing() {
    let devices = Devices::parse(LISTED.as_bytes()).expect("what lsblk prints");
    let disks = devices.disks(BTreeMap::new(), "/run/live");
    assert!(disks.iter().all(|disk| disk.content == Content::default()));
}
