#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The lab's job: three telephones are plugged in, lifted, dial a room by keys and by tones, hear each other; each is pulled out in the
# middle of it while the others are measured, and plugged in again. The kernel's own drivers serve them; the daemon is the real one.
#
#   desk     Polycom CX300 (hidraw by report descriptor; hook switch, keypad; plug and play)
#   cm109    USB phone that the driver cm109 makes a keyboard of (plug and play)
#   headset  Jabra PRO 930, telephony page only: no input device, no keys (a line of the settings)
SOCKET=/tmp/state/control.sock
. /tmp/share/tools.sh

cp /tmp/share/usbphone /tmp/
cp -r /tmp/share/etc /tmp/etc
cat >etc/lines.d/headset.toml <<'T'
name = "headset"
preset = "hid-phone"
usb = "0b0e:1017"
extension = "31"
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

# ---- what every telephone goes through
declare -A line=([desk]=polycom-cx300-21 [cm109]=usb-phone-22 [headset]=headset) number=([desk]=21 [cm109]=22 [headset]=31)
declare -A lift=([desk]="hook 1" [cm109]="key G" [headset]=button) lay=([desk]="hook 0" [cm109]="key R" [headset]=button)
declare -A voice=([desk]=1000 [headset]=1400 [cm109]=1800)
underruns() { for name in "$@"; do line_of "${line[$name]}" | grep -o '"underruns":[0-9]*'; done | tr '\n' ' '; }

plugged() { # telephone
    : >daemon.log
    check "$1: plugged in" plug "$1"
    check "$1: is a line within a second (of the daemon's hearing of it)" logged "line=${line[$1]}" 3000
    note "       $took ms from the plug to the line"
    check "$1: of its own name and extension" line_says "${line[$1]}" "extension\":\"${number[$1]}\""
}
enters() { # telephone, how (key or dtmf), how many are in the room then
    ask "$1" "${lift[$1]}"
    ask "$1" "wait 500"
    ask "$1" "level 425 300"
    check "$1: lifted, it gives dial tone ($REPLY dBm0)" above "$REPLY" -25
    ask "$1" "$2 111#"
    check "$1: dials room 111 ($2)" until_members "$3"
    ask "$1" "level 425 300"
    check "$1: and the dial tone is gone ($REPLY dBm0)" below "$REPLY" -45
    ask "$1" "tone ${voice[$1]} 0"
}
hears() { # telephone, and whom
    ask "$1" "level ${voice[$2]} 300"
    check "$1: hears $2 ($REPLY dBm0)" above "$REPLY" -25
}
lost_nothing() { # telephone that was measured: softest and loudest 5 ms, longest gap
    local softest loudest gap
    answer "$1"
    read -r softest loudest gap <<<"$REPLY"
    note "       $1 heard from $softest to $loudest dBm0, longest gap $gap ms"
    below "$gap" 2 || { ask "$1" "dump /tmp/share/$1.s16"; return 1; }
}
# Pulled out in the middle of the call while the two others talk, and plugged in again.
pulled() { # telephone, the others
    local before
    before=$(underruns "$2" "$3")
    tell "$2" "steady ${voice[$3]} 1500"
    tell "$3" "steady ${voice[$2]} 1500"
    ask "$1" "wait 500"
    ask "$1" unplug
    check "$1: is pulled out in the call, and $2 loses nothing" lost_nothing "$2"
    check "$1: neither does $3" lost_nothing "$3"
    check "$1: and no card of theirs has run dry" equal "$(underruns "$2" "$3")" "$before"
    check "$1: its call is over" until_members 2
    check "$1: its line is known as gone" line_says "${line[$1]}" '"state":"gone"'
    plugged "$1"
    enters "$1" dtmf 3
    hears "$1" "$2"
    hears "$3" "$1"
}

plugged desk
check "the desk phone's node is the group's, by the project's udev rule" equal "$(stat -c %G /dev/hidraw0)" partyline
ignored=$(udevadm info -q property -p /sys/class/sound/card0 | grep -c '^PULSE_IGNORE=1\|^ACP_IGNORE=1')
check "its card is no desktop sound server's" equal "$ignored" 2
enters desk key 1
ask desk "lamps"
check "its lamp says off-hook" equal "$REPLY" 0201
# A button and no keys.
plugged headset
enters headset dtmf 2
ask headset lamps
check "the headset is told that it is off-hook" equal "$REPLY" 0201
# Served by the kernel's driver cm109.
plugged cm109
enters cm109 key 3

# ---- they hear each other, and not themselves
for pair in "desk headset" "desk cm109" "headset desk" "headset cm109" "cm109 desk" "cm109 headset"; do
    # shellcheck disable=SC2086
    hears $pair
done
for name in desk headset cm109; do
    ask "$name" "level ${voice[$name]} 300"
    check "$name: not itself ($REPLY dBm0)" below "$REPLY" -50
done

# ---- each is pulled out in the middle of the call, and is the same line afterwards
pulled desk headset cm109
pulled cm109 desk headset
pulled headset cm109 desk

# ---- hanging up, and being called
for name in desk headset cm109; do
    ask "$name" quiet
    ask "$name" "${lay[$name]}"
done
check "the hook, the headset's button and the red key end their calls" until_members 0
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
# This time it is a hot line.
echo 'route = "conf_111"' >>etc/lines.d/headset.toml
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
finish
