//! One test binary against the library and the binary.
//!
//! What needs the cluster that `tests/cluster/up` starts is ignored by default;
//! `make test` runs everything. Every such test has a namespace of its own.

#![expect(clippy::disallowed_methods, reason = "tests make what the program finds")]

mod again;
mod answers;
mod appliances;
mod authority;
mod bootstrap;
mod canary;
mod causes;
mod certificates;
mod clock;
mod cloud;
mod code;
mod commands;
mod crash;
mod dependencies;
mod disk;
mod endpoint;
mod grants;
mod graph;
mod identity;
mod image;
mod import;
mod install;
mod interception;
mod jobs;
mod kubernetes;
mod leading;
mod leak;
mod login;
mod mended;
mod network;
mod networkd;
mod node;
mod objects;
mod own;
mod password;
mod pki;
mod power;
mod proxy;
mod questions;
mod reach;
mod ready;
mod reconcile;
mod rights;
mod scrub;
mod service;
mod services;
mod sign_in;
mod signals;
mod spent;
mod support;
mod tenant;
mod terminal;
mod tidy;
mod unattended;
mod units;
mod wanted;
mod watching;
mod wizard;
