//! Where a value goes that is made or derived, as `secret:NAME/KEY` and the like say it.

use std::{fmt, path::PathBuf};

use super::kinds::is_secret_key;
use crate::{
    values::is_dns_label,
    words::{Phrase, phrase},
};

/// Where a value goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A key of an object in the cluster.
    Key {
        /// What kind of object.
        holder: Holder,
        /// Which.
        object: ObjectName,
        /// The key.
        key: String,
    },
    /// A variable in a file of assignments (systemd.exec(5), `EnvironmentFile=`).
    Variable {
        /// The file.
        path: PathBuf,
        /// The variable.
        name: String,
    },
    /// A whole file.
    File(PathBuf),
    /// What this machine trusts: the system's own store of authorities.
    Trust,
}

/// What an object is called, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectName {
    /// Its namespace; `None` for the one that is set up.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

/// What has keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// For what nobody may see.
    Secret,
    /// For everything else.
    ConfigMap,
}

/// What is there when data was written with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// A `PersistentVolumeClaim`.
    Claim(ObjectName),
    /// A file, or a folder with something in it.
    Path(PathBuf),
}

impl Destination {
    /// Reads `secret:NAME/KEY`, `configmap:NAME/KEY`, each also with a namespace before the name, or `file:PATH#VARIABLE`.
    ///
    /// # Errors
    /// What it should be.
    pub fn parse(text: &str) -> Result<Self, Phrase> {
        let problem = || phrase!("profile-destination");
        let (scheme, rest) = text.split_once(':').ok_or_else(problem)?;
        let holder = match scheme {
            "secret" => Holder::Secret,
            "configmap" => Holder::ConfigMap,
            "file" => {
                let (path, name) = rest.rsplit_once('#').ok_or_else(problem)?;
                let is_sound = is_absolute(path) && is_variable(name);
                return if is_sound {
                    Ok(Self::Variable { path: path.into(), name: name.to_owned() })
                } else {
                    Err(problem())
                };
            }
            _ => return Err(problem()),
        };
        let (object, key) = rest.rsplit_once('/').ok_or_else(problem)?;
        let object = ObjectName::parse(object).ok_or_else(problem)?;
        if is_secret_key(key) { Ok(Self::Key { holder, object, key: key.to_owned() }) } else { Err(problem()) }
    }

    /// The same destination as seen from the namespace that is set up, whether or not that is named.
    #[must_use]
    pub fn within(&self, own: &str) -> Self {
        let mut within = self.clone();
        if let Self::Key { object, .. } = &mut within {
            object.namespace = object.namespace.take().filter(|namespace| namespace != own);
        }
        within
    }

    /// The same, of a value that is a secret.
    ///
    /// # Errors
    /// What it should be.
    pub fn of_secret(text: &str) -> Result<Self, Phrase> {
        match Self::parse(text)? {
            Self::Key { holder: Holder::ConfigMap, .. } => Err(phrase!("profile-destination-open")),
            destination => Ok(destination),
        }
    }
}

/// What goes to a destination as PEM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pem {
    /// A private key.
    Key,
    /// A certificate of an authority, which can be trusted.
    Authority,
    /// Anything else that everybody may see.
    Public,
}

impl Pem {
    /// Reads `secret:NAME/KEY`, also with a namespace before the name, or `file:PATH`; of what everybody may see also
    /// `configmap:NAME/KEY`; of an authority also `trust`.
    ///
    /// # Errors
    /// What it should be.
    pub fn destination(self, text: &str) -> Result<Destination, Phrase> {
        let problem = || match self {
            Self::Key => phrase!("profile-pem-key"),
            Self::Authority => phrase!("profile-pem-authority"),
            Self::Public => phrase!("profile-pem-public"),
        };
        if text == "trust" && self == Self::Authority {
            return Ok(Destination::Trust);
        }
        if let Some(path) = text.strip_prefix("file:") {
            // In an assignment there is one line.
            let path = Some(path).filter(|path| is_absolute(path) && !path.contains('#'));
            return path.map(|path| Destination::File(path.into())).ok_or_else(problem);
        }
        let destination = Destination::parse(text).map_err(|_form| problem())?;
        match destination {
            Destination::Key { holder: Holder::ConfigMap, .. } if self == Self::Key => Err(problem()),
            destination => Ok(destination),
        }
    }
}

impl Data {
    /// Reads `claim:NAME`, also with a namespace before the name, or `path:PATH`.
    ///
    /// # Errors
    /// What it should be.
    pub fn parse(text: &str) -> Result<Self, Phrase> {
        match text.split_once(':') {
            Some(("path", path)) if is_absolute(path) => Ok(Self::Path(path.into())),
            Some(("claim", claim)) => ObjectName::parse(claim).map(Self::Claim).ok_or_else(|| phrase!("profile-data")),
            _ => Err(phrase!("profile-data")),
        }
    }
}

impl ObjectName {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (namespace, name) = text.split_once('/').map_or((None, text), |(namespace, name)| (Some(namespace), name));
        let is_name = name.len() <= 253 && name.split('.').all(|label| is_dns_label(label, 63));
        let is_sound = is_name && namespace.is_none_or(|namespace| is_dns_label(namespace, 63));
        is_sound.then(|| Self { namespace: namespace.map(str::to_owned), name: name.to_owned() })
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        f.write_str(&self.name)
    }
}

/// As the profile writes it.
impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { holder: Holder::Secret, object, key } => write!(f, "secret:{object}/{key}"),
            Self::Key { holder: Holder::ConfigMap, object, key } => write!(f, "configmap:{object}/{key}"),
            Self::Variable { path, name } => write!(f, "file:{}#{name}", path.display()),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Trust => f.write_str("trust"),
        }
    }
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Claim(claim) => write!(f, "claim:{claim}"),
            Self::Path(path) => write!(f, "path:{}", path.display()),
        }
    }
}

/// Whether a path leads somewhere from the root, and nowhere else on the way.
fn is_absolute(path: &str) -> bool {
    path.len() > 1 && path.starts_with('/') && path.split('/').skip(1).all(|part| !matches!(part, "" | "." | ".."))
}

/// Whether systemd and a shell take it as the name of a variable.
fn is_variable(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(inner) && !name.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations() {
        for text in [
            "secret:broker-env/STATE_KEY",
            "secret:db/skreg-db/DATABASE_URL",
            "configmap:alga-system/appliance-values-alga-core/alga-core.single-node.yaml",
            "file:/etc/nexus/hub.env#STATE_KEY",
        ] {
            assert_eq!(Destination::parse(text).map(|read| read.to_string()).as_deref(), Ok(text));
        }
        for text in [
            "",
            "secret",
            "secret:",
            "secret:name",
            "secret:a/b/c/d",
            "secret:Name/KEY",
            "secret:name/",
            "vault:a/b",
            "file:/etc/x",
            "file:etc/x#KEY",
            "file:/etc/../x#KEY",
            "file:/etc//x#KEY",
            "file:/#KEY",
            "file:/x#1KEY",
            "file:/x#A-B",
            "file:/etc/#KEY",
        ] {
            assert_eq!(Destination::parse(text), Err(phrase!("profile-destination")), "{text}");
        }
        assert_eq!(Destination::of_secret("configmap:a/B"), Err(phrase!("profile-destination-open")));
        assert!(Destination::of_secret("secret:a/B").is_ok());
    }

    #[test]
    fn destinations_of_pem() {
        let (key, authority, public) = (Pem::Key, Pem::Authority, Pem::Public);
        for (text, takes) in [
            ("secret:skreg-pki/ROOT_CA_KEY_PEM", &[key, authority, public][..]),
            ("secret:db/ns-pki/ca.crt", &[key, authority, public]),
            ("file:/etc/ssl/appliance/root.pem", &[key, authority, public]),
            ("configmap:ca/ca.crt", &[authority, public]),
            ("trust", &[authority]),
            ("file:/etc/hub.env#KEY", &[]),
            ("file:etc/x", &[]),
            ("file:/", &[]),
            ("trusted", &[]),
            ("", &[]),
        ] {
            for pem in [key, authority, public] {
                let read = pem.destination(text).map(|read| read.to_string());
                assert_eq!(read.ok().as_deref(), takes.contains(&pem).then_some(text), "{pem:?} {text}");
            }
        }
    }

    #[test]
    fn data() {
        for text in ["claim:data-postgres-0", "claim:db/data-postgres-0", "path:/var/lib/postgresql"] {
            assert_eq!(Data::parse(text).map(|read| read.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "claim:", "claim:A", "claim:a/b/c", "path:", "path:/", "path:var", "/var", "volume:a"] {
            assert_eq!(Data::parse(text), Err(phrase!("profile-data")), "{text}");
        }
    }
}
