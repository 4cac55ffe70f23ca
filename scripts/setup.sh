#!/usr/bin/env bash
# Makes the virtual environments on a Debian or Ubuntu machine that has Python 3.11 or 3.12.
#   scripts/setup.sh run     .venv        the web tier and the worker; no torch
#   scripts/setup.sh test    .venv-test   + CPU torch, gigaam, pyannote.audio, diffusers, browser, PostgreSQL
#   scripts/setup.sh light   .venv-light  the light set under Python 3.12 (Vercel's), if it is installed
# A second run takes a second: nothing is installed again until the lists change.
set -euo pipefail
cd "$(dirname "$0")/.."
set_name=${1:?run, test or light}
say() { printf '%s\n' "$*" >&2; }

works() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' >/dev/null 2>&1; }
find_python() {
    for candidate in "${PYTHON:-}" python3.11 python3.12 python3; do
        [ -n "$candidate" ] && works "$candidate" && { command -v "$candidate"; return; }
    done
    say "Polosa needs Python 3.11 or 3.12 and found neither. Install it (apt-get install python3) or name it: PYTHON=/path/to/python3.12 make $set_name"
    exit 1
}
find_312() {
    for candidate in python3.12 "$HOME"/.pyenv/versions/3.12.*/bin/python; do
        "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 12))' >/dev/null 2>&1 && { echo "$candidate"; return; }
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else return 1; fi
}
need_packages() { # Debian packages that are missing
    local missing=()
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return
    say "Installing ${missing[*]}"
    as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || {
        say "Could not install ${missing[*]}: run this once as root: apt-get install ${missing[*]}"
        exit 1
    }
}

make_venv() { # python folder
    if [ ! -x "$2/bin/python" ] || ! works "$2/bin/python"; then
        rm -rf "$2"
        "$1" -m venv "$2" 2>/dev/null || {
            rm -rf "$2"
            need_packages "python$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
            "$1" -m venv "$2"
        }
    fi
}
is_ready() { [ -f "$1/.ready" ] && [ "$(cat "$1/.ready")" = "$2" ]; }
pip_in() { local venv=$1; shift; "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-warn-script-location "$@"; }

stamp="$set_name $(cat pyproject.toml requirements.txt requirements-test.txt scripts/setup.sh | sha256sum | cut -c1-16)"
case "$set_name" in
run)
    venv=.venv
    is_ready $venv "$stamp" && exit 0
    say "Setting up $venv (a minute or two, once)"
    make_venv "$(find_python)" $venv
    pip_in $venv -e '.[worker]'
    ;;
light)
    venv=.venv-light
    python=$(find_312)
    [ -n "$python" ] || { say "Python 3.12 is not installed: its tests are left out."; exit 0; }
    is_ready $venv "$stamp" && exit 0
    say "Setting up $venv (Python 3.12)"
    make_venv "$python" $venv
    need_packages espeak-ng
    pip_in $venv -e '.[worker,test]'
    ;;
test)
    venv=.venv-test
    need_packages espeak-ng chromium postgresql
    is_ready $venv "$stamp" && exit 0
    say "Setting up $venv (several minutes, once)"
    make_venv "$(find_python)" $venv
    pip_in $venv torch==2.13.0 # first, so that nothing below fetches another build
    pip_in $venv -e '.[worker,test]' -r requirements-test.txt
    # gigaam 0.1.0 pins an old torch it does not need; its other needs stand in requirements-test.txt.
    pip_in $venv --no-deps gigaam==0.1.0 torchaudio
    # torchaudio on PyPI is linked to CUDA and can't be imported beside a CPU torch; its Python part can.
    "$venv/bin/python" - <<'PY'
import pathlib, sysconfig
for library in pathlib.Path(sysconfig.get_path("purelib"), "torchaudio", "lib").glob("*.so"):
    library.unlink()
PY
    ;;
*)
    say "Unknown set: $set_name"
    exit 2
    ;;
esac
echo "$stamp" >"$venv/.ready"
