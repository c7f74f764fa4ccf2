// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

/* UDP for media: many small packets, arrival times taken by the kernel. */

/* Sixteen bytes in network order, IPv4 as ::ffff:a.b.c.d; port and scope in host order. */
struct partyline_address {
    uint8_t bytes[16];
    uint32_t scope;
    uint16_t port;
    uint16_t reserved;
};

struct partyline_incoming {
    uint8_t *bytes;
    uint32_t capacity;
    /* 0 when the packet was longer than the buffer. */
    uint32_t count;
    struct partyline_address from;
    /* CLOCK_REALTIME when the kernel got it, 0 unknown. */
    int64_t arrival_ns;
};

struct partyline_outgoing {
    struct partyline_address to;
    uint32_t offset;
    uint32_t count;
    int fd;
    /* The socket is tied to `to`. */
    int is_bound;
};

/* A bound, non-blocking, close-on-exec UDP socket with receive time stamps, DSCP and buffer sizes set.
   The descriptor, or -errno. The family is that of the address. */
int partyline_udp_open(const struct partyline_address *local, int dscp, int buffer_bytes);

/* Ties a socket to one peer: it sends there and takes nothing from elsewhere. NULL: open to all again, on the same port.
   0, or -errno. Does not wait. */
int partyline_udp_bind_peer(int fd, const struct partyline_address *peer);

/* Takes what is there, at most `capacity` (16 at the most) packets. Number of them; 0 nothing there or an error. */
int partyline_udp_receive(int fd, struct partyline_incoming *packets, int capacity);

/* Sends each packet (bytes + offset, count) to its address through its socket. Number of those that the kernel took. */
int partyline_udp_send(const struct partyline_outgoing *packets, int count, const uint8_t *bytes);

/* CLOCK_REALTIME - CLOCK_MONOTONIC in nanoseconds. */
int64_t partyline_wall_offset(void);

/* A literal IPv4 or IPv6 address; no names. 0 when it is none. */
int partyline_parse_address(const char *text, struct partyline_address *address);
/* The address in its usual spelling; `text` has room for 64 characters. */
void partyline_format_address(const struct partyline_address *address, char *text);

/* The local address from which the kernel would send to `remote`. 0, or -errno (no way there). */
int partyline_local_address(const struct partyline_address *remote, struct partyline_address *local);
