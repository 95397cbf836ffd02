//! Values that are right by construction: pure, without I/O, parsed or refused.

mod appliance_id;
mod authority;
pub mod characters;
mod code_in_text;
mod colour;
mod edition;
mod email;
mod fact;
mod grant;
mod hostname;
mod install_code;
mod password;
mod pattern;
mod secret_text;
mod strength;
mod tenant_id;
mod text;
mod token;

pub use appliance_id::ApplianceId;
pub use authority::{Authority, Fingerprint, FingerprintError};
pub use code_in_text::{Found, NotFound};
pub use colour::{Rgb, RgbError};
pub use edition::{Edition, UnknownEdition};
pub use email::{Email, EmailError};
pub use fact::Fact;
pub use grant::{Entitlement, Grant, GrantError};
pub use hostname::{Hostname, HostnameError};
pub use install_code::{CodeError, CodeFormat, FormatError, InstallCode};
pub use password::{Password, PasswordRules, Rule};
pub use pattern::{Pattern, PatternError};
pub use secret_text::SecretText;
pub use strength::Strength;
pub use tenant_id::{TenantId, TenantIdError};
pub use text::{Line, LineError, code_point, is_formatting, plain_text};
pub use token::{TokenError, TokenKey, TokenKeyError, check_token};
