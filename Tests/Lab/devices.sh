#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The lab's third job: hardware with bytes of its own. The transports open real device nodes, whose other side is an
# emulator; the daemon is the real one.
#
#   jack     magicJack of today: USB sound card, HID reports, state by feature report (plug and play)
#   silver   magicJack of the first sort: its state is polled, its bell's cadence is ours (plug and play)
#   yealink  Yealink P1K on the kernel's driver: keys, bell and display (plug and play)
#   box      hook switch and keys as an input device (uinput), a sound card beside it
#   stick    C-Media stick with a telephone port on its pins (uhid), a sound card beside it
#   fxo      C-Media stick with a landline interface on its pins (uhid), a sound card beside it
#   modem    voice modem: a USB gadget (dummy_hcd, ACM) whose serial line the kernel's cdc-acm serves
SOCKET=/tmp/state/control.sock
. /tmp/share/tools.sh

cp /tmp/share/{usbphone,nodes,modem} /tmp/
cp -r /tmp/share/etc /tmp/etc
modprobe -a uhid uinput libcomposite usb_f_acm cdc-acm yealink
# At full speed, whose thousand frames a second are an eighth of the work.
modprobe dummy_hcd is_high_speed=0 is_super_speed=0
modprobe snd-dummy enable=1,1,1 index=8,9,10 id=Box,Stick,Fxo

emulator box ./nodes box
emulator stick ./nodes cm108
emulator fxo ./nodes cm108-fxo
event() { for one in /sys/class/input/event*; do grep -q "Lab hook box" "$one/device/name" && echo "/dev/input/${one##*/}"; done; }
hidden() { for one in /sys/class/hidraw/hidraw*; do grep -qi "0d8c:0000$1" "$one/device/uevent" && echo "/dev/${one##*/}"; done; }
are_there() { [ -c "$(event)" ] && [ -c "$(hidden 013c)" ] && [ -c "$(hidden 013a)" ]; }
check "the kernel makes an input device of the box, and HID nodes of the sticks" within 3000 are_there
cat >etc/lines.d/box.toml <<T
name = "box"
preset = "evdev-phone"
event = "$(event)"
pcm = "hw:CARD=Box"
extension = "41"
T
cat >etc/lines.d/stick.toml <<T
name = "stick"
preset = "cm108"
hid = "$(hidden 013c)"
pcm = "hw:CARD=Stick"
extension = "42"
route = "conf_111"
T
cat >etc/lines.d/fxo.toml <<T
name = "fxo"
preset = "cm108-fxo"
hid = "$(hidden 013a)"
pcm = "hw:CARD=Fxo"
dialling = "pulse"
route = "welcome"
T
cat >etc/lines.d/modem.toml <<'T'
name = "modem"
preset = "v253"
usb = "0572:1329"
route = "welcome"
T
"$BIN/partylined" --config etc --state state --port-base 27000 2>>daemon.log &
daemon=$!
check "the daemon is ready" logged "ready" 120000
partyline lines >/dev/null

telephone jack tiger 0 "TJ-1" 16000
telephone silver silver 1 "" 16000
telephone yealink yealink 2 "" 8000
declare -A line=([jack]=magicjack-21 [silver]=magicjack-22 [yealink]=usb-p1k-23)
declare -A lift=([jack]="hook 1" [silver]="hook 1" [yealink]="key G" [box]="hook 1" [stick]="hook 1")
declare -A lay=([jack]="hook 0" [silver]="hook 0" [yealink]="key R" [box]="hook 0" [stick]="hook 0")

plugged() {
    check "$1: plugged in" plug "$1"
    check "$1: is a line by itself" logged "line=${line[$1]}" 3000
    note "       $took ms from the plug to the line"
    check "$1: whose receiver is on" within 3000 line_says "${line[$1]}" '"state":"on-hook"'
}
# Lifts, dials by its keys, hears whom it calls.
enters() { # telephone, how many are in the room then
    ask "$1" "${lift[$1]}"
    ask "$1" "wait 400"
    ask "$1" "level 425 300"
    check "$1: lifted, it gives dial tone ($REPLY dBm0)" above "$REPLY" -25
    ask "$1" "key 111#"
    check "$1: dials room 111 by its keys" until_members "$2"
}
hears() { # telephone, frequency
    ask "$1" "level $2 300"
    check "$1: hears the room ($REPLY dBm0)" above "$REPLY" -25
}
leaves() { # telephone, how many are in the room then
    ask "$1" "${lay[$1]}"
    check "$1: on-hook, it has left" until_members "$2"
}
tells() { ask "$1" "$2" && [ "$REPLY" = "$3" ]; }
# jack calls an extension: its bell (which pauses), and what it is told when somebody answers.
rings() { # telephone, extension, what it is asked, the answer while it rings, the answer afterwards
    ask jack "hook 1"
    ask jack "wait 400"
    ask jack "key $2#"
    check "$1: is told to ring" within 3000 tells "$1" "$3" "$4"
    if [ "$1" = yealink ]; then
        check "yealink: shows who calls" equal "$(sed -n 2p /sys/bus/usb/drivers/yealink/*/line3 | tr -d ' ')" 21
    fi
    ask "$1" "${lift[$1]}"
    ask "$1" "wait 600"
    ask "$1" "$3"
    check "$1: and not to ring any more when it is lifted" equal "$REPLY" "$5"
    ask jack "hook 0"
    ask "$1" "${lay[$1]}"
    ask "$1" "wait 600"
}

# ---- magicJacks
plugged jack
nodes=(/dev/hidraw*)
check "jack: its node is the group's" equal "$(stat -c %G "${nodes[-1]}")" partyline
enters jack 1
ask jack "tone 1000 0"
plugged silver
enters silver 2
hears silver 1000
leaves silver 1

# ---- a Yealink
plugged yealink
node=$(dirname "$(ls -d /sys/bus/usb/drivers/yealink/*/line3)")
are_given() { [ "$(stat -c %G "$node"/{line3,show_icon,hide_icon} | tr '\n' ' ')" = "partyline partyline partyline " ]; }
check "yealink: its bell and display are the group's" within 3000 are_given
enters yealink 2
hears yealink 1000
leaves yealink 1

# ---- nodes without sound of their own
check "box: is a line" within 3000 line_says box '"state":"on-hook"'
ask box "free $(event)"
check "box: nobody else gets its keys" equal "$REPLY" taken
ask box "hook 1"
ask box "wait 400"
ask box "key 111#"
check "box: lifted, it dials room 111 by its keys" until_members 2
leaves box 1
check "stick: is a line" within 3000 line_says stick '"state":"on-hook"'
ask stick "hook 1"
check "stick: volume-down lifts it, into its room" until_members 2
leaves stick 1

# ---- a landline on a stick's pins (what it hears is silence)
drawn() { ask fxo seized && [ "$REPLY" = "$1" ]; }
dialled() { ask fxo dialled && [ "$REPLY" = "$1" ]; }
check "fxo: is a line" within 5000 line_says fxo '"state":"idle"'
check "fxo: its relay is at rest" drawn 0
ask fxo "other 1"
check "fxo: another phone is noticed" within 2000 line_says fxo '"state":"in use"'
ask fxo "other 0"
check "fxo: and that it has gone" within 2000 line_says fxo '"state":"idle"'
ask fxo "ring 1000"
check "fxo: a call is answered" within 8000 drawn 1
note "       $took ms"
check "fxo: its call is ended" partyline line fxo hangup
check "fxo: the relay lets go" within 2000 drawn 0
check "fxo: is idle again" within 4000 line_says fxo '"state":"idle"'
ask silver "hook 1"
ask silver "wait 400"
ask silver "key 112"
check "fxo: silver's emergency is dialled by it, in pulses" within 20000 dialled 112
note "       $took ms"
ask silver "hook 0"
check "fxo: and lets go when silver has hung up" within 4000 drawn 0

# ---- a modem
gadget=/sys/kernel/config/usb_gadget/modem
mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
mkdir -p $gadget/{strings/0x409,configs/c.1,functions/acm.0}
echo 0x0572 >$gadget/idVendor
echo 0x1329 >$gadget/idProduct
echo "USB Modem" >$gadget/strings/0x409/product
ln -s $gadget/functions/acm.0 $gadget/configs/c.1/
emulator modem ./modem /dev/ttyGS0
gadget_plug() { echo "$1" >$gadget/UDC; }
gadget_plug dummy_udc.0
check "modem: the kernel's driver makes a serial line of it" within 3000 test -c /dev/ttyACM0
check "modem: is the line of the settings" within 5000 line_says modem '"state":"idle"'
udevadm settle --timeout 5
check "modem: ModemManager keeps away from it" test "$(udevadm info -q property -n /dev/ttyACM0 | grep -c '^ID_MM_\(DEVICE\|PORT\)_IGNORE=1')" = 2
check "modem: its node is the group's" equal "$(stat -c '%G %a' /dev/ttyACM0)" "partyline 660"
seized() { ask modem hook && [ "$REPLY" = "$1" ]; }
ask modem "ring 0301234567"
check "modem: a call is answered" within 6000 seized 1
ask modem "wait 700"
ask modem "dtmf 111#"
check "modem: the caller dials room 111" until_members 2
ask modem "level 1000 400"
check "modem: hears the room ($REPLY dBm0)" above "$REPLY" -25
check "modem: the room knows who calls" test "$(partyline --json room 111 | grep -c 0301234567)" -ge 1
ask modem busy
check "modem: busy tone lets the line go" within 4000 seized 0
note "       $took ms"
check "modem: and the caller is not in the room any more" until_members 1
check "modem: is idle again" within 4000 line_says modem '"state":"idle"'
ask modem "ring 0301234567"
check "modem: is called once more" within 6000 seized 1
gadget_plug ""
ask modem reset
check "modem: pulled out in the call, its line is known as gone" within 3000 line_says modem '"state":"gone"'
gadget_plug dummy_udc.0
check "modem: plugged in again it is the same line" within 6000 line_says modem '"state":"idle"'

# ---- the bells
leaves jack 0
ask jack quiet
rings silver 22 lamps 043d200130000000 043d200100000000
rings yealink 23 lamps 0324 0300
rings box 41 told 1 0
rings stick 42 told 0000010100 0000000100
ask silver "hook 1"
ask silver "wait 400"
ask silver "key 21#"
check "jack: is told to ring" within 3000 tells jack lamps 2000000101030000
ask silver "hook 0"
check "jack: and not any more when the caller has hung up" within 3000 tells jack lamps 2000000101000000

check "the daemon is alive" kill -0 "$daemon"
kill "$daemon"
wait "$daemon"
check "and ends when told" equal "$?" 0
finish
