//! Which disk is chosen, what becomes of it, and what is said of one that is not.

use std::path::{Path, PathBuf};

use super::decide::{LEAST, Refusal, Unfit, Way, choose};
use crate::{
    error::Report,
    values::disk::{Content, Disk, Erase, Part, Used, Wanted, labels},
};

/// A disk that fits, with nothing on it.
fn disk(name: &str) -> Disk {
    Disk {
        path: PathBuf::from("/dev").join(name),
        size: LEAST,
        model: None,
        serial: None,
        transport: Some("sata".to_owned()),
        is_removable: false,
        is_read_only: false,
        is_real: true,
        used: None,
        content: Content::default(),
        parts: Vec::new(),
    }
}

fn part(label: &str, kind: &str) -> Part {
    let content = Content { part_label: Some(label.to_owned()), kind: Some(kind.to_owned()), ..Content::default() };
    Part { path: PathBuf::from("/dev/sda1"), size: 512_000_000, content }
}

/// The same with these partitions.
fn with(disk: Disk, parts: Vec<Part>) -> Disk {
    Disk { content: Content { table: Some("gpt".to_owned()), ..Content::default() }, parts, ..disk }
}

fn at(path: &str) -> Wanted {
    Wanted::At(PathBuf::from(path))
}

#[test]
fn what_becomes_of_a_disk_goes_by_what_is_on_it_and_what_was_said() {
    let data = part(labels::DATA, "ext4");
    let empty = || disk("sda");
    let foreign = || with(disk("sda"), vec![part("home", "xfs")]);
    let appliance = || with(disk("sda"), vec![part(labels::ROOT, "ext4"), data.clone()]);
    let begun = || with(disk("sda"), vec![part(labels::ROOT, "ext4")]);
    let stranded = || with(disk("sda"), vec![data.clone(), part("home", "xfs")]);
    let (occupied, lost) = ("disk-occupied", "disk-occupied");
    let said = |disk: Disk, erase| match choose(vec![disk], &Wanted::Only, erase) {
        Ok(chosen) => match chosen.way {
            Way::Empty => "empty",
            Way::Erase => "erased",
            Way::Keep(kept) => {
                assert_eq!(kept, data);
                "kept"
            }
        },
        Err(refusal) => Report::from(refusal).id.as_str(),
    };
    for (name, make, expected) in [
        ("nothing", &empty as &dyn Fn() -> Disk, ["empty", "empty", "empty"]),
        ("something else", &foreign, [occupied, "erased", "erased"]),
        ("an appliance", &appliance, ["kept", "kept", "erased"]),
        ("an appliance without data", &begun, ["erased", "erased", "erased"]),
        ("data that cannot be kept", &stranded, [lost, lost, "erased"]),
    ] {
        let all = [Erase::Nothing, Erase::Foreign, Erase::Everything];
        assert_eq!(all.map(|erase| said(make(), erase)), expected, "{name}");
    }
}

#[test]
fn a_disk_that_does_not_fit_is_never_written_on() {
    let used = |used| Disk { used: Some(used), ..disk("sda") };
    let mounted = Used::Mounted("/srv".to_owned());
    let held = Used::Held("raid1".to_owned());
    for (unfit, why) in [
        (used(Used::Medium), Unfit::Used(Used::Medium)),
        (used(mounted.clone()), Unfit::Used(mounted)),
        (used(held.clone()), Unfit::Used(held)),
        (Disk { is_read_only: true, ..disk("sda") }, Unfit::ReadOnly),
        (Disk { size: LEAST - 1, ..disk("sda") }, Unfit::Small),
    ] {
        let named = choose(vec![unfit.clone()], &at("/dev/sda"), Erase::Everything);
        assert_eq!(named, Err(Refusal::Unfit(Box::new(unfit.clone()), why.clone())));
        let only = choose(vec![unfit.clone()], &Wanted::Only, Erase::Everything);
        assert_eq!(only, Err(Refusal::None(vec![(unfit.clone(), why)])));
        // Beside one that fits it is no choice.
        let beside = choose(vec![unfit, disk("sdb")], &Wanted::Only, Erase::Everything).expect("one fits");
        assert_eq!(beside.disk.name(), "sdb");
    }
}

#[test]
fn one_of_several_has_to_be_named_and_so_has_one_that_can_be_unplugged() {
    let stick = Disk { is_removable: true, ..disk("sdb") };
    let usb = Disk { transport: Some("usb".to_owned()), ..disk("sdc") };
    let file = Disk { is_real: false, ..disk("loop0") };
    let all = vec![disk("sda"), stick.clone(), usb, file];
    let only = choose(all.clone(), &Wanted::Only, Erase::Nothing).expect("the others have to be named");
    assert_eq!(only.disk.name(), "sda");
    for name in ["sda", "sdb", "sdc", "loop0"] {
        let path = PathBuf::from("/dev").join(name);
        let named = choose(all.clone(), &Wanted::At(path.clone()), Erase::Nothing).expect("it fits");
        assert_eq!(named.disk.path, path);
    }
    let none = choose(vec![stick.clone()], &Wanted::Only, Erase::Nothing);
    assert_eq!(none, Err(Refusal::None(vec![(stick, Unfit::Removable)])));
    let several = choose(vec![disk("sda"), disk("sdd")], &Wanted::Only, Erase::Nothing);
    assert_eq!(several, Err(Refusal::Several(vec![disk("sda"), disk("sdd")])));
    let unknown = choose(vec![disk("sda")], &at("/dev/sdz"), Erase::Nothing);
    assert_eq!(unknown, Err(Refusal::Unknown(PathBuf::from("/dev/sdz"), vec![disk("sda")])));
}

/// What each refusal says, with its remedy.
#[test]
fn refusals_name_the_disk_and_the_remedy() {
    let known = Disk { model: Some("Samsung SSD 870".to_owned()), serial: Some("S5Y1".to_owned()), ..disk("sda") };
    let foreign = with(known.clone(), vec![part("home", "xfs"), part("", "swap")]);
    let stranded = with(disk("sda"), vec![part(labels::DATA, "ext4"), part("home", "xfs")]);
    let stick = Disk { used: Some(Used::Medium), size: 8_000_000_000, ..disk("sdb") };
    let small = Disk { size: 1_000_000_000, ..disk("sdc") };
    let whole = Disk { content: Content { kind: Some("ntfs".to_owned()), ..Content::default() }, ..disk("sda") };
    let told = [
        choose(vec![], &Wanted::Only, Erase::Nothing),
        choose(vec![stick.clone(), small], &Wanted::Only, Erase::Nothing),
        choose(vec![known.clone(), disk("sdd")], &Wanted::Only, Erase::Nothing),
        choose(vec![known], &at("/dev/sdz"), Erase::Nothing),
        choose(vec![stick], &at("/dev/sdb"), Erase::Nothing),
        choose(vec![foreign], &Wanted::Only, Erase::Nothing),
        choose(vec![whole], &Wanted::Only, Erase::Nothing),
        choose(vec![stranded], &Wanted::Only, Erase::Foreign),
    ];
    let told = told.into_iter().map(|refused| {
        let report = Report::from(refused.expect_err("none of them is taken"));
        format!("{}: {}\n  {}", report.id.as_str(), report.message, report.hint)
    });
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"));
}

/// The least that is asked of a disk is what its partitions need at least.
#[test]
#[expect(clippy::disallowed_methods, reason = "the definitions are assets")]
fn the_least_is_that_of_all_partitions() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/install/repart");
    let mut needed = 0;
    for entry in std::fs::read_dir(folder).expect("the definitions") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a definition");
        let least = text.lines().find_map(|line| line.strip_prefix("SizeMinBytes=")).expect("each has a least size");
        let (number, unit) = least.split_at(least.len() - 1);
        let shift = if unit == "G" { 30 } else { 20 };
        needed += number.parse::<u64>().expect("a number") << shift;
    }
    // Beside them there is room for the two copies of their table.
    let beside = LEAST.checked_sub(needed).expect("it is enough");
    assert!((2 << 20..=16 << 20).contains(&beside), "{beside}");
}
