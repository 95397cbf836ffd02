//! Whether a chart is still the one that was installed, which its version need not tell: a chart is corrected in place.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use sha2::{Digest, Sha256};

use super::Helm;

impl Helm {
    /// What the chart consists of, as a short text; `None` when it cannot be read.
    pub async fn digest(&self) -> Option<String> {
        let chart = self.chart.clone();
        let digested = tokio::task::spawn_blocking(move || {
            let mut digest = Sha256::new();
            add(&mut digest, &chart).map(|()| digest.finalize())
        });
        let digest = digested.await.ok()?.ok()?;
        Some(digest[..16].iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat())
    }
}

fn add(digest: &mut Sha256, path: &Path) -> io::Result<()> {
    let about = fs::metadata(path)?;
    if about.is_dir() {
        let mut within = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        within.sort();
        for path in within {
            digest.update(path.file_name().unwrap_or_default().as_encoded_bytes());
            digest.update([0]);
            add(digest, &path)?;
        }
        digest.update([0]);
    } else if about.is_file() {
        digest.update(about.len().to_le_bytes());
        io::copy(&mut File::open(path)?, &mut Hashed(digest))?;
    }
    Ok(())
}

struct Hashed<'a>(&'a mut Sha256);

impl io::Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(path: &Path) -> Vec<u8> {
        let mut digest = Sha256::new();
        add(&mut digest, path).expect("readable");
        digest.finalize().to_vec()
    }

    #[test]
    fn a_change_anywhere_is_another_chart() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("templates")).expect("created");
        let mut seen = vec![digest(folder.path())];
        for (name, text) in [("templates/a", "1"), ("templates/a", "2"), ("templates/b", "2"), ("a", "2")] {
            fs::write(path(name), text).expect("written");
            let now = digest(folder.path());
            assert!(!seen.contains(&now), "{name} {text}");
            assert_eq!(digest(folder.path()), now);
            seen.push(now);
        }
    }
}
