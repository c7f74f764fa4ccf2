/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections that come in: the program says which are taken, learns which have ended and ends some. The library's calls of
 * accept go through a dynamic symbol, and the program's definition comes first (as in names.c).
 *
 *     accept --> sweep (who has gone?) --> csofia_door --> the library
 *     csofia_end_connection --> shutdown --> the library sees the end of the stream and closes it
 */
#include "internal.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { most_connections = 512, longest_address = 16 };

/* The other end, IPv4 in 4 bytes wherever it came from. */
typedef struct peer {
    uint8_t bytes[longest_address];
    size_t length;
    uint16_t port;
} peer;

static _Thread_local struct {
    int fd;
    peer peer;
} connections[most_connections];
static _Thread_local int connection_count;

/* False: of another family. */
static bool read_peer(const struct sockaddr_storage *address, peer *out) {
    const uint8_t *bytes = NULL;
    memset(out, 0, sizeof *out);
    out->length = csofia_source((const struct sockaddr *)address, &bytes);
    if (out->length == 0) return false;
    if (address->ss_family == AF_INET6) {
        struct sockaddr_in6 const *six = (const void *)address;
        out->port = ntohs(six->sin6_port);
        if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) bytes += 12, out->length = 4;
    } else {
        out->port = ntohs(((const struct sockaddr_in *)address)->sin_port);
    }
    memcpy(out->bytes, bytes, out->length);
    return true;
}

static bool same_peer(const peer *a, const peer *b) {
    return a->port == b->port && a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

/* Whether that descriptor is a connection with that end now. */
static bool is_connected(int fd, const peer *wanted) {
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    peer found;
    return getpeername(fd, (struct sockaddr *)&name, &length) == 0 && read_peer(&name, &found) && same_peer(&found, wanted);
}

/* Forgets what has been closed since. */
static void sweep(csofia_stack *stack) {
    int kept = 0;
    for (int i = 0; i < connection_count; i++) {
        peer *end = &connections[i].peer;
        if (is_connected(connections[i].fd, end)) connections[kept++] = connections[i];
        else if (stack->gone) stack->gone(stack->context, end->bytes, end->length, end->port);
    }
    connection_count = kept;
}

int csofia_accept(int fd, struct sockaddr *address, socklen_t *length) __asm__("accept");

int csofia_accept(int fd, struct sockaddr *address, socklen_t *length) {
    static int (*library)(int, struct sockaddr *, socklen_t *);
    if (!library) *(void **)&library = dlsym(RTLD_NEXT, "accept");
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    peer end;
    int taken = library(fd, (struct sockaddr *)&name, &size);
    if (taken < 0) return taken;
    csofia_stack *stack = csofia_running();
    if (stack && stack->door && read_peer(&name, &end)) {
        sweep(stack);
        if (connection_count == most_connections || !stack->door(stack->context, end.bytes, end.length, end.port)) {
            close(taken);
            errno = ECONNABORTED;
            return -1;
        }
        connections[connection_count].fd = taken;
        connections[connection_count++].peer = end;
    }
    if (address && length) {
        memcpy(address, &name, *length < size ? *length : size);
        *length = size;
    }
    return taken;
}

void csofia_sweep_connections(csofia_stack *stack) {
    if (stack) sweep(stack);
}

void csofia_tell_gone(csofia_stack *stack, csofia_gone gone) { stack->gone = gone; }

void csofia_end_connection(const uint8_t *source, size_t length, uint16_t source_port) {
    peer wanted = {.length = length, .port = source_port};
    if (!source || length > sizeof wanted.bytes) return;
    memcpy(wanted.bytes, source, length);
    for (int i = 0; i < connection_count; i++)
        if (same_peer(&connections[i].peer, &wanted) && is_connected(connections[i].fd, &wanted))
            shutdown(connections[i].fd, SHUT_RDWR);
}

void csofia_end_connections_to(const char *address, uint16_t port) {
    peer wanted = {.port = port, .length = strchr(address, ':') ? 16 : 4};
    if (inet_pton(wanted.length == 4 ? AF_INET : AF_INET6, address, wanted.bytes) != 1) return;
    DIR *folder = opendir("/proc/self/fd");
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        int fd = atoi(entry->d_name), type = 0;
        socklen_t length = sizeof type;
        if (fd <= 0 || getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_STREAM) continue;
        if (is_connected(fd, &wanted)) shutdown(fd, SHUT_RDWR);
    }
    if (folder) closedir(folder);
}

bool csofia_has_doors(void) { return dlsym(RTLD_DEFAULT, "accept") == (void *)csofia_accept; }
