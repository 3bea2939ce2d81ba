#!/bin/sh
# Takes the texts of an OpenCC release and compiles them into src/convert/tables.bin:
#
#     tools/opencc-compile/refresh.sh 0.5.2
#
# The argument is a version of the crate opencc-sys, whose source package carries
# OpenCC's dictionaries, configurations, test suite and licence. Afterwards set the
# version in scripts/oracle.sh and run the tests, first of all convert_oracle.
set -eu

version=$1
here=$(cd "$(dirname "$0")" && pwd)
vendor=$here/vendor
fetch=$(mktemp -d)
trap 'rm -rf "$fetch"' EXIT

cargo init --quiet --lib --name fetch "$fetch"
(cd "$fetch" && cargo add --quiet "opencc-sys@=$version" && cargo vendor --quiet packages >/dev/null)
opencc=$fetch/packages/opencc-sys/OpenCC

rm -rf "$vendor"
mkdir -p "$vendor/dictionary" "$vendor/config"
cp "$opencc"/data/dictionary/*.txt "$vendor/dictionary"
cp "$opencc"/data/config/*.json "$vendor/config"
rm "$vendor/config/opencc_config.schema.json"
cp "$opencc/test/testcases/testcases.json" "$opencc/LICENSE" "$opencc/AUTHORS" "$vendor"

cargo run --release --manifest-path "$here/Cargo.toml"
