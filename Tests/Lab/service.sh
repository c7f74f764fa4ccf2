#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# init: systemd
# The lab's second job: the exchange as a service of a real systemd (first process of this machine), by its unit as it is shipped:
# it starts when it is ready, serves a headset as its own user under all of the unit's restrictions, is started again and its line
# put on-hook when it is killed, stops in time, and is not started again on a wrong configuration.
SOCKET=/var/lib/partyline/control.sock
. /tmp/share/tools.sh
BIN=/usr/bin
shown() { systemctl show --property "$1" --value partyline.service; }
is() { [ "$(shown "$1")" = "$2" ]; }
lamps() { ask headset lamps && [ "$REPLY" = "$1" ]; }

cp /tmp/share/usbphone /tmp/
cat >/etc/partyline/lines.d/headset.toml <<'T'
name = "headset"
preset = "hid-phone"
usb = "0b0e:1017"
extension = "31"
route = "conf_111"
rate = 16000
T
note "systemd $(systemctl --version | head -n 1) is the first process: $(readlink /proc/1/exe), $(systemctl is-system-running)"
check "the first process is systemd" equal "$(cat /proc/1/comm)" systemd
# Once for nothing: what comes over the shared file system for the first time stops the clock for long.
/usr/bin/partylined --check || note "       the settings are wrong"
/usr/bin/partyline --version >/dev/null 2>&1

# ---- started: systemctl comes back when the daemon has said that it is ready
start=$(uptime_ms)
check "systemctl start comes back without an error" systemctl start partyline.service
note "       after $(($(uptime_ms) - start)) ms"
check "the daemon has said that it is ready" equal "$(shown ActiveState)/$(shown SubState)/$(shown Type)" active/running/notify
pid=$(shown MainPID)
check "it runs as its own user" equal "$(stat -c %U /proc/"$pid")" partyline
check "without any capability" equal "$(awk '/^CapBnd/{print $2}' /proc/"$pid"/status)" 0000000000000000
check "and gains no privileges, under a filter of system calls" \
    equal "$(awk '/^NoNewPrivs|^Seccomp:/{printf "%s ", $2}' /proc/"$pid"/status)" "1 2 "
threads=$(for task in /proc/"$pid"/task/*; do chrt -p "${task##*/}" 2>/dev/null; done | grep -c SCHED_FIFO)
check "its mix thread has the priority that it asked for ($threads thread of SCHED_FIFO)" test "$threads" -ge 1

# ---- a telephone, a scenario, a room under the restrictions
telephone headset headset 0 "" 16000
check "the headset is plugged in" plug headset
check "and is a line" within 5000 line_says headset '"state":"on-hook"'
node=$(stat -c '%U:%G %a' /dev/hidraw0)
check "whose node is the group's" equal "$node" "root:partyline 660"
tagged=$(systemctl list-units --no-legend --plain --type=device | grep -c 'sound-card')
check "the sound card is a unit of systemd's, by udev's tag" test "$tagged" -ge 1
check "so that sound.target, which the service starts after, is reached" within 3000 systemctl is-active sound.target
ask headset button
check "its button takes it through a scenario into room 111" until_members 1
ask headset lamps
check "it is told that it is off-hook" equal "$REPLY" 0201
check "a reload is taken" systemctl reload partyline.service
check "and ends no call" until_members 1

# ---- killed in the call
kill -9 "$pid"
check "killed, its line is put on-hook by ExecStopPost" within 10000 lamps 0200
note "       after $took ms"
check "and the daemon is started again" within 60000 is ActiveState active
note "       after $took ms more; restarts: $(shown NRestarts)"
check "as another process" test "$(shown MainPID)" != "$pid"
check "once" equal "$(shown NRestarts)" 1
check "the headset is its line again" within 5000 line_says headset '"state":"on-hook"'
ask headset button
check "and goes into its room" until_members 1

# ---- stopped in the call
start=$(uptime_ms)
check "systemctl stop comes back without an error" systemctl stop partyline.service
took=$(($(uptime_ms) - start))
check "within three seconds ($took ms)" test "$took" -le 3000
check "the daemon has ended well" equal "$(shown Result)/$(shown ActiveState)" success/inactive
check "the line is on-hook" lamps 0200

# ---- a wrong configuration is not tried again and again
echo 'nonsense = 1' >/etc/partyline/lines.d/wrong.toml
systemctl start partyline.service 2>/dev/null
check "a wrong configuration is a failure" within 5000 is ActiveState failed
sleep 2
check "and stays one" equal "$(shown ActiveState)/$(shown ExecMainStatus)" failed/1
rm /etc/partyline/lines.d/wrong.toml
ask headset unplug
journalctl --no-pager --unit partyline.service >service.log
finish
