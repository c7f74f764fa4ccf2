/* SPDX-License-Identifier: Apache-2.0 */
/* The library's parser and our reading of its result without any network: for the fuzzer. */
#include "internal.h"

#include <sofia-sip/msg.h>

bool csofia_try(const uint8_t *bytes, size_t count) {
    msg_t *message = msg_make(sip_default_mclass(), 0, bytes, (ssize_t)count);
    if (!message) return false;
    sip_t *sip = sip_object(message);
    bool good = sip && !(sip->sip_flags & MSG_FLG_ERROR) && (sip->sip_request || sip->sip_status);
    if (sip) csofia_read(sip);
    msg_destroy(message);
    return good;
}
