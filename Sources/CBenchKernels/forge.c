/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams whose source differs from one to the next (ip(7): IP_PKTINFO chooses the source of what is sent). */
#include "CBenchKernels.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One target for the process: whoever attacks attacks one exchange. */
static struct sockaddr_in target;

int partyline_bench_forger(const char *host, uint16_t port) {
    target = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, host, &target.sin_addr) != 1) {
        errno = EINVAL;
        return -1;
    }
    return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

void partyline_bench_send_from(int socket, uint32_t source, const uint8_t *bytes, size_t count) {
    union {
        char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
        struct cmsghdr header;
    } control;
    memset(&control, 0, sizeof control);
    struct iovec piece = {(void *)bytes, count};
    struct msghdr message = {.msg_name = &target, .msg_namelen = sizeof target, .msg_iov = &piece, .msg_iovlen = 1,
                             .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = IPPROTO_IP;
    header->cmsg_type = IP_PKTINFO;
    header->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
    struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl(source)};
    memcpy(CMSG_DATA(header), &info, sizeof info);
    sendmsg(socket, &message, MSG_DONTWAIT);
}
