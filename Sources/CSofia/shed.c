/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flood stands in the kernel's queue before a telephone's message does, and the library takes it off one by one, each with a
 * wait, a buffer and a message of its own. Whom nobody listens to is thrown away here instead: two system calls a datagram and
 * a look at its source, so that the queue is short again before what matters is dropped at its end.
 *
 *     library reads one --> screen, transactions --> this: [flood][flood][flood] thrown away, stops at [telephone] --> library
 */
#include "internal.h"

#include <netinet/in.h>
#include <sys/socket.h>

/* Datagrams at a time: some tenths of a millisecond, then the timers have their turn. */
enum { most_at_once = 256, queue_bytes = 4 << 20 };

size_t csofia_source(const struct sockaddr *address, const uint8_t **bytes) {
    if (address->sa_family == AF_INET) {
        *bytes = (const uint8_t *)&((const struct sockaddr_in *)address)->sin_addr;
        return 4;
    }
    if (address->sa_family == AF_INET6) {
        *bytes = ((const struct sockaddr_in6 *)address)->sin6_addr.s6_addr;
        return 16;
    }
    return 0;
}

void csofia_shed_queue(csofia_stack *stack, int fd) {
    if (!stack->shed) return;
    for (int i = 0; i < most_at_once; i++) {
        struct sockaddr_storage from;
        const uint8_t *source = NULL;
        char first;
        struct iovec piece = {.iov_base = &first, .iov_len = sizeof first};
        struct msghdr header = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &piece, .msg_iovlen = 1};
        if (recvmsg(fd, &header, MSG_PEEK | MSG_DONTWAIT) < 0 || header.msg_namelen == 0) return;
        size_t length = csofia_source((const struct sockaddr *)&from, &source);
        if (length == 0 || !stack->shed(stack->context, source, length)) return;
        /* This thread alone reads from it: it is the same one. */
        (void)recv(fd, &first, sizeof first, MSG_DONTWAIT);
    }
}

void csofia_widen(int fd) {
    int bytes = queue_bytes;
    /* Past the system's limit (net.core.rmem_max) where that is permitted: to root, not to the service unit's user. */
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}
