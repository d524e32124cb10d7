# Shared by bin/up and bin/test; sourced, not run.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
venv=$root/.venv

check=✓
[ -t 1 ] && check=$'\033[32m✓\033[0m'
tick() { printf '  %s %-16s %s\n' "$check" "$1" "${2:-}"; }

# The cause, and the one command that mends it.
fail() {
    printf '\n%s\n\nTo mend it:  %s\n\n' "$1" "$2" >&2
    exit 1
}

find_python() {
    local name
    for name in ${FOYER_PYTHON:-python3.13 python3.12 python3.11 python3.14 python3}; do
        if command -v "$name" >/dev/null &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    fail "Foyer needs Python 3.11 or newer." "apt-get install python3 python3-venv (Debian 12 or newer)"
}

make_venv() {
    [ -x "$venv/bin/python" ] && "$venv/bin/python" -c '' 2>/dev/null && return
    rm -rf "$venv"
    local python
    python=$(find_python) || exit 1
    "$python" -m venv "$venv" >"$log" 2>&1 ||
        fail "$(tail -n 5 "$log")" "apt-get install python3-venv, then run this again"
    tick Python "$("$venv/bin/python" -V | cut -d' ' -f2)"
}

# Installs a requirements file, unless the same one was installed last time.
install() {
    local want have stamp=$venv/.installed-$1
    want=$(cat requirements*.txt constraints.txt | sha256sum)
    have=$(cat "$stamp" 2>/dev/null || true)
    [ "$want" = "$have" ] && return
    [ -t 1 ] && printf '  … installing packages, about a minute the first time\r'
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$1" >"$log" 2>&1 ||
        fail "$(tail -n 5 "$log")" "check the network, then: $venv/bin/python -m pip install -r $1"
    printf '%s' "$want" >"$stamp"
    tick Packages "$(grep -c == "$1") and what they need"
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
