//! One test binary against the library and the binary.

mod tidy;
