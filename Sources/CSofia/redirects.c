/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where requests are sent again (challenges), the library follows 302 and 305 by itself, past the fence. 301 it leaves to us.
 * The parser's class is ours (msg_mclass_clone is made for that): such an answer becomes a 301 as soon as its headers are
 * complete.
 */
#include "internal.h"

static msg_mclass_t *parser;
static issize_t (*library_extract)(msg_t *, msg_pub_t *, char *, isize_t, int);

static issize_t extract(msg_t *message, msg_pub_t *public, char *bytes, isize_t count, int end) {
    sip_t *sip = (sip_t *)public;
    if (sip->sip_status && (sip->sip_status->st_status == 302 || sip->sip_status->st_status == 305))
        sip->sip_status->st_status = 301;
    /* Nor does it wait and send again by itself: the header stays among those that the program reads. */
    if (sip->sip_status) sip->sip_retry_after = NULL;
    return library_extract(message, public, bytes, count, end);
}

const void *csofia_parser(void) {
    if (!parser) {
        msg_mclass_t const *library = sip_default_mclass();
        msg_mclass_t *copy = msg_mclass_clone(library, 0, 0);
        if (!copy) return NULL;
        library_extract = library->mc_extract_body;
        copy->mc_extract_body = extract;
        parser = copy;
    }
    return parser;
}
