/* SPDX-License-Identifier: Apache-2.0 */
/* What we send: responses and requests of one call. */
#include "internal.h"

#include <string.h>

static const char *phrase_of(int status) {
    const char *phrase = sip_status_phrase(status);
    return phrase && phrase[0] ? phrase : "Refused";
}

#define HAVE(x) ((x) != NULL && (x)[0] != 0)

void csofia_bind(csofia_call *call, uint64_t token, const char *next_hop, bool refresh_by_update) {
    nua_handle_bind(csofia_handle(call), (void *)(uintptr_t)token);
    nua_set_hparams(csofia_handle(call), NUTAG_UPDATE_REFRESH(refresh_by_update),
                    TAG_IF(HAVE(next_hop), NUTAG_PROXY(next_hop)), TAG_END());
}

void csofia_respond(csofia_call *call, const csofia_answer *a) {
    nua_respond(csofia_handle(call), a->status, phrase_of(a->status),
                TAG_IF(HAVE(a->contact), SIPTAG_CONTACT_STR(a->contact)),
                TAG_IF(HAVE(a->headers), SIPTAG_HEADER_STR(a->headers)),
                TAG_IF(HAVE(a->sdp), SIPTAG_CONTENT_TYPE_STR("application/sdp")),
                TAG_IF(HAVE(a->sdp), SIPTAG_PAYLOAD_STR(a->sdp)), TAG_END());
}

void csofia_respond_now(csofia_stack *stack, int listener, csofia_call *call, const csofia_answer *a) {
    nua_t *nua = stack->listeners[listener].nua;
    nua_respond(csofia_handle(call), a->status, phrase_of(a->status), NUTAG_WITH_THIS(nua),
                TAG_IF(HAVE(a->contact), SIPTAG_CONTACT_STR(a->contact)),
                TAG_IF(HAVE(a->headers), SIPTAG_HEADER_STR(a->headers)),
                TAG_IF(HAVE(a->sdp), SIPTAG_CONTENT_TYPE_STR("application/sdp")),
                TAG_IF(HAVE(a->sdp), SIPTAG_PAYLOAD_STR(a->sdp)), TAG_END());
}

csofia_call *csofia_call_out(csofia_stack *stack, int listener, uint64_t token, const csofia_invitation *i) {
    if (listener < 0 || listener >= stack->count) return NULL;
    nua_handle_t *nh = nua_handle(stack->listeners[listener].nua, (void *)(uintptr_t)token, NUTAG_URL(i->uri),
                                  SIPTAG_TO_STR(i->to), SIPTAG_FROM_STR(i->from), TAG_END());
    if (!nh) return NULL;
    nua_invite(nh, TAG_IF(HAVE(i->next_hop), NUTAG_PROXY(i->next_hop)),
               TAG_IF(i->has_account, NUTAG_RETRY_COUNT(2)),
               TAG_IF(i->session_seconds, NUTAG_SESSION_TIMER(i->session_seconds)),
               TAG_IF(i->no_reliable, SIPTAG_SUPPORTED_STR("timer, replaces")),
               TAG_IF(HAVE(i->contact), SIPTAG_CONTACT_STR(i->contact)),
               TAG_IF(HAVE(i->headers), SIPTAG_HEADER_STR(i->headers)),
               TAG_IF(HAVE(i->sdp), SIPTAG_CONTENT_TYPE_STR("application/sdp")),
               TAG_IF(HAVE(i->sdp), SIPTAG_PAYLOAD_STR(i->sdp)), TAG_END());
    return (csofia_call *)nh;
}

void csofia_reinvite_out(csofia_call *call, const char *contact, const char *sdp) {
    nua_invite(csofia_handle(call), TAG_IF(HAVE(contact), SIPTAG_CONTACT_STR(contact)),
               TAG_IF(HAVE(sdp), SIPTAG_CONTENT_TYPE_STR("application/sdp")),
               TAG_IF(HAVE(sdp), SIPTAG_PAYLOAD_STR(sdp)), TAG_END());
}

void csofia_acknowledge(csofia_call *call, const char *sdp) {
    nua_ack(csofia_handle(call), TAG_IF(HAVE(sdp), SIPTAG_CONTENT_TYPE_STR("application/sdp")),
            TAG_IF(HAVE(sdp), SIPTAG_PAYLOAD_STR(sdp)), TAG_END());
}

void csofia_send_bye(csofia_call *call, const char *headers) {
    nua_bye(csofia_handle(call), TAG_IF(HAVE(headers), SIPTAG_HEADER_STR(headers)), TAG_END());
}

void csofia_send_cancel(csofia_call *call, const char *headers) {
    nua_cancel(csofia_handle(call), TAG_IF(HAVE(headers), SIPTAG_HEADER_STR(headers)), TAG_END());
}

void csofia_send_options(csofia_call *call) { nua_options(csofia_handle(call), TAG_END()); }

void csofia_send_info(csofia_call *call, const char *content_type, const char *body, const char *headers) {
    nua_info(csofia_handle(call), TAG_IF(HAVE(headers), SIPTAG_HEADER_STR(headers)),
             TAG_IF(HAVE(body), SIPTAG_CONTENT_TYPE_STR(content_type)), TAG_IF(HAVE(body), SIPTAG_PAYLOAD_STR(body)),
             TAG_END());
}

void csofia_send_message(csofia_call *call, const char *text) {
    nua_message(csofia_handle(call), SIPTAG_CONTENT_TYPE_STR("text/plain;charset=utf-8"), SIPTAG_PAYLOAD_STR(text), TAG_END());
}

void csofia_forget(csofia_call *call) {
    /* Unbound first: events that are under way must not carry the token any more. */
    nua_handle_bind(csofia_handle(call), NULL);
    nua_handle_destroy(csofia_handle(call));
}
