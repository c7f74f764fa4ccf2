#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The lab's job: three telephones are plugged in, lifted, dial a room by keys and by tones, hear each other, are pulled out in the
# middle of it and plugged in again. The kernel's own drivers serve them; the daemon is the real one.
#
#   desk     Polycom CX300 (hidraw by report descriptor; hook switch, keypad; plug and play)
#   cm109    USB phone that the driver cm109 makes a keyboard of (plug and play)
#   headset  Jabra PRO 930, telephony page only: no input device (a line of the settings, which dials room 111 when lifted)
SOCKET=/tmp/state/control.sock
. /tmp/share/tools.sh

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
underruns() { for name in usb-phone headset; do line_of $name | grep -o '"underruns":[0-9]*'; done | tr '\n' ' '; }
before=$(underruns)
ask cm109 "steady 1400 1000"
note "       before it 1400 Hz: softest and loudest 5 ms, longest gap: $REPLY"
tell cm109 "steady 1400 2000"
ask desk "wait 600"
ask desk unplug
answer cm109
read -r softest loudest gap <<<"$REPLY"
heard_all() { below "$gap" 2 || { ask cm109 "dump /tmp/share/heard.s16"; return 1; }; }
check "the others lose nothing when it is pulled out (1400 Hz from $softest to $loudest dBm0, longest gap $gap ms)" heard_all
equal_underruns() { equal "$(underruns)" "$before"; }
check "and no card of theirs has run dry" equal_underruns
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
finish
