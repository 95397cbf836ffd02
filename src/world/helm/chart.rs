//! What is in a chart, be it a folder or an archive, without Helm and without unpacking it.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use flate2::read::GzDecoder;
use serde::Deserialize;

use super::{super::host::denied, Helm, HelmError};
use crate::{
    error::ErrorId,
    values::plain_text,
    words::{Phrase, phrase},
};

/// No `Chart.yaml` is longer.
const MOST_BYTES: u64 = 64 * 1024;

impl Helm {
    /// The chart's `name-version`, read from the folder or archive itself.
    ///
    /// # Errors
    /// When there is no chart that Helm could install.
    pub fn chart(&self) -> Result<String, HelmError> {
        let unreadable = |reason: Phrase| HelmError::Chart { path: self.chart.display().to_string(), reason };
        if let Some(why) = denied(&self.chart) {
            return Err(HelmError::Denied { what: ErrorId::ChartUnreadable, why });
        }
        let text = if self.chart.is_dir() {
            fs::read_to_string(self.chart.join("Chart.yaml"))
                .map_err(|error| unreadable(format!("Chart.yaml: {error}").into()))?
        } else {
            chart_yaml_in(&self.chart).map_err(unreadable)?
        };
        name_and_version(&text).map_err(unreadable)
    }

    /// Why a refusal in a rehearsal says nothing about the installation itself, if that is so.
    #[must_use]
    pub fn cannot_tell(&self, error: &HelmError) -> Option<Phrase> {
        let HelmError::Refused { said, .. } = error else { return None };
        if said.contains("no matches for kind") && brings_crds(&self.chart) {
            // Helm installs them first, but not in a dry run.
            Some(phrase!("helm-brings-definitions"))
        } else if said.contains("if any flags in the group") {
            // Helm 4 has no rendering that knows the API server and passes an interrupted release by.
            Some(phrase!("helm-cannot-try-again"))
        } else {
            None
        }
    }
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
    let found = each_in(chart, |path, _| path.components().any(|part| part.as_os_str() == "crds").then_some(()));
    found.is_ok_and(|found| found.is_some())
}

/// `NAME/Chart.yaml` of a packaged chart.
fn chart_yaml_in(archive: &Path) -> Result<String, Phrase> {
    let found = each_in(archive, |path, entry| {
        let wanted = path.ends_with("Chart.yaml") && path.components().count() == 2;
        wanted.then(|| {
            let mut text = String::new();
            entry.take(MOST_BYTES).read_to_string(&mut text).map(|_length| text)
        })
    });
    match found.and_then(Option::transpose) {
        Ok(text) => text.ok_or(phrase!("helm-chart-empty")),
        Err(error) => Err(error.to_string().into()),
    }
}

/// Looks at the files of a packaged chart until `look` has found what it looks for.
fn each_in<T>(archive: &Path, look: impl Fn(&Path, &mut dyn Read) -> Option<T>) -> io::Result<Option<T>> {
    let mut archive = tar::Archive::new(GzDecoder::new(File::open(archive)?));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        if let Some(found) = look(&path, &mut entry) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use flate2::{Compression, write::GzEncoder};

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
            assert!(chart_yaml_in(&folder.path().join("chart.tgz")).expect("there is one").starts_with("name: app"));
        }
        assert!(!brings_crds(Path::new("/nowhere")) && chart_yaml_in(Path::new("/nowhere")).is_err());
    }
}
