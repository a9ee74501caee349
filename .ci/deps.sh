#!/usr/bin/env bash
# Installs what is missing to build, run and test Consultant on Debian; a second run does nothing.
#
#   .ci/deps.sh            what `make demo` needs
#   .ci/deps.sh --test     what `make test` needs as well
#   .ci/deps.sh --fuzz     what `make fuzz` needs
#   .ci/deps.sh --list     print the Debian packages of a build, one a line, and stop
#
# Debian packages are installed as root or through a sudo that asks for no password. Where neither
# is possible, the exact line is printed and nothing else happens. Cargo's own programs need no
# rights, but compile for some minutes each, once.
set -euo pipefail

RUST_AT_LEAST=1.95
NODE_AT_LEAST=18

# What compiling needs; the Dockerfile's first stage installs the same.
build_packages=(build-essential pkg-config libssl-dev)

say() { printf 'deps: %s\n' "$*" >&2; }

stop() {
    say "$@"
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# One package name a line for each thing that is not there. What counts is the thing, not the
# package: a compiler or a Python from elsewhere serves as well.
missing_packages() {
    if ! { has cc && has c++ && has make; }; then echo build-essential; fi
    if ! has pkg-config; then echo pkg-config; fi
    if ! { has pkg-config && pkg-config --exists openssl; }; then echo libssl-dev; fi
    if ! has python3; then echo python3; fi
    # An externally managed Python (PEP 668) refuses `pip install`, but `pip download` works.
    if ! has pip3 && ! has pip && ! python3 -m pip --version >/dev/null 2>&1; then echo python3-pip; fi
    if [ "$for_tests" = yes ]; then missing_for_tests; fi
}

missing_for_tests() {
    if ! has redis-server; then echo redis-server; fi
    # Makes the certificates of the tests over TLS.
    if ! has openssl; then echo openssl; fi
    if ! has node; then echo nodejs; fi
    if ! has npm; then echo npm; fi
    # Debian keeps what `python3 -m venv` needs in a package of its own.
    if ! python3 -c 'import ensurepip, venv' >/dev/null 2>&1; then echo python3-venv; fi
}

# Prints how a command becomes root's: nothing for root, `sudo -n`, or fails.
root_prefix() {
    if [ "$(id -u)" = 0 ]; then return 0; fi
    if has sudo && sudo -n true 2>/dev/null; then echo "sudo -n"; return 0; fi
    return 1
}

install_packages() {
    local missing prefix
    mapfile -t missing < <(missing_packages)
    if [ "${#missing[@]}" = 0 ]; then return 0; fi
    local by_hand="sudo apt-get update && sudo apt-get install --yes --no-install-recommends ${missing[*]}"
    has apt-get || stop "missing: ${missing[*]}. This is no Debian: install what these packages hold, then run it again."
    prefix=$(root_prefix) || stop "missing: ${missing[*]}. Run this, then try again:
$by_hand"
    say "installing ${missing[*]}"
    # The prefix is empty or two words, so it is split on purpose.
    # shellcheck disable=SC2086
    $prefix apt-get update --quiet >&2
    # shellcheck disable=SC2086
    $prefix env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --quiet --no-install-recommends "${missing[@]}" >&2
    mapfile -t missing < <(missing_packages)
    if [ "${#missing[@]}" != 0 ]; then stop "still missing after installing: ${missing[*]}"; fi
}

check_rust() {
    local found
    has cargo && has rustc || stop "missing: the Rust toolchain. Install it with rustup (https://rustup.rs), then try again."
    found=$(rustc --version | cut -d ' ' -f 2 | cut -d - -f 1)
    if [ "$(printf '%s\n%s\n' "$RUST_AT_LEAST" "$found" | sort --version-sort | head -n 1)" != "$RUST_AT_LEAST" ]; then
        stop "rustc $found is too old: $RUST_AT_LEAST or later is needed. Run: rustup update stable"
    fi
}

# Components that `make test` calls. A toolchain that is not rustup's brings them, or says so.
check_components() {
    local component
    for component in rustfmt clippy; do
        if cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1; then continue; fi
        has rustup || stop "missing: $component. Install it beside your Rust toolchain."
        rustup component add "$component" >&2
    done
}

# A program of cargo's: any version that is there serves, else this one is compiled. The version
# is pinned, because the newest may need a newer compiler than this project does. It builds in a
# folder of its own and without this project's flags, which are for this project's kernels.
cargo_program() {
    local name=$1 version=$2
    # Cargo's bin folder holds what was installed before, even if PATH does not name it.
    PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
    if has "$name"; then return 0; fi
    say "compiling $name $version with cargo install, once; this takes some minutes"
    (cd / && env -u CARGO_TARGET_DIR cargo install --locked --quiet --version "$version" "$name" >&2)
    has "$name" || stop "$name was installed, but is not where cargo keeps its programs"
}

# The client libraries of the bots in tests/clients, exactly as their lock files name them, each
# file checked against its hash. They lie beside what cargo built, and are had anew when a lock file
# or the Python changes. The stamp is written last, so that what broke off is begun anew.
client_packages() {
    local from into stamp
    from=$(cd "$(dirname "${BASH_SOURCE[0]}")/../tests/clients" && pwd)
    # The Makefile's own default, for a call without it.
    into=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/consultant/target}/clients
    stamp=$(cd "$from" && {
        cat package.json package-lock.json requirements.txt
        python3 --version
    } | sha256sum)
    if [ -f "$into/stamp" ] && [ "$(cat "$into/stamp")" = "$stamp" ]; then return 0; fi
    say "installing the client libraries of tests/clients into $into"
    rm -rf -- "$into"
    mkdir -p "$into"
    cp "$from/package.json" "$from/package-lock.json" "$into"
    (cd "$into" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
    python3 -m venv "$into/venv"
    "$into/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --require-hashes --only-binary :all: --requirement "$from/requirements.txt" >&2
    printf '%s\n' "$stamp" >"$into/stamp"
}

check_node() {
    local found
    found=$(node --version)
    found=${found#v}
    if [ "${found%%.*}" -lt "$NODE_AT_LEAST" ]; then
        stop "node $found is too old: $NODE_AT_LEAST or later is needed. Debian 12 and later bring one that serves."
    fi
}

for_tests=no
for_fuzzing=no
case "${1:-}" in
    "") ;;
    --test) for_tests=yes ;;
    --fuzz) for_fuzzing=yes ;;
    --list) printf '%s\n' "${build_packages[@]}"; exit 0 ;;
    *) stop "unknown option $1; --test, --fuzz and --list are known" ;;
esac

install_packages
check_rust
if [ "$for_tests" = yes ]; then
    check_components
    check_node
    client_packages
    cargo_program cargo-nextest 0.9.151
    cargo_program cargo-deny 0.20.2
fi
if [ "$for_fuzzing" = yes ]; then cargo_program cargo-fuzz 0.13.2; fi
