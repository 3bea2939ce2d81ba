#!/bin/sh
# Sets up OpenCC itself, against which the conversion is tested and measured:
#
#     eval "$(scripts/oracle.sh)"
#     cargo test --release --features oracle --test convert_oracle
#
# The library is the static one that PyPI's `opencc` wheel carries, so nothing
# has to be compiled or installed. Needs pip, python3 and a C++ standard library.
set -eu

version=1.4.2
root=$(cd "$(dirname "$0")/.." && pwd)
oracle=$root/target/oracle-$version

if [ ! -d "$oracle/opencc" ]; then
    mkdir -p "$oracle"
    python3 -m pip download --quiet --no-deps --dest "$oracle" "opencc==$version" >&2
    python3 -m zipfile -e "$oracle"/opencc-"$version"-*.whl "$oracle"
fi
clib=$oracle/opencc/clib
lib=$(dirname "$(find "$clib" -name libopencc.a)")

cat <<EOF
export OPENCC_LIB_DIRS='$lib'
export OPENCC_INCLUDE_DIRS='$clib/include'
export OPENCC_LIBS=opencc:marisa
export OPENCC_STATIC=1
export OPENCC_DYLIB_STDCPP=1
export OPENCC_CONFIGS='$clib/share/opencc'
EOF
