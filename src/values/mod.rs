//! Values that are right by construction: pure, without I/O, parsed or refused.

mod authority;
pub mod characters;
mod code_in_text;
mod colour;
mod email;
mod fact;
mod grant;
mod hostname;
mod ids;
mod install_code;
mod misread;
mod password;
mod pattern;
mod proxy;
mod proxy_answer;
mod received;
mod redactor;
mod secret_text;
mod strength;
mod text;
mod token;
mod token_keys;

pub use authority::{Authority, Fingerprint};
pub use code_in_text::{Found, NotFound};
pub use colour::Rgb;
pub use email::Email;
pub use fact::Fact;
pub use grant::{Entitlement, Grant, GrantError, UnknownEdition};
pub use hostname::{Hostname, is_dns_label};
pub use ids::{ApplianceId, TenantId, TenantIdError};
pub use install_code::{CodeError, CodeFormat, InstallCode};
pub use misread::Misread;
pub use password::{Class, Password, PasswordRules, Rule};
pub use pattern::Pattern;
pub use proxy::{Proxies, Proxy, ProxyFault};
pub use proxy_answer::ProxyAnswer;
pub use received::{End, Received, Unreadable};
pub use redactor::{REDACTED, Redactor};
pub use secret_text::SecretText;
pub use strength::Strength;
pub use text::{Line, code_point, comment};
pub use token::{TokenAudience, TokenError, TokenRules, audience, check_token};
pub use token_keys::{TokenKeyError, TokenKeys};

pub use crate::words::{is_formatting, is_unseen, plain_text};
