#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The lab's job: three telephones are plugged in, lifted, dial a room by keys and by tones, hear each other, are pulled out in the
# middle of it and plugged in again. The kernel's own drivers serve them; the daemon is the real one.
#
#   desk     Polycom CX300 (hidraw by report descriptor; hook switch, keypad; plug and play)
#   cm109    USB phone that the driver cm109 makes a keyboard of (plug and play)
#   headset  Jabra PRO 930, telephony page only: no input device (a line of the settings, which dials room 111 when lifted)
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
        cp daemon.log usbphone.log /tmp/share/
    fi
}
above() { [[ $1 =~ ^-?[0-9.]+$ ]] && awk "BEGIN{exit !($1 > $2)}"; }
below() { [[ $1 =~ ^-?[0-9.]+$ ]] && awk "BEGIN{exit !($1 < $2)}"; }
equal() { [ "$1" = "$2" ] || { note "       \"$1\" is not \"$2\""; return 1; }; }
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
telephone() { # name kind port serial rate
    mkfifo "$1.in" "$1.out"
    ./usbphone "$2" "$3" "$4" "$5" <"$1.in" >"$1.out" 2>>usbphone.log &
    exec {fd}>"$1.in"
    in[$1]=$fd
    exec {fd}<"$1.out"
    out[$1]=$fd
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
partyline() { "$BIN/partyline" --socket /tmp/state/control.sock "$@"; }
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

cp /tmp/share/usbphone /tmp/
cp -r /tmp/share/etc /tmp/etc
cat >etc/lines.d/headset.toml <<'T'
name = "headset"
preset = "hid-phone"
usb = "0b0e:1017"
extension = "31"
route = "conf_111"
rate = 16000
T
cat >etc/lines.d/wrong.toml <<'T'
name = "shed"
preset = "gpio-fxs"
pcm = "hw:CARD=None"
gpio_hook = "no-such-line"
T
"$BIN/partylined" --config etc --state state --port-base 27000 2>>daemon.log &
daemon=$!
check "the daemon is ready" logged "ready" 120000
# Once for nothing: what comes over the shared file system for the first time stops the clock for long.
partyline lines >/dev/null
check "a GPIO line that does not exist is told with file and line, and the daemon runs on" logged 'wrong.toml:4: line shed' 3000

telephone desk desk 0 "CX-1" 16000
telephone cm109 cm109 1 "" 48000
telephone headset headset 2 "" 16000

# ---- the desk phone: plugged in, lifted, keys
check "the desk phone is plugged in" plug desk
check "and is a line within a second (of the daemon's hearing of it)" logged "line=polycom-cx300" 3000
note "       $took ms from the plug to the line"
check "with the first free extension" line_says polycom 'extension":"21"'
check "for the group partyline, by the project's udev rule" equal "$(stat -c %G /dev/hidraw0)" partyline
ask desk "hook 1"
ask desk "wait 400"
ask desk "lamps"
check "its lamp says off-hook" equal "$REPLY" 0201
ask desk "level 425 300"
check "lifted, it gives dial tone ($REPLY dBm0)" above "$REPLY" -25
ask desk "key 111#"
check "it dials room 111 by its keys" until_members 1
ask desk "level 425 300"
check "and the dial tone is gone ($REPLY dBm0)" below "$REPLY" -45

ignored=$(udevadm info -q property -p /sys/class/sound/card0 | grep -c '^PULSE_IGNORE=1\|^ACP_IGNORE=1')
check "its card is no desktop sound server's" equal "$ignored" 2

# ---- the headset: a button, no keys
plug headset
check "the headset is plugged in and is the line of the settings" logged "line=headset" 3000
ask headset button
check "its button takes it into room 111" until_members 2
ask headset lamps
check "it is told that it is off-hook" equal "$REPLY" 0201

# ---- the CM109: green key, digits
plug cm109
check "the CM109 is plugged in, served by the kernel's driver" logged "line=usb-phone" 3000
note "       $took ms"
ask cm109 "key G"
ask cm109 "wait 300"
ask cm109 "level 425 300"
check "the green key gives dial tone ($REPLY dBm0)" above "$REPLY" -25
ask cm109 "key 111#"
check "its keys dial room 111" until_members 3

# ---- they hear each other, and not themselves
ask desk "tone 1000 0"
ask headset "tone 1400 0"
ask cm109 "wait 400"
ask cm109 "level 1000 300"
check "the CM109 hears the desk phone ($REPLY dBm0)" above "$REPLY" -25
ask cm109 "level 1400 300"
check "and the headset ($REPLY dBm0)" above "$REPLY" -25
ask desk "level 1400 300"
check "the desk phone hears the headset ($REPLY dBm0)" above "$REPLY" -25
ask desk "level 1000 300"
check "and not itself ($REPLY dBm0)" below "$REPLY" -50

# ---- pulled out in the middle of the call
ask cm109 "steady 1400 1000"
note "       before it 1400 Hz goes from ${REPLY/ / to } dBm0"
tell cm109 "steady 1400 2000"
ask desk "wait 600"
ask desk unplug
answer cm109
read -r softest loudest <<<"$REPLY"
# A frame of 5 ms that is lost takes at least half of some 5 ms away: 6 dB.
check "the others lose nothing when it is pulled out (1400 Hz from $softest to $loudest dBm0)" above "$softest" "$(awk "BEGIN{print $loudest - 4}")"
check "its call is over" until_members 2
check "its line is known as gone" line_says polycom '"state":"gone"'

# ---- and back again: the same line; this time by tones
: >daemon.log
plug desk
check "plugged in again it is there" logged "line=polycom-cx300-21" 3000
note "       $took ms"
check "as the same line with the same extension" line_says polycom-cx300-21 'extension":"21"'
ask desk "hook 1"
ask desk "wait 500"
ask desk "dtmf 111#"
check "it dials room 111 by tones" until_members 3
ask desk "level 1400 300"
check "and hears the room ($REPLY dBm0)" above "$REPLY" -25

# ---- hanging up, and being called
ask desk "hook 0"
ask headset "quiet"
ask headset button
check "on-hook and the headset's button end their calls" until_members 1
ask cm109 "key R"
check "the red key ends the last one" until_members 0
ask desk "hook 1"
ask desk "wait 500"
ask desk "key 22#"
ask cm109 "wait 1200"
check "the desk phone calls the CM109, which is told to ring" line_says usb-phone '"state":"ringing"'
ask cm109 "key G"
ask cm109 "wait 600"
ask desk "tone 1000 0"
ask cm109 "level 1000 300"
check "it answers and hears the caller ($REPLY dBm0)" above "$REPLY" -25
ask desk unplug
ask cm109 "wait 300"
ask cm109 "level 425 600"
check "pulling the caller out gives the other reorder tone ($REPLY dBm0)" above "$REPLY" -30
ask cm109 unplug
ask headset unplug
sleep 0.3
check "the daemon is alive" kill -0 "$daemon"
kill "$daemon"
wait "$daemon"
check "and ends when told" equal "$?" 0

# ---- killed: a lamp keeps what it was told last, until the service manager's helper comes, as the daemon's user
cp daemon.log /tmp/share/daemon-1.log
: >daemon.log
"$BIN/partylined" --config etc --state state --port-base 27000 2>>daemon.log &
daemon=$!
check "another daemon is ready" logged "ready" 120000
plug headset
check "the headset is a line again" logged "line=headset" 3000
ask headset button
check "and goes into its room" until_members 1
kill -9 "$daemon"
wait "$daemon" 2>/dev/null
ask headset lamps
check "killed, it leaves the headset off-hook" equal "$REPLY" 0201
node=$(stat -c '%U:%G %a' /dev/hidraw0)
check "whose node is the group's" equal "$node" "root:partyline 660"
chmod -R a+rX etc
helper=$(setpriv --reuid=65534 --regid=65534 --groups=partyline --bounding-set=-all --no-new-privs \
    "$BIN/partylined" --config etc --state state --on-hook 2>&1)
check "the helper runs as another user of that group" test $? = 0
note "       ${helper//$'\n'/; }"
ask headset lamps
check "and puts it on-hook" equal "$REPLY" 0200
ask headset unplug
cp daemon.log usbphone.log /tmp/share/
[ "$failed" = 0 ] && echo passed >/tmp/share/result || echo "checks failed" >/tmp/share/result
note "end"
