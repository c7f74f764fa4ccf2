#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# First process of the lab's machine: sees the host's files read-only beneath a file system in memory, and goes there.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do insmod "/lib/$module"; done </order
mount -t tmpfs -o mode=755 tmpfs /rw
mkdir -p /rw/upper /rw/work
nine=trans=virtio,version=9p2000.L,msize=512000
mount -t 9p -o "$nine,ro,cache=loose" hostroot /ro
mount -t overlay -o lowerdir=/ro,upperdir=/rw/upper,workdir=/rw/work overlay /new
mkdir -p /new/lib/modules
mount -t 9p -o "$nine,ro,cache=loose" modules /new/lib/modules
mount --move /proc /new/proc
mount --move /sys /new/sys
mount --move /dev /new/dev
mount -t tmpfs tmpfs /new/run
mount -t tmpfs tmpfs /new/tmp
mkdir -p /new/tmp/share /new/tmp/udev /new/tmp/build
mount -t 9p -o "$nine,rw" share /new/tmp/share
mount -t 9p -o "$nine,ro,cache=loose" udev /new/tmp/udev
mount -t 9p -o "$nine,ro,cache=loose" build /new/tmp/build
exec switch_root /new /bin/bash /tmp/share/inside.sh
