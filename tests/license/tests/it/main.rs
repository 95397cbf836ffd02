//! The service as its clients see it: real TLS, real HTTP, a real database, on a free port each.

#![expect(clippy::unwrap_used, reason = "a test that can't go on says so by panicking")]

mod back_office;
mod check_in;
mod command_line;
mod mail;
mod power;
mod refusals;
mod register;
mod support;
mod tls;
mod tokens;
