// SPDX-License-Identifier: Apache-2.0
#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define MOST_AT_ONCE 16

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static int is_ipv4(const struct partyline_address *address)
{
    return memcmp(address->bytes, mapped_prefix, sizeof mapped_prefix) == 0;
}

static socklen_t to_socket_address(const struct partyline_address *address, struct sockaddr_storage *storage)
{
    if (is_ipv4(address)) {
        struct sockaddr_in *in = (struct sockaddr_in *)storage;
        memset(in, 0, sizeof *in);
        in->sin_family = AF_INET;
        in->sin_port = htons(address->port);
        memcpy(&in->sin_addr, address->bytes + 12, 4);
        return sizeof *in;
    }
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)storage;
    memset(in6, 0, sizeof *in6);
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(address->port);
    in6->sin6_scope_id = address->scope;
    memcpy(&in6->sin6_addr, address->bytes, 16);
    return sizeof *in6;
}

static void from_socket_address(const struct sockaddr_storage *storage, struct partyline_address *address)
{
    memset(address, 0, sizeof *address);
    if (storage->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)storage;
        memcpy(address->bytes, mapped_prefix, sizeof mapped_prefix);
        memcpy(address->bytes + 12, &in->sin_addr, 4);
        address->port = ntohs(in->sin_port);
    } else if (storage->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)storage;
        memcpy(address->bytes, &in6->sin6_addr, 16);
        address->port = ntohs(in6->sin6_port);
        if (IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr))
            address->scope = in6->sin6_scope_id;
    }
}

int partyline_udp_open(const struct partyline_address *local, int dscp, int buffer_bytes)
{
    struct sockaddr_storage storage;
    socklen_t length = to_socket_address(local, &storage);
    int fd = socket(storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    int on = 1, tos = dscp << 2;
    /* Marks and buffer sizes are wishes: media flows without them. */
    if (storage.ss_family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
        setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof tos);
    } else {
        setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof tos);
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&storage, length) != 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

int partyline_udp_bind_peer(int fd, const struct partyline_address *peer)
{
    struct sockaddr_storage storage = {.ss_family = AF_UNSPEC};
    socklen_t length = peer != NULL ? to_socket_address(peer, &storage) : sizeof storage;
    return connect(fd, (struct sockaddr *)&storage, length) == 0 ? 0 : -errno;
}

int partyline_udp_receive(int fd, struct partyline_incoming *packets, int capacity)
{
    struct mmsghdr headers[MOST_AT_ONCE];
    struct iovec vectors[MOST_AT_ONCE];
    struct sockaddr_storage sources[MOST_AT_ONCE];
    union {
        char bytes[CMSG_SPACE(sizeof(struct timespec)) + 32];
        struct cmsghdr align;
    } control[MOST_AT_ONCE];

    if (capacity > MOST_AT_ONCE)
        capacity = MOST_AT_ONCE;
    for (int i = 0; i < capacity; i++) {
        vectors[i].iov_base = packets[i].bytes;
        vectors[i].iov_len = packets[i].capacity;
        memset(&headers[i], 0, sizeof headers[i]);
        headers[i].msg_hdr.msg_iov = &vectors[i];
        headers[i].msg_hdr.msg_iovlen = 1;
        headers[i].msg_hdr.msg_name = &sources[i];
        headers[i].msg_hdr.msg_namelen = sizeof sources[i];
        headers[i].msg_hdr.msg_control = control[i].bytes;
        headers[i].msg_hdr.msg_controllen = sizeof control[i].bytes;
    }
    int count = recvmmsg(fd, headers, (unsigned)capacity, MSG_DONTWAIT, NULL);
    /* What comes back from a bound peer that is gone (ICMP) is said once, before the packets that wait. */
    if (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
        count = recvmmsg(fd, headers, (unsigned)capacity, MSG_DONTWAIT, NULL);
    if (count <= 0)
        return 0;
    for (int i = 0; i < count; i++) {
        struct msghdr *header = &headers[i].msg_hdr;
        packets[i].count = header->msg_flags & MSG_TRUNC ? 0 : headers[i].msg_len;
        packets[i].arrival_ns = 0;
        sources[i].ss_family = header->msg_namelen >= sizeof(sa_family_t) ? sources[i].ss_family : AF_UNSPEC;
        from_socket_address(&sources[i], &packets[i].from);
        for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
            if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
                struct timespec time;
                memcpy(&time, CMSG_DATA(c), sizeof time);
                packets[i].arrival_ns = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
            }
        }
    }
    return count;
}

int partyline_udp_send(const struct partyline_outgoing *packets, int count, const uint8_t *bytes)
{
    int taken = 0;
    for (int i = 0; i < count; i++) {
        struct sockaddr_storage storage;
        socklen_t length = packets[i].is_bound ? 0 : to_socket_address(&packets[i].to, &storage);
        struct sockaddr *to = packets[i].is_bound ? NULL : (struct sockaddr *)&storage;
        const int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
        ssize_t sent = sendto(packets[i].fd, bytes + packets[i].offset, packets[i].count, flags, to, length);
        /* The socket was opened after the packet was written. */
        if (sent < 0 && errno == EDESTADDRREQ) {
            length = to_socket_address(&packets[i].to, &storage);
            to = (struct sockaddr *)&storage;
            sent = sendto(packets[i].fd, bytes + packets[i].offset, packets[i].count, flags, to, length);
        }
        /* The error was of an earlier packet (ICMP), and is forgotten now. */
        if (sent < 0 && errno == ECONNREFUSED)
            sent = sendto(packets[i].fd, bytes + packets[i].offset, packets[i].count, flags, to, length);
        taken += sent >= 0;
    }
    return taken;
}

int64_t partyline_wall_offset(void)
{
    struct timespec wall, steady;
    clock_gettime(CLOCK_REALTIME, &wall);
    clock_gettime(CLOCK_MONOTONIC, &steady);
    return ((int64_t)wall.tv_sec - steady.tv_sec) * 1000000000 + (wall.tv_nsec - steady.tv_nsec);
}

int partyline_parse_address(const char *text, struct partyline_address *address)
{
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, text, address->bytes + 12) == 1) {
        memcpy(address->bytes, mapped_prefix, sizeof mapped_prefix);
        return 1;
    }
    return inet_pton(AF_INET6, text, address->bytes) == 1;
}

void partyline_format_address(const struct partyline_address *address, char *text)
{
    if (is_ipv4(address))
        inet_ntop(AF_INET, address->bytes + 12, text, 64);
    else
        inet_ntop(AF_INET6, address->bytes, text, 64);
}

int partyline_local_address(const struct partyline_address *remote, struct partyline_address *local)
{
    struct sockaddr_storage storage;
    socklen_t length = to_socket_address(remote, &storage);
    int fd = socket(storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    int result = 0;
    /* Connecting a UDP socket sends nothing; the kernel only looks up the way. */
    if (connect(fd, (struct sockaddr *)&storage, length) != 0) {
        result = -errno;
    } else {
        length = sizeof storage;
        if (getsockname(fd, (struct sockaddr *)&storage, &length) != 0)
            result = -errno;
        else
            from_socket_address(&storage, local);
    }
    close(fd);
    return result;
}
