//! The keys of both Secrets as the contract names them; a profile may give each another name.

/// The tenant that the appliance belongs to.
pub const TENANT_ID: &str = "INITIAL_TENANT_ID";
/// What the tenant is called.
pub const TENANT_NAME: &str = "INITIAL_TENANT_NAME";
/// The administrator's first name.
pub const FIRST_NAME: &str = "INITIAL_ADMIN_FIRST_NAME";
/// The administrator's last name.
pub const LAST_NAME: &str = "INITIAL_ADMIN_LAST_NAME";
/// The administrator's e-mail address.
pub const EMAIL: &str = "INITIAL_ADMIN_EMAIL";
/// The hash of the administrator's password: an Argon2id PHC string, or `salt_hex:hash_hex` of scrypt.
pub const PASSWORD_HASH: &str = "INITIAL_ADMIN_PASSWORD_HASH";
/// The administrator's password as it is, in the place of its hash.
pub const PASSWORD: &str = "INITIAL_ADMIN_PASSWORD";
/// Always the same.
pub const EDITION_CHOICE: &str = "EDITION_CHOICE";
/// The edition that was paid for.
pub const INSTALL_EDITION: &str = "INSTALL_EDITION";
/// This appliance.
pub const APPLIANCE_ID: &str = "APPLIANCE_ID";
/// The token of a paid edition.
pub const LICENSE_TOKEN: &str = "LICENSE_TOKEN";
/// With what the appliance checks in.
pub const APPLIANCE_CREDENTIAL: &str = "APPLIANCE_CREDENTIAL";
/// Where the appliance checks in.
pub const CHECK_IN_URL: &str = "CHECK_IN_URL";

/// Every key of the tenant Secret.
pub const TENANT: [&str; 7] = [TENANT_ID, TENANT_NAME, FIRST_NAME, LAST_NAME, EMAIL, PASSWORD_HASH, PASSWORD];

/// Every key of the license Secret: all that a grant puts there.
pub const LICENSE: [&str; 6] =
    [EDITION_CHOICE, INSTALL_EDITION, APPLIANCE_ID, LICENSE_TOKEN, APPLIANCE_CREDENTIAL, CHECK_IN_URL];
