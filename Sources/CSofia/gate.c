/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is turned away before the library makes a transaction of a request: a transaction costs about 10 kB for 32 seconds,
 * so that a flood of requests would cost gigabytes. The parser's class is ours (msg_mclass_clone is made for that): when the
 * headers of a request are complete, the gate is asked; a request that it refuses counts as broken and gets a 400 of which
 * nothing is kept.
 */
#include "internal.h"

#include <netdb.h>

/* The stack of the running thread: the parser's functions get no context. */
static _Thread_local csofia_stack *running;
static msg_mclass_t *guarded;
static issize_t (*library_extract)(msg_t *, msg_pub_t *, char *, isize_t, int);

void csofia_enter(csofia_stack *stack) { running = stack; }

static bool refused(msg_t *message, sip_t *sip) {
    if (!running || !running->gate || !sip->sip_request) return false;
    sip_method_t method = sip->sip_request->rq_method;
    if (method == sip_method_ack || method == sip_method_cancel) return false;
    su_addrinfo_t *info = msg_addrinfo(message);
    char source[64];
    if (!info || !info->ai_addr || info->ai_addrlen == 0) return false;
    if (getnameinfo(info->ai_addr, info->ai_addrlen, source, sizeof source, NULL, 0, NI_NUMERICHOST) != 0) return false;
    return !running->gate(running->context, source);
}

static issize_t extract(msg_t *message, msg_pub_t *public, char *bytes, isize_t count, int end) {
    sip_t *sip = (sip_t *)public;
    /* Where requests are sent again (challenges), the library follows 302 and 305 by itself, past the fence. 301 it leaves
       to us. */
    if (sip->sip_status && (sip->sip_status->st_status == 302 || sip->sip_status->st_status == 305))
        sip->sip_status->st_status = 301;
    /* Nor does it wait and send again by itself: the header stays among those that the program reads. */
    if (sip->sip_status) sip->sip_retry_after = NULL;
    if (!(sip->sip_flags & (MSG_FLG_BODY | MSG_FLG_ERROR)) && refused(message, sip)) sip->sip_flags |= MSG_FLG_ERROR;
    return library_extract(message, public, bytes, count, end);
}

const void *csofia_guarded_parser(void) {
    if (!guarded) {
        msg_mclass_t const *library = sip_default_mclass();
        msg_mclass_t *copy = msg_mclass_clone(library, 0, 0);
        if (!copy) return NULL;
        library_extract = library->mc_extract_body;
        copy->mc_extract_body = extract;
        guarded = copy;
    }
    return guarded;
}
