# The commands of this repository; the README says what each is for.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.PHONY: help demo down test checked packaged test-all quick bench deb iso boot pictures screens profile

help:
	@echo "make demo    the wizard against a real Kubernetes API server; nothing to configure (ANSWERS=1: without the wizard)"
	@echo "make test    everything: format, lints, documentation, all tests, the real cluster included"
	@echo "make test-all  the same, every appliance cut at every point, the image's power at more moments, and a fixed number of fuzzing runs of everything that parses what others wrote"
	@echo "make quick   what needs no cluster: format, lints, unit tests"
	@echo "make bench   firstlight against the shell script it replaces, the wizard against dialog and Node"
	@echo "make deb     firstlight as a Debian package: target/deb"
	@echo "make iso     an image that boots into the wizard, by BIOS and UEFI: target/iso/firstlight.iso"
	@echo "make boot    that image in an emulator, on this terminal"
	@echo "make pictures  the pictures of the README, drawn anew by the wizard's own view"
	@echo "make profile   what follows in assets from the settings in src/profile and the fields in src/answers"
	@echo "make down    stop what demo and test started"

demo:
	@tests/prerequisites demo
	@tests/demo/run

down:
	@tests/demo/stop
	@tests/cluster/down

quick:
	@tests/prerequisites quick
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --features firstlight/crash-points -- -D warnings
	cargo test --workspace --features firstlight/crash-points

# Two at once: the last step of a release build has one processor busy for minutes. How much each of them does at once is for Cargo,
# and not for Make (which tells it by its variable).
checked packaged: cargo := env --unset=MAKEFLAGS cargo
test:
	@tests/prerequisites test
	@$(MAKE) --no-print-directory --jobs=2 checked packaged
	BUILT=1 iso/trial
	VENDOR=target/trial iso/build
	tests/cluster/up
	cargo test --workspace --features firstlight/crash-points -- --include-ignored --skip longer:: 2>&1 | tee target/test.log
	tests/demo/license --stop target/trial

checked:
	$(cargo) fmt --all --check
	tests/shellcheck
	$(cargo) clippy --workspace --all-targets --features firstlight/crash-points -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(cargo) doc --no-deps --document-private-items --workspace --features firstlight/crash-points
	$(cargo) test --workspace --features firstlight/crash-points --no-run

# The release build is checked for what only test builds may contain.
packaged:
	$(cargo) build --release
	tests/release
	iso/deb
	lintian --fail-on error,warning target/deb/*.deb

test-all: test
	@tests/prerequisites fuzz
	FIRSTLIGHT_TEST_EVERY_POINT=1 cargo test --features crash-points --test it -- --include-ignored appliances::cut
	BUILT=1 tests/demo/license target/trial --name license.example
	cargo test --workspace --features firstlight/crash-points --test boot -- --include-ignored longer::
	tests/demo/license --stop target/trial
	tests/fuzz/run

# In a folder of its own: it builds firstlight too, without the release's optimisation at link time, and must not put that
# in the place of the binary that it measures.
bench:
	@tests/prerequisites bench
	tests/cluster/up
	cargo build --release
	cargo bench --target-dir target/bench --bench setup --bench wizard

deb:
	@tests/prerequisites deb
	cargo build --release
	iso/deb

iso: deb
	@tests/prerequisites iso
	[[ -n "$${VENDOR:-}" ]] || iso/trial
	VENDOR="$${VENDOR:-target/trial}" iso/build

boot:
	@tests/prerequisites boot
	@tests/demo/license target/trial --name license.example
	@echo "the install code is $$(cat target/trial/code); Ctrl-A X switches the machine off"
	@iso/boot

# The test fails when they are stale; look at what has changed before you commit it.
pictures:
	UPDATE=1 cargo test --features crash-points --lib faces::tests::pictures

# Of the image in the emulator; look at them before you commit them.
screens:
	@tests/prerequisites boot
	tests/demo/license target/trial --name license.example
	cargo test --workspace --features firstlight/crash-points --test boot -- --include-ignored longer::over_ssh longer::a_layout
	cp target/boot/screen-welcome.png assets/pictures/console-welcome.png
	cp target/boot/screen-keyboard.png assets/pictures/console-keyboard.png

profile:
	UPDATE=1 cargo test --features crash-points --lib what_follows
