/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who and what is turned away before the library reads a byte: its parser is lenient, and a transaction costs about 10 kB for
 * 32 seconds, so that a flood of requests would cost gigabytes.
 *
 * The library's own calls of three functions (and of accept: doors.c) go through dynamic symbols, and the program's definitions come first (as in
 * names.c): tport_send_msg, where what is sent is shown to the trace; msg_extract (the parser), where the bytes of a message are shown to the screen; tport_deliver (from the transport
 * to the transactions), where what was refused is answered and freed.
 */
#include "internal.h"

#include <dirent.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sofia-sip/msg.h>
#include <sofia-sip/msg_buffer.h>
#include <sofia-sip/tport.h>

enum { longest_reply = 16384, longest_head = 32768, most_sockets = 32 };

/* The stack of the running thread: the parser's functions get no context. */
static _Thread_local csofia_stack *running;
/* The message that the screen has just refused: the transport delivers it at once, when msg_extract returns. */
static _Thread_local struct {
    msg_t *message;
    csofia_verdict verdict;
    size_t length;
    uint16_t port;
    char bytes[longest_reply];
} judged;

void csofia_enter(csofia_stack *stack) { running = stack; }
csofia_stack *csofia_running(void) { return running; }

static void *original(const char *name) { return dlsym(RTLD_NEXT, name); }

static size_t source_of(msg_t *message, const uint8_t **bytes, uint16_t *port) {
    su_addrinfo_t *info = msg_addrinfo(message);
    if (!info || !info->ai_addr || info->ai_addrlen == 0) return 0;
    *port = ntohs(((su_sockaddr_t const *)info->ai_addr)->su_port);
    return csofia_source(info->ai_addr, bytes);
}

/* Bytes up to the blank line and with it; 0: it is not there yet. */
static size_t head_length(const char *bytes, size_t count) {
    for (size_t i = 0; i + 1 < count; i++) {
        if (bytes[i] != '\n') continue;
        if (bytes[i + 1] == '\n') return i + 2;
        if (i + 2 < count && bytes[i + 1] == '\r' && bytes[i + 2] == '\n') return i + 3;
    }
    return 0;
}

/* What is to become of a message whose parsing has not begun. */
static csofia_verdict judge(msg_t *message, bool stream, char *bytes, size_t count, size_t available) {
    const uint8_t *source = NULL;
    uint16_t port = 0;
    size_t length = source_of(message, &source, &port);
    if (length == 0) return csofia_pass;
    csofia_raw raw = {.bytes = (const uint8_t *)bytes, .count = count, .available = available, .source = source,
                      .source_length = length, .source_port = port, .is_stream = stream};
    csofia_reply reply = {.bytes = (uint8_t *)judged.bytes, .capacity = sizeof judged.bytes, .port = port};
    csofia_verdict verdict = running->screen(running->context, &raw, &reply);
    if (verdict == csofia_pass && !stream && reply.transport_length >= 3
        && reply.transport + reply.transport_length <= count) {
        memset(bytes + reply.transport, ' ', reply.transport_length);
        memcpy(bytes + reply.transport, "UDP", 3);
    }
    judged.message = verdict == csofia_pass ? NULL : message;
    judged.verdict = verdict;
    judged.length = verdict == csofia_refuse && reply.count <= sizeof judged.bytes ? reply.count : 0;
    judged.port = reply.port;
    return verdict;
}

int msg_extract(msg_t *message) {
    static int (*library)(msg_t *);
    if (!library) library = original("msg_extract");
    sip_t *sip = running && running->screen ? sip_object(message) : NULL;
    judged.message = NULL;
    if (!sip || sip->sip_request || sip->sip_status) return library(message);
    char *bytes = msg_buf_committed_data(message);
    size_t count = msg_buf_committed(message);
    su_addrinfo_t *info = msg_addrinfo(message);
    if (!bytes || !info) return library(message);
    size_t start = 0;
    while (start < count && (bytes[start] == '\r' || bytes[start] == '\n')) start++;
    /* Keep-alives. */
    if (start == count) return library(message);
    if (info->ai_socktype != SOCK_STREAM) {
        if (judge(message, false, bytes, count, count) == csofia_pass) return library(message);
        /* Nothing of it is parsed: the transport delivers an empty message. */
        return -1;
    }
    size_t head = head_length(bytes + start, count - start);
    if (head == 0) {
        if (count - start < longest_head && !(sip->sip_flags & MSG_FLG_COMPLETE)) return 0;
        /* A head without an end. */
        judged.message = message;
        judged.verdict = csofia_drop;
        judged.length = 0;
        sip->sip_flags |= MSG_FLG_ERROR;
        return -1;
    }
    csofia_verdict verdict = judge(message, true, bytes + start, head, count - start);
    if (verdict == csofia_pass) return library(message);
    if (verdict == csofia_refuse) {
        /* The library's parser finds the end of the message. If that has not come yet, the connection goes. */
        int length = library(message);
        if (length != 0) return length;
    }
    sip->sip_flags |= MSG_FLG_ERROR;
    return -1;
}

/* The socket of a UDP transport, found once by its address. */
static int socket_of(tport_t *transport) {
    static _Thread_local struct {
        tport_t *transport;
        int fd;
    } known[most_sockets];
    static _Thread_local int count;
    for (int i = 0; i < count; i++)
        if (known[i].transport == transport) return known[i].fd;
    su_addrinfo_t const *wanted = tport_get_address(transport);
    if (!wanted || !wanted->ai_addr) return -1;
    int found = -1;
    DIR *folder = opendir("/proc/self/fd");
    for (struct dirent *entry; folder && found < 0 && (entry = readdir(folder));) {
        int fd = atoi(entry->d_name), type = 0;
        socklen_t length = sizeof type;
        struct sockaddr_storage name;
        if (fd <= 0 || getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_DGRAM) continue;
        length = sizeof name;
        if (getsockname(fd, (struct sockaddr *)&name, &length) != 0 || name.ss_family != wanted->ai_addr->sa_family) continue;
        if (name.ss_family == AF_INET) {
            struct sockaddr_in const *a = (void *)&name, *b = (void *)wanted->ai_addr;
            if (a->sin_port == b->sin_port && a->sin_addr.s_addr == b->sin_addr.s_addr) found = fd;
        } else if (name.ss_family == AF_INET6) {
            struct sockaddr_in6 const *a = (void *)&name, *b = (void *)wanted->ai_addr;
            if (a->sin6_port == b->sin6_port && memcmp(&a->sin6_addr, &b->sin6_addr, 16) == 0) found = fd;
        }
    }
    if (folder) closedir(folder);
    if (found >= 0) csofia_widen(found);
    /* One that is not found is not looked for again at every datagram, unless nobody could look. */
    if (folder && count < most_sockets) {
        known[count].transport = transport;
        known[count++].fd = found;
    }
    return found;
}

static void answer(tport_t *transport, msg_t *message) {
    if (tport_is_dgram(transport)) {
        int fd = socket_of(transport);
        su_addrinfo_t *info = msg_addrinfo(message);
        su_sockaddr_t to;
        if (fd < 0 || !info || info->ai_addrlen > sizeof to) return;
        memcpy(&to, info->ai_addr, info->ai_addrlen);
        to.su_port = htons(judged.port);
        (void)sendto(fd, judged.bytes, judged.length, MSG_DONTWAIT | MSG_NOSIGNAL, &to.su_sa, info->ai_addrlen);
        return;
    }
    msg_t *reply = msg_make(sip_default_mclass(), 0, judged.bytes, (ssize_t)judged.length);
    if (!reply) return;
    tport_tsend(transport, reply, tport_name(transport), TAG_END());
    msg_destroy(reply);
}

void tport_deliver(tport_t *transport, msg_t *message, msg_t *next, tport_compressor_t *compressor, su_time_t now) {
    static void (*library)(tport_t *, msg_t *, msg_t *, tport_compressor_t *, su_time_t);
    if (!library) library = original("tport_deliver");
    csofia_stack *stack = running;
    int fd = stack && tport_is_dgram(transport) ? socket_of(transport) : -1;
    if (!stack || !judged.message || judged.message != message) {
        library(transport, message, next, compressor, now);
    } else {
        judged.message = NULL;
        if (judged.verdict == csofia_refuse && judged.length > 0) answer(transport, message);
        msg_destroy(message);
    }
    /* What stands behind it. */
    if (fd >= 0) csofia_shed_queue(stack, fd);
}

void csofia_tell_sent(csofia_stack *stack, csofia_sent sent) { stack->sent = sent; }
void csofia_shed_by(csofia_stack *stack, csofia_shed shed) { stack->shed = shed; }

/* The library's last function before the socket. */
ssize_t tport_send_msg(tport_t *transport, msg_t *message, tp_name_t const *name, void *compartment) {
    static ssize_t (*library)(tport_t *, msg_t *, tp_name_t const *, void *);
    if (!library) library = original("tport_send_msg");
    if (running && running->sent && name && name->tpn_host && name->tpn_port && name->tpn_proto) {
        enum { most_pieces = 64 };
        msg_iovec_t pieces[most_pieces];
        isize_t used = msg_iovec(message, pieces, most_pieces);
        char *copy = malloc(65536), host[64];
        size_t count = 0;
        for (isize_t i = 0; copy && i < used && i < most_pieces; i++) {
            if (pieces[i].mv_len > 65536 - count) break;
            memcpy(copy + count, pieces[i].mv_base, pieces[i].mv_len);
            count += pieces[i].mv_len;
        }
        /* IPv6 hosts stand in brackets. */
        snprintf(host, sizeof host, "%s", name->tpn_host + (name->tpn_host[0] == '['));
        host[strcspn(host, "]%")] = 0;
        if (copy && count > 0)
            running->sent(running->context, (const uint8_t *)copy, count, host, (uint16_t)atoi(name->tpn_port), name->tpn_proto);
        free(copy);
    }
    return library(transport, message, name, compartment);
}

bool csofia_screens(void) {
    return dlsym(RTLD_DEFAULT, "msg_extract") == (void *)msg_extract
        && dlsym(RTLD_DEFAULT, "tport_deliver") == (void *)tport_deliver
        && csofia_has_doors();
}
