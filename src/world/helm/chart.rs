//! What is in a chart, be it a folder or an archive, without Helm and without unpacking it.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{self, Read},
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use flate2::read::GzDecoder;
use serde::Deserialize;
use tar::{EntryType, PaxExtensions};
use tokio::task::spawn_blocking;

use super::{
    super::{
        files::is_no_file,
        host::{Objection, denied},
    },
    Helm, HelmError,
};
use crate::{
    error::ErrorId,
    values::plain_text,
    words::{Phrase, phrase},
};

/// No `Chart.yaml`, and no long name in an archive, is longer.
const MOST_BYTES: u64 = 64 * 1024;
/// Helm reads no more than this of an archive, all that is packed in it taken together.
const MOST_UNPACKED: u64 = 100 << 20;

impl Helm {
    /// The chart's `name-version`, read from the folder or archive itself.
    ///
    /// # Errors
    /// When there is no chart that Helm could install.
    pub async fn chart(&self) -> Result<String, HelmError> {
        self.aside(|chart| look_at(&chart)).await.map_err(HelmError::Run)?
    }

    /// The same for those who have nothing else to do meanwhile.
    ///
    /// # Errors
    /// As [`Self::chart`].
    pub fn chart_at_once(&self) -> Result<String, HelmError> {
        look_at(&self.chart)
    }

    /// Why a refusal in a rehearsal says nothing about the installation itself, if that is so.
    pub async fn cannot_tell(&self, error: &HelmError) -> Option<Phrase> {
        let HelmError::Refused { said, .. } = error else { return None };
        if said.contains("no matches for kind") && self.aside(|chart| brings_crds(&chart)).await.unwrap_or(false) {
            // Helm installs them first, but not in a dry run.
            Some(phrase!("helm-brings-definitions"))
        } else if said.contains("if any flags in the group") {
            // Helm 4 has no rendering that knows the API server and passes an interrupted release by.
            Some(phrase!("helm-cannot-try-again"))
        } else {
            None
        }
    }

    /// Looks at the chart on a thread that may wait for its disk, and may take its time to unpack.
    async fn aside<T: Send + 'static>(&self, look: impl FnOnce(PathBuf) -> T + Send + 'static) -> io::Result<T> {
        let chart = self.chart.clone();
        spawn_blocking(move || look(chart)).await.map_err(io::Error::other)
    }
}

fn look_at(chart: &Path) -> Result<String, HelmError> {
    let unreadable = |reason| HelmError::Chart { path: chart.display().to_string(), reason };
    match denied(chart) {
        Some(why) => Err(HelmError::Denied { what: ErrorId::ChartUnreadable, why }),
        None => described(chart).map_err(unreadable),
    }
}

/// The `name-version` of a chart.
fn described(chart: &Path) -> Result<String, Phrase> {
    let text = if chart.is_dir() {
        let path = chart.join("Chart.yaml");
        let file = if is_no_file(&path) { Err(io::Error::other(Objection::NoFile)) } else { File::open(path) };
        file.and_then(text_of).map_err(|error| format!("Chart.yaml: {error}"))?
    } else if is_no_file(chart) {
        return Err(phrase!("machine-no-file"));
    } else {
        chart_yaml_in(File::open(chart).map_err(|error| error.to_string())?)?
    };
    name_and_version(&text)
}

/// What a chart says of itself; the rest is for Helm.
#[derive(Deserialize)]
struct ChartYaml {
    name: Option<String>,
    version: Option<String>,
}

fn name_and_version(text: &str) -> Result<String, Phrase> {
    let said: ChartYaml = serde_saphyr::from_str(text).map_err(|error| {
        let reason = plain_text(&error.without_snippet().to_string(), 200);
        phrase!("helm-chart-no-yaml" { reason })
    })?;
    let [name, version] = [said.name, said.version].map(|value| plain_text(&value.unwrap_or_default(), 60));
    if name.is_empty() || version.is_empty() {
        return Err(phrase!("helm-chart-nameless"));
    }
    Ok(format!("{name}-{version}"))
}

/// Whether a chart, or one that it depends on, brings resource definitions of its own.
fn brings_crds(chart: &Path) -> bool {
    if chart.is_dir() {
        let mut parts = fs::read_dir(chart.join("charts")).into_iter().flatten().flatten();
        return chart.join("crds").is_dir() || parts.any(|part| brings_crds(&part.path()));
    }
    if is_no_file(chart) {
        return false;
    }
    let in_crds =
        |path: &Path, _: &mut dyn Read| path.components().any(|part| part.as_os_str() == "crds").then_some(());
    File::open(chart).and_then(|file| each_in(file, in_crds)).is_ok_and(|found| found.is_some())
}

/// `NAME/Chart.yaml` of a packaged chart.
fn chart_yaml_in(archive: impl Read) -> Result<String, Phrase> {
    let found = each_in(archive, |path, entry| {
        let wanted = path.ends_with("Chart.yaml") && path.components().count() == 2;
        wanted.then(|| text_of(entry))
    });
    match found.and_then(Option::transpose) {
        Ok(text) => text.ok_or(phrase!("helm-chart-empty")),
        Err(error) => Err(error.to_string().into()),
    }
}

fn text_of(from: impl Read) -> io::Result<String> {
    let mut text = String::new();
    from.take(MOST_BYTES).read_to_string(&mut text).map(|_length| text)
}

/// Looks at the files of a packaged chart until `look` has found what it looks for.
fn each_in<T>(archive: impl Read, look: impl Fn(&Path, &mut dyn Read) -> Option<T>) -> io::Result<Option<T>> {
    each_within(MOST_UNPACKED, archive, look)
}

fn each_within<T>(
    most: u64,
    archive: impl Read,
    look: impl Fn(&Path, &mut dyn Read) -> Option<T>,
) -> io::Result<Option<T>> {
    let mut archive = tar::Archive::new(GzDecoder::new(archive).take(most));
    let mut long_name = None;
    // Raw: the library would read a name of any length.
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry?;
        let kind = entry.header().entry_type();
        if kind.is_gnu_longname() || kind.is_pax_local_extensions() {
            long_name = name_in(kind, &mut entry)?.or(long_name);
            continue;
        }
        let path = match long_name.take() {
            Some(name) => name,
            None => entry.path()?.into_owned(),
        };
        if let Some(found) = look(&path, &mut entry) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The name of the next file, which is too long for its own header.
fn name_in(kind: EntryType, entry: &mut dyn Read) -> io::Result<Option<PathBuf>> {
    let mut bytes = Vec::new();
    // What is longer is no name; Helm says so itself.
    entry.take(MOST_BYTES).read_to_end(&mut bytes)?;
    let name = if kind.is_gnu_longname() {
        bytes.split(|byte| *byte == 0).next()
    } else {
        let mut extensions = PaxExtensions::new(&bytes).flatten();
        extensions.find(|extension| extension.key_bytes() == b"path").map(|extension| extension.value_bytes())
    };
    Ok(name.map(|name| PathBuf::from(OsStr::from_bytes(name))))
}

#[cfg(any(test, feature = "fuzzing"))]
pub(in crate::world) mod fuzzing {
    use super::*;

    /// What a packaged chart says of itself.
    pub(crate) fn described(archive: &[u8]) -> Result<String, Phrase> {
        chart_yaml_in(archive).and_then(|text| name_and_version(&text))
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compression, write::GzEncoder};
    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    /// A folder with these files, and an archive of it.
    fn chart(folder: &Path, files: &[&str]) {
        for file in files {
            let path = folder.join("chart").join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("created");
            fs::write(path, "name: app\nversion: 1.2.3\n").expect("written");
        }
        let file = File::create(folder.join("chart.tgz")).expect("created");
        let mut archive = tar::Builder::new(GzEncoder::new(file, Compression::fast()));
        archive.append_dir_all("app", folder.join("chart")).expect("packed");
        archive.into_inner().and_then(GzEncoder::finish).expect("packed");
    }

    #[test]
    fn a_chart_says_its_name_and_version_in_yaml() {
        for text in [
            "name: app\nversion: 1.2.3\n",
            "apiVersion: v2\nname: app # the appliance\nversion: '1.2.3'\n",
            "version  :   \"1.2.3\"   # quoted\n\n'name':\n  app\n",
            "# a comment\n---\nname: \"app\"\nversion: 1.2.3\nmaintainers:\n- name: Kim\n",
            "{name: app, version: 1.2.3, keywords: [a, b]}",
            "name: app\r\nversion: 1.2.3\r\n",
        ] {
            assert_eq!(name_and_version(text), Ok("app-1.2.3".to_owned()), "{text}");
        }
        assert_eq!(name_and_version("name: app\nversion: 1.10\n"), Ok("app-1.10".to_owned()), "no number");
        for text in ["", "name: app", "name: ''\nversion: 1.2.3", "maintainers:\n- name: app\n  version: 1.2.3\n"] {
            assert_eq!(name_and_version(text), Err(phrase!("helm-chart-nameless")), "{text}");
        }
        for text in ["name: [app", "name app\nversion 1.2.3", "name: app\nversion: {major: 1}", "\u{0}\u{1}"] {
            let refused = name_and_version(text).expect_err(text).to_string();
            assert!(refused.starts_with("its Chart.yaml cannot be used: "), "{text}: {refused}");
            assert!(refused.lines().count() == 1, "{refused}");
        }
    }

    #[test]
    fn resource_definitions_are_found_in_folders_and_archives() {
        for (files, brings) in [
            (&["Chart.yaml", "templates/job.yaml"][..], false),
            (&["Chart.yaml", "templates/crds.yaml"], false),
            (&["Chart.yaml", "crds/route.yaml"], true),
            (&["Chart.yaml", "charts/part/Chart.yaml", "charts/part/crds/route.yaml"], true),
        ] {
            let folder = tempfile::tempdir().expect("a temporary directory");
            chart(folder.path(), files);
            for path in ["chart", "chart.tgz"] {
                assert_eq!(brings_crds(&folder.path().join(path)), brings, "{path} with {files:?}");
            }
            for path in ["chart", "chart.tgz"] {
                assert_eq!(described(&folder.path().join(path)), Ok("app-1.2.3".to_owned()), "{path}");
            }
        }
        assert!(!brings_crds(Path::new("/nowhere")) && described(Path::new("/nowhere")).is_err());
    }

    #[test]
    fn what_is_no_file_is_told_at_once() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let pipe = folder.path().join("chart.tgz");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).expect("a pipe");
        assert_eq!(described(&pipe), Err(phrase!("machine-no-file")));
        assert!(!brings_crds(&pipe));
        fs::rename(&pipe, folder.path().join("Chart.yaml")).expect("renamed");
        let reason = phrase!("machine-no-file").to_string();
        assert_eq!(described(folder.path()), Err(format!("Chart.yaml: {reason}").into()));
    }

    /// What is small when it is packed, and is not when it is read.
    #[test]
    fn bombs() {
        let packed = |entries: &[(EntryType, &str, u64)]| {
            let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
            for (kind, name, size) in entries {
                let mut header = tar::Header::new_gnu();
                header.set_entry_type(*kind);
                header.set_path(name).expect("a name");
                header.set_size(*size);
                header.set_cksum();
                archive.append(&header, io::repeat(b'x').take(*size)).expect("packed");
            }
            archive.into_inner().and_then(GzEncoder::finish).expect("packed")
        };
        let read = |archive: &[u8]| {
            let longest = std::cell::Cell::new(0);
            let found = each_within(1 << 20, archive, |path, _| {
                longest.set(longest.get().max(path.as_os_str().len()));
                path.ends_with("app/Chart.yaml").then_some(())
            });
            (found.ok().flatten().is_some(), longest.get())
        };
        let chart = ("app/Chart.yaml", 8);
        let (long, file) = (EntryType::GNULongName, EntryType::Regular);
        assert_eq!(read(&packed(&[(file, chart.0, chart.1)])), (true, chart.0.len()));
        // Its name would fill the memory.
        let (found, longest) = read(&packed(&[(long, "long", 1 << 19), (file, "x", 1), (file, chart.0, chart.1)]));
        assert!(found && longest as u64 <= MOST_BYTES, "{found} {longest}");
        // Nothing behind what Helm would not read either is read.
        let behind = packed(&[(file, "x", 1 << 20), (file, chart.0, chart.1)]);
        assert!(!read(&behind).0);
    }

    #[test]
    fn names_that_do_not_fit_a_header() {
        let name = format!("app/crds/{}.yaml", "long/".repeat(40));
        let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        let mut header = tar::Header::new_gnu();
        header.set_size(0);
        archive.append_data(&mut header, &name, io::empty()).expect("packed");
        archive.append_pax_extensions([("path", name.as_bytes())]).expect("packed");
        archive.append_data(&mut header, "short", io::empty()).expect("packed");
        let archive = archive.into_inner().and_then(GzEncoder::finish).expect("packed");
        let names = std::cell::RefCell::new(Vec::new());
        let all = each_in(&archive[..], |path, _| {
            names.borrow_mut().push(path.display().to_string());
            None::<()>
        });
        all.expect("an archive");
        assert_eq!(*names.borrow(), [name.clone(), name]);
    }
}
