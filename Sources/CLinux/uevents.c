// SPDX-License-Identifier: Apache-2.0
//
// What came is only a reason to look at sysfs: nothing of a message's content is believed, so it does not matter who sent it.
#include "devices.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* 1: the kernel's own; 2: udev's, which come when the device's node has its rights. */
#define GROUPS 3

int partyline_uevents(void) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
    if (fd < 0) return -errno;
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = GROUPS};
    int size = 1 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    int error = errno;
    close(fd);
    return -error;
}

/* "SUBSYSTEM=sound" and its like, anywhere among the strings of a message. */
static int concerns_telephones(const char *message, size_t length) {
    static const char *const known[] = {"sound", "hidraw", "input", "tty", "usb", "gpio"};
    static const char key[] = "SUBSYSTEM=";
    for (size_t at = 0; at < length;) {
        size_t part = strnlen(message + at, length - at);
        if (part > sizeof key - 1 && memcmp(message + at, key, sizeof key - 1) == 0) {
            size_t word = part - (sizeof key - 1);
            for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
                if (strlen(known[i]) == word && memcmp(message + at + sizeof key - 1, known[i], word) == 0) return 1;
        }
        at += part + 1;
    }
    return 0;
}

int partyline_uevents_drain(int fd) {
    char message[8192];
    int concerns = 0;
    /* Bounded: under a flood the rest comes with the next turn. */
    for (int i = 0; i < 512; i++) {
        ssize_t got = recv(fd, message, sizeof message, 0);
        if (got < 0 && errno == ENOBUFS) {
            concerns = 1;
            continue;
        }
        if (got <= 0) break;
        concerns |= concerns_telephones(message, (size_t)got);
    }
    return concerns;
}
