//! firstlight: the first-boot setup of Kubernetes appliances.
//!
//! # Floors
//!
//! Calls go down only, and no files import each other in a circle; `tests/it/{tidy,graph}.rs` hold it.
//!
//! | floor | rooms, each above the one before | what they may do |
//! |---|---|---|
//! | 0 | [`words`]; [`values`], [`exit`]; [`document`], [`error`] | pure; parse or refuse |
//! | 1 | [`profile`], [`engine`]; [`answers`] | what is asked, and how anything is run |
//! | 2 | [`world`] | one file per outsider; the only sockets, files and processes |
//! | 3 | [`steps`] | observe, decide (a pure function), act |
//! | 4 | [`setup`] | the only way to carry a setup out |
//! | 5 | [`cli`]; `field`, `screen` | the flags; a text box that can hold a secret; a kit of what is seen |
//! | 6 | `wizard`; `pages`, `recording` | the wizard's model; what its pages say; what is written of it |
//! | 7 | `faces`; [`commands`]; [`program`] | drawn, line by line, without a terminal, replayed; what `main` runs |
//!
//! `fuzzing` gives a fuzzer what others wrote to; it is built for that alone. [`point`] stands beside them: in a test build it stops or kills the process at an effect, in any other it is nothing.
//!
//! # Invariants
//!
//! - `values`, `profile`, `answers` and every `decide` do no I/O and read no clock.
//! - Only `world` opens sockets, files or processes (`clippy.toml`). Only `screen/guard.rs` touches terminal
//!   modes. Only `main` reads the environment.
//! - What is printed of a run goes out on a thread of its own (`screen::outlet`), and what it begins with is read on
//!   another: neither holds up a signal, which cancels the run itself. Nothing that must not be cut begins after one.
//! - A secret type has no `Display`, no `Serialize` and no unredacted `Debug`; it is
//!   zeroed on drop, and no [`engine::Event`] can hold one.
//! - The engine does not know what the steps are; the wizard does not know what the world is; `screen` does not
//!   know the wizard.
//! - What comes from outside becomes a [`words::Phrase`] as [`words::Plain`] text: no terminal, log or reader of JSON
//!   acts on it.
//! - What a run says goes through [`engine::Events`], which takes the run's secrets out of it, whoever quoted them. An error
//!   of a library is told only if it is [`words::Tellable`]; of a parser's there is a [`values::Misread`] place.
//! - Nothing is decided by the characters of a sentence: a reason is data until it is said, and then in any language.
//! - What is finished is told in the wizard, and changed there or by a rotation on a terminal, only once somebody has signed in: the rehearsal of a setup and a
//!   rotation look at `world.gate` before anything else that the cluster knows.
//! - The record of what was done is the cluster and the host. The journal holds only
//!   what exists nowhere else durably yet, and the keys of the codes.
//!
//! # Glossary
//!
//! | word | the one thing that it means here |
//! |---|---|
//! | profile, setting | the vendor's TOML; one key of it |
//! | answers, answer | what the operator says; one value of it, named by its dotted path in an answers file |
//! | question | what the vendor's profile asks besides the built-in answers |
//! | draft | answers as they were given, perhaps incomplete or wrong; [`answers::Answers`] are checked and complete |
//! | field | the text box on a page in which an answer is typed |
//! | step, plan | a part of a setup that looks, decides and acts; all of them in order |
//! | object, row | a Secret or a `ConfigMap`; one of them, with a rule for each key in it that is decided |
//! | check | one finding of the rehearsal, the step without effects |
//! | probe | an address that is asked once the appliance is up, and what is to be found out of it |
//! | run | a plan that is being carried out, or was |
//! | event | something that happened in a run; every face is a fold over them |
//! | timeline, transcript | events folded into one row a step; the same as lines for people, and the wizard's log of them |
//! | hold | what a step has while it must not be cut in two: a stop, a panic or a signal waits for its end |
//! | note, fact | what a step is doing just now; what it found out about the appliance |
//! | failure, report | an error with an id and a remedy; the same as plain data, for events, screens and logs |
//! | refusal | why a field did not take what was typed or pasted |
//! | support report | the text that an operator saves for the vendor |
//! | problem | one thing that is wrong with a document, with its place there |
//! | place | line and column in a document |
//! | phrase, text, word | what is to be said, in no language yet; one entry of `assets/words`; all entries of a language |
//! | intent, grant | a code that is about to be sent, and its idempotency key; what the license service gave for it |
//! | value, copy, destination | what a profile has generated for one appliance; it in one place; where that is |
//! | unit | what systemd manages on this machine, such as a service that waits for what a setup makes |
//! | root, intermediate, leaf, list | the appliance's own authority; one that it signs; what a server shows; what is revoked, which is nothing (`values/pki`) |
//! | own certificate, chain | one that the operator gives in the place of the leaf (`values/pki/own`); it and those above it, without the root |
//! | renewed, passed | said of a value that a run makes anew by itself; of one whose time or names are over |
//! | supply | where answers are given to a machine without anybody at its terminal |
//! | address, target | where the appliance is reached: scheme, host and port; where a text goes that is made of it |
//! | source, found | from whom an address is known; one that this machine has found out |
//! | restart, due | what reads the address or a certificate is started again; since when that has to be done |
//! | mark | how far the bootstrap has come, on the tenant's Secret: it stays when Jobs are tidied away |
//! | settled | said of a grant: the cluster was seen to have what was granted |
//! | network, carrier | how a machine is wired, as answers say it (`values/network`); the interface that its addresses are on |
//! | trial, kept, taken back | a network while it may still be taken back; one that stays; one that did not (`world/networkd`) |
//! | journal | intents, and grants until the cluster's copy has survived, in the state directory |
//! | recording | what happened in the wizard, without answers, to go with a support report |
//! | redactor, misread | knows a run's secrets and takes them out of what is said; where a text was not understood, without the text |
//! | page, overlay | what asks or tells something in the wizard; what lies above it: help, log, code, question about leaving |
//! | own page | a page with fields that are no answers, and with state of its own |
//! | way, turn | which pages are shown, in which order; how the wizard gets from one to another |
//! | image, disk, part | what a live system was started from; what it can be installed on; a partition of that |
//! | content, holding | what lies on a device; whose a disk is by that, such as an appliance's, whose data are kept |
//! | lead, leader | to be the one of the wizards on a machine's terminals that is answered; who that is |
//! | context | where the operator is, as far as keys are concerned |
//! | watch | a run as it is watched: its timeline, and the time that passes between its events |
//! | finished, gate | said of an appliance: its setup has come to its end; what is shut on a terminal until somebody has signed in |
//! | admission, attempt | who may go on there; what came of a password that was typed for it |
//! | notice | what is to be said about a field besides what is wrong with its content |
//! | look, theme | what the terminal can show; what that makes of styles and symbols |
//! | command | what a key means, or one of the small programs of the command line (`commands`) |
//! | port, request, reply | the way from the wizard's model to everything that acts; what goes out; what comes back |

pub mod answers;
pub mod cli;
pub mod commands;
pub mod document;
pub mod engine;
pub mod error;
pub mod exit;
mod faces;
mod field;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod pages;
pub mod point;
pub mod profile;
pub mod program;
mod recording;
mod screen;
pub mod setup;
pub mod steps;
pub mod values;
mod wizard;
pub mod words;
pub mod world;
