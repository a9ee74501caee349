#!/usr/bin/env bash
# Installs the rivals of `make bench` into a folder of the cache, and again only when a lock file
# changed.
#
#   install.sh FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1

for program in node npm python3; do
    command -v "$program" >/dev/null || { echo "$program is missing, and the bench measures bots that need it" >&2; exit 1; }
done

# Node looks for packages beside the script that wants them.
mkdir -p "$folder/node" "$folder/python"
cp "$here"/node/*.js "$here"/node/*.json "$folder/node/"
cp "$here"/python/*.py "$folder/python/"

wanted=$(cd "$here" && cat node/package-lock.json python/requirements.txt | sha256sum)
if [ "$(cat "$folder/installed" 2>/dev/null || true)" = "$wanted" ]; then exit 0; fi

echo 'installing the rivals (Telegraf, grammY, aiogram, python-telegram-bot), once' >&2
rm -rf -- "$folder/node/node_modules" "$folder/venv" "$folder/installed"
(cd "$folder/node" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >&2)
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$here/python/requirements.txt"
echo "$wanted" > "$folder/installed"
