/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of ours outside of calls (REGISTER, OPTIONS: RFC 3261 sections 10 and 11), and the news of a transfer (RFC 3515). */
#include "internal.h"

#include <string.h>

#define HAVE(x) ((x) != NULL && (x)[0] != 0)

/* NUTAG_DIALOG(0): the tag of an answer's To is not kept. Outside of a dialog a request has none (RFC 3261 section 8.1.1.2), and
   proxies take one that has for a request within a dialog, which they do not know. */
static void send_request(nua_handle_t *nh, const csofia_request *r) {
    if (strcmp(r->method, "OPTIONS") == 0) {
        nua_options(nh, NUTAG_DIALOG(0), NUTAG_URL(r->uri), TAG_IF(HAVE(r->next_hop), NUTAG_PROXY(r->next_hop)),
                    TAG_IF(HAVE(r->contact), SIPTAG_CONTACT_STR(r->contact)),
                    TAG_IF(HAVE(r->headers), SIPTAG_HEADER_STR(r->headers)), TAG_END());
        return;
    }
    nua_method(nh, NUTAG_DIALOG(0), NUTAG_METHOD(r->method), NUTAG_URL(r->uri),
               TAG_IF(HAVE(r->next_hop), NUTAG_PROXY(r->next_hop)),
               TAG_IF(HAVE(r->contact), SIPTAG_CONTACT_STR(r->contact)),
               TAG_IF(HAVE(r->headers), SIPTAG_HEADER_STR(r->headers)), TAG_END());
}

csofia_call *csofia_request_out(csofia_stack *stack, int listener, uint64_t token, const csofia_request *r) {
    if (listener < 0 || listener >= stack->count) return NULL;
    /* All REGISTERs of one handle have its Call-ID (RFC 3261 section 10.2). */
    su_home_t home[1] = {SU_HOME_INIT(home)};
    nua_handle_t *nh = nua_handle(stack->listeners[listener].nua, (void *)(uintptr_t)token, NUTAG_URL(r->uri),
                                  SIPTAG_TO_STR(r->to), SIPTAG_FROM_STR(r->from),
                                  SIPTAG_CALL_ID(sip_call_id_create(home, NULL)), NUTAG_RETRY_COUNT(2), TAG_END());
    su_home_deinit(home);
    if (nh) send_request(nh, r);
    return (csofia_call *)nh;
}

void csofia_request_again(csofia_call *call, const csofia_request *r) { send_request(csofia_handle(call), r); }

void csofia_notify(csofia_call *call, const char *refer_event, const char *line, bool is_last) {
    nua_notify(csofia_handle(call), TAG_IF(HAVE(refer_event), SIPTAG_EVENT_STR(refer_event)),
               NUTAG_SUBSTATE(is_last ? nua_substate_terminated : nua_substate_active),
               SIPTAG_CONTENT_TYPE_STR("message/sipfrag;version=2.0"), SIPTAG_PAYLOAD_STR(line), TAG_END());
}
