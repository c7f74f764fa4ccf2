#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the lab's jobs share: checks, telephones that are plugged in, questions to the exchange. A job sets SOCKET first.
. /tmp/share/where
cd /tmp || exit 1
failed=0
uptime_ms() { local up; read -r up _ </proc/uptime; echo $((${up/./} * 10)); }
note() { echo "LAB $(uptime_ms) ms  $*"; }
check() { # words, then a command that must succeed
    local words=$1
    shift
    if "$@"; then
        note "ok     $words"
    else
        note "FAILED $words"
        failed=1
        cp ./*.log /tmp/share/
    fi
}
above() { [[ $1 =~ ^-?[0-9.]+$ ]] && awk "BEGIN{exit !($1 > $2)}"; }
below() { [[ $1 =~ ^-?[0-9.]+$ ]] && awk "BEGIN{exit !($1 < $2)}"; }
equal() { [ "$1" = "$2" ] || { note "       \"$1\" is not \"$2\""; return 1; }; }
# Waits until a command succeeds, at most so many milliseconds; says how long it took in $took.
within() { # milliseconds command
    local start limit=$1
    shift
    start=$(uptime_ms)
    until "$@" >/dev/null 2>&1; do
        took=$(($(uptime_ms) - start))
        ((took < limit)) || return 1
        sleep 0.05
    done
    took=$(($(uptime_ms) - start))
}
# Waits for a text in the daemon's log, at most so many milliseconds; says how long it took in $took.
logged() {
    local start
    start=$(uptime_ms)
    while [[ $(<daemon.log) != *"$1"* ]]; do
        took=$(($(uptime_ms) - start))
        ((took < $2)) || return 1
        sleep 0.02
    done
    took=$(($(uptime_ms) - start))
}
declare -A in out
# A program that stands for a device and whoever uses it: takes commands line by line, and answers each with a line.
emulator() { # name command...
    local name=$1
    shift
    mkfifo "$name.in" "$name.out"
    "$@" <"$name.in" >"$name.out" 2>>emulators.log &
    exec {fd}>"$name.in"
    in[$name]=$fd
    exec {fd}<"$name.out"
    out[$name]=$fd
}
telephone() { # name kind port serial rate
    emulator "$1" ./usbphone "$2" "$3" "$4" "$5"
}
tell() { echo "$2" >&"${in[$1]}"; }
answer() { REPLY=; read -r -t 120 -u "${out[$1]}" REPLY; }
ask() { tell "$1" "$2"; answer "$1"; }
# Plugged in; the kernel's threads that stand for the wire go before everything else, as a wire does.
plug() {
    ask "$1" plug
    local pid
    for pid in $(pgrep '^vhci_'); do chrt -f -p 70 "$pid"; done
    [ "$REPLY" = ok ]
}
partyline() { "$BIN/partyline" --socket "$SOCKET" "$@"; }
members() { partyline --json room 111 2>/dev/null | grep -o '"technology"' | wc -l; }
line_of() { partyline --json lines | sed 's/},{/\n/g' | grep "$1"; }
# The line of that name says this about itself.
line_says() { # name text
    local said
    said=$(line_of "$1")
    [[ $said == *"$2"* ]] || { note "       $said"; return 1; }
}
until_members() { # count
    for _ in $(seq 20); do
        [ "$(members)" = "$1" ] && return 0
        sleep 0.1
    done
    note "       there are $(members)"
    return 1
}
# Says how it went, and ends the job.
finish() {
    cp ./*.log /tmp/share/ 2>/dev/null
    [ "$failed" = 0 ] && echo passed >/tmp/share/result || echo "checks failed" >/tmp/share/result
    note "end"
}
