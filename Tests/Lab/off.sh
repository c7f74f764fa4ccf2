#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The end of the lab's machine.
dmesg >/tmp/share/dmesg.log
[ -d /run/systemd/system ] && journalctl --no-pager --boot >/tmp/share/journal.log 2>&1
sync
echo o >/proc/sysrq-trigger
sleep 5
