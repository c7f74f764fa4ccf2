#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Within the lab's machine: udev with the project's own rules, the drivers, then the job; switches the machine off. A job that
# wants it ("# init: systemd") has this machine's systemd as first process, with the project's unit as it is shipped.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C
# The state of the host's shells does not belong here.
unset ALSA_CONFIG_PATH
mkdir -p /dev/shm /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t devpts devpts /dev/pts
ip link set lo up 2>/dev/null || /bin/busybox ifconfig lo 127.0.0.1 up
. /tmp/share/where
if [ "$INIT" = systemd ]; then
    cp /tmp/share/systemd/partyline.sysusers /usr/lib/sysusers.d/partyline.conf
    systemd-sysusers partyline.conf
fi
getent group partyline >/dev/null || echo 'partyline:x:990:' >>/etc/group
# The directories may be links to /usr: what is copied follows them.
mkdir -p /lib/udev/rules.d
cp -r /tmp/udev/lib/udev/rules.d/. /lib/udev/rules.d/
for helper in /tmp/udev/lib/udev/*_id; do cp "$helper" /lib/udev/; done
# One program under two names.
cp /tmp/udev/bin/udevadm /run/systemd-udevd
cp /tmp/udev/bin/udevadm /usr/bin/udevadm
mkdir -p /run/udev/rules.d
cp /tmp/share/70-partyline.rules /run/udev/rules.d/
/run/systemd-udevd --daemon 2>/tmp/share/udevd.log
modprobe -a vhci-hcd snd-usb-audio usbhid hid-generic hid-jabra evdev cm109
if [ "$INIT" = systemd ]; then
    # The exchange is installed as its unit expects it; of this machine's own services none is started.
    for program in partylined partyline partyline-scenarios partyline-decode; do
        : >"/usr/bin/$program"
        mount --bind "$BIN/$program" "/usr/bin/$program"
    done
    mkdir -p /etc/partyline
    cp -r /tmp/share/etc/. /etc/partyline/
    rm -rf /etc/systemd/system/*.wants /etc/systemd/system/*.requires
    for unit in systemd-hwdb-update systemd-binfmt systemd-random-seed systemd-pstore systemd-update-utmp \
        systemd-firstboot systemd-boot-system-token systemd-tmpfiles-setup systemd-tmpfiles-setup-dev systemd-journal-flush ldconfig systemd-journal-catalog-update; do
        ln -sf /dev/null "/etc/systemd/system/$unit.service"
    done
    : >/etc/fstab
    cp /tmp/share/systemd/partyline.service /usr/lib/systemd/system/
    cat >/etc/systemd/system/lab.target <<'T'
[Unit]
Requires=basic.target
Wants=lab.service
After=basic.target
T
    cat >/etc/systemd/system/lab.service <<'T'
[Unit]
After=basic.target
[Service]
Type=oneshot
TimeoutStartSec=infinity
StandardOutput=tty
TTYPath=/dev/console
ExecStart=/bin/bash /tmp/share/job.sh
ExecStopPost=/bin/bash /tmp/share/off.sh
T
    exec /lib/systemd/systemd --unit=lab.target --show-status=no --log-target=journal-or-kmsg
fi
bash /tmp/share/job.sh
. /tmp/share/off.sh
