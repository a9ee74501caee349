#!/usr/bin/env bash
# Fuzzes what managers write: playbooks for most of the time, documents, catalogues and FAQs for the
# rest.
#
#   run.sh FOLDER MINUTES [TARGET]
#
# FOLDER keeps the corpus, which goes on growing from run to run, and what broke. The compiler is
# the stable one; RUSTC_BOOTSTRAP lets it take the flags of the sanitizer. A new input that broke
# belongs into tests/fuzz/kept, smaller if it can be: `cargo fuzz tmin` makes it so.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$1
minutes=$2
only=${3:-}

# Of every eleven minutes, facts get one: their code is smaller, and nothing in it runs. Documents get
# two: their readers are many, and most of their code is of others.
SHARE_OF_FACTS=11

# What an input may cost: seconds, megabytes in all, megabytes in one piece.
# The longest inputs take two seconds, and many times that where others use the machine too.
LIMITS=(-timeout=30 -rss_limit_mb=2048 -malloc_limit_mb=256)

export RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$folder/target"

fuzz() {
    local target=$1 seconds=$2
    shift 2
    mkdir -p "$folder/corpus/$target" "$folder/broken/$target" "$folder/seeds/$target"
    # Only the first folder is written to.
    cargo fuzz run --fuzz-dir "$here" "$target" \
        "$folder/corpus/$target" "$here/kept/$target" "$folder/seeds/$target" -- \
        -max_total_time="$seconds" -artifact_prefix="$folder/broken/$target/" \
        -print_final_stats=1 "${LIMITS[@]}" "$@"
}

mkdir -p "$folder"
python3 "$here/seeds.py" "$folder"
cd "$here/../.."
case "$only" in
    playbook) fuzz playbook $((minutes * 60)) -dict="$folder/playbook.dict" ;;
    facts) fuzz facts $((minutes * 60)) ;;
    documents) fuzz documents $((minutes * 60)) ;;
    "")
        of_facts=$((minutes * 60 / SHARE_OF_FACTS))
        fuzz facts "$of_facts"
        fuzz documents $((2 * of_facts))
        fuzz playbook $((minutes * 60 - 3 * of_facts)) -dict="$folder/playbook.dict"
        ;;
    *) echo "there is no target $only; playbook, facts and documents are known" >&2; exit 2 ;;
esac
