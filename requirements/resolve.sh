#!/bin/sh
# Resolve every extra with constraints.txt for each Python that pyproject.toml allows; nothing is installed.
# By uv, since one package of DVC's (antlr4-python3-runtime) has no wheel: `pip install --dry-run --python-version`
# takes wheels only, uv reads the metadata of a source archive.
set -eu
cd "$(dirname "$0")/.."
listed=$(mktemp)
trap 'rm -f "$listed"' EXIT
for version in 3.11 3.12 3.13; do
    uv pip compile --quiet --python-version "$version" --python-platform x86_64-unknown-linux-gnu \
        --all-extras --constraints constraints.txt --output-file "$listed" pyproject.toml
    echo "Python $version: resolved, $(grep -c '==' "$listed") packages"
    : >"$listed"
done
