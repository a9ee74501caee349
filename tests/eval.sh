#!/usr/bin/env bash
# Measures how well texts are understood, how well reviewed answers are found, and whether customers
# read only what the company states.
#
#   eval.sh BINARY [FOLDER [tune]]
#
# FOLDER holds the public data sets: banking77/train.csv (PolyAI, CC BY 4.0; columns text, category)
# and clinc150/train_val.json (CLINC150, CC BY 3.0; lists of pairs train, val, oos_train, oos_val). A
# file banking77/test.csv, where there is one, is tested with; else a fifth of the rows is held back.
# The truth suite with the model takes the most of it, half an hour a run on two cores. With `tune`,
# what fine-tuning of the sentence encoder brings is measured too, which takes an hour.
set -euo pipefail
consultant=$1
data=${2:-}
tune=${3:-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

measure() {
    echo
    echo "== $1"
    shift
    "$consultant" eval intent "$@"
}

for language in en zh; do
    measure "the demo's intents, $language: a fifth held back, five draws" \
        --train "$here/config/intents-$language.csv" --draws 5
    measure "the same by words alone" \
        --train "$here/config/intents-$language.csv" --draws 5 --words-only
done

measure "the demo's moods, en: a fifth held back, five draws" \
    --train "$here/config/moods-en.csv" --draws 5
measure "the demo's moods, zh, by words alone" \
    --train "$here/config/moods-zh.csv" --draws 5 --words-only

for language in en zh; do
    echo
    echo "== the demo's reviewed answers, $language: each wording asked while it is left out"
    "$consultant" eval retrieval --language "$language"
done

# Where something invented gets through, as without the guard, `eval truth` exits with 1.
truth() {
    echo
    echo "== truth: $1"
    shift
    "$consultant" eval truth --examples 2 "$@" || [ $? -eq 1 ]
}

truth "the demo's suite with variations, without a language model"
trained=$(mktemp -d)
trap 'rm -rf "$trained"' EXIT
"$consultant" train intent --data "$here/config/intents-en.csv" --out "$trained/en.safetensors"
"$consultant" train intent --data "$here/config/intents-zh.csv" --words-only \
    --out "$trained/zh.safetensors"
CONSULTANT__INTENTS__TRAINED="$trained/en.safetensors,$trained/zh.safetensors" \
    truth "the same, where the demo's trained intents decide what nothing else does"
truth "the whole suite, and the default model writes where no fact answers" --replies model
truth "the same with the guard off, for honesty" --replies model --guard off

if [ -z "$data" ]; then
    echo
    echo "Banking77 and CLINC150 were not measured: name their folder with DATA=" >&2
    exit 0
fi

banking=$data/banking77
if [ -f "$banking/test.csv" ]; then
    measure "Banking77, the official test" --train "$banking/train.csv" --test "$banking/test.csv"
    measure "Banking77, 10 shots, ten draws, the official test" \
        --train "$banking/train.csv" --test "$banking/test.csv" --shots 10 --draws 10
else
    measure "Banking77, a fifth of the rows to learn from held back, five draws" \
        --train "$banking/train.csv" --draws 5
    measure "Banking77, 10 shots, ten draws, tested with all other rows" \
        --train "$banking/train.csv" --shots 10 --draws 10
fi

clinc=$data/clinc150/train_val.json
measure "CLINC150, its validation part" --train "$clinc#train" \
    --test "$clinc#val" --test "$clinc#oos_val" --test "$clinc#oos_train" --out-of-scope oos

[ -n "$tune" ] || exit 0
tested=()
[ ! -f "$banking/test.csv" ] || tested=(--test "$banking/test.csv")
measure "Banking77, the encoder fine-tuned" --train "$banking/train.csv" "${tested[@]}" --fine-tune
measure "Banking77, 10 shots, ten draws, the encoder fine-tuned in each" \
    --train "$banking/train.csv" "${tested[@]}" --shots 10 --draws 10 --fine-tune
measure "CLINC150, its validation part, the encoder fine-tuned" --train "$clinc#train" \
    --test "$clinc#val" --test "$clinc#oos_val" --test "$clinc#oos_train" --out-of-scope oos --fine-tune
