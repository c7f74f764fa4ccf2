/* SPDX-License-Identifier: Apache-2.0 */
/* From the library's callback to plain events. */
#include "internal.h"

#include <netdb.h>
#include <string.h>

void csofia_down(csofia_listener *listener);

typedef struct reading {
    su_home_t home[1];
    csofia_event event;
    csofia_header headers[most_headers];
    char source[64];
} reading;

static const char *text(const char *s) { return s ? s : ""; }

static void read_source(reading *r, nua_t *nua, bool secure) {
    msg_t *message = nua_current_request(nua);
    su_addrinfo_t *info = message ? msg_addrinfo(message) : NULL;
    r->event.source_address = "";
    r->event.transport = "";
    if (!info || !info->ai_addr) return;
    const su_sockaddr_t *address = (const su_sockaddr_t *)info->ai_addr;
    if (getnameinfo(info->ai_addr, info->ai_addrlen, r->source, sizeof r->source, NULL, 0, NI_NUMERICHOST) != 0) return;
    r->event.source_address = r->source;
    r->event.source_port = ntohs(address->su_port);
    r->event.transport = secure ? "tls" : info->ai_socktype == SOCK_STREAM ? "tcp" : "udp";
}

/* sip_header_as_string cuts lists off at 255 bytes (an Authorization loses its nc): so with a buffer that is large enough. */
static const char *value_of(su_home_t *home, sip_header_t const *h) {
    char buffer[longest_value + 1024];
    issize_t length = sip_header_field_e(buffer, sizeof buffer, h, 0);
    if (length < 0 || (size_t)length >= sizeof buffer) return NULL;
    return su_strndup(home, buffer, (isize_t)length);
}

static void read_headers(reading *r, sip_t const *sip) {
    sip_header_t const *first = sip->sip_request ? (sip_header_t const *)sip->sip_request : (sip_header_t const *)sip->sip_status;
    size_t count = 0;
    for (sip_header_t const *h = first ? (sip_header_t const *)first->sh_succ : NULL; h; h = (sip_header_t const *)h->sh_succ) {
        msg_hclass_t *class = h->sh_class;
        if (!class || class == sip_payload_class || class == sip_separator_class || class == sip_error_class) continue;
        const char *name = class->hc_name, *value;
        if (class == sip_unknown_class) {
            name = h->sh_unknown->un_name;
            value = h->sh_unknown->un_value;
        } else {
            value = value_of(r->home, h);
        }
        if (!value) r->event.too_many_headers = true;
        if (!name || !name[0] || !value) continue;
        if (count == most_headers || strlen(value) > longest_value) {
            r->event.too_many_headers = true;
            continue;
        }
        r->headers[count].name = name;
        r->headers[count].value = value;
        count += 1;
    }
    r->event.headers = r->headers;
    r->event.header_count = count;
}

/* The realm of the first digest challenge. */
static const char *realm_of(sip_t const *sip) {
    msg_auth_t const *lists[] = {sip->sip_www_authenticate, sip->sip_proxy_authenticate};
    for (int i = 0; i < 2; i++)
        for (msg_auth_t const *a = lists[i]; a; a = a->au_next) {
            const char *realm = msg_header_find_param(a->au_common, "realm=");
            if (a->au_scheme && strcasecmp(a->au_scheme, "Digest") == 0 && realm && realm[0] == '"') return realm;
        }
    return "";
}

static void read_message(reading *r, nua_t *nua, sip_t const *sip, bool secure) {
    csofia_event *e = &r->event;
    e->realm = e->refer_event = "";
    read_source(r, nua, secure);
    e->request_uri = e->request_user = e->from_uri = e->from_user = e->from_display = e->to_uri = "";
    e->call_id = e->content_type = e->content_encoding = e->method = e->body = "";
    if (!sip) return;
    if (sip->sip_request) {
        e->request_uri = text(url_as_string(r->home, sip->sip_request->rq_url));
        e->request_user = text(sip->sip_request->rq_url->url_user);
        e->method = text(sip->sip_request->rq_method_name);
    } else if (sip->sip_cseq) {
        e->method = text(sip->sip_cseq->cs_method_name);
    }
    if (sip->sip_from) {
        e->from_uri = text(url_as_string(r->home, sip->sip_from->a_url));
        e->from_user = text(sip->sip_from->a_url->url_user);
        e->from_display = text(sip->sip_from->a_display);
    }
    if (sip->sip_to) e->to_uri = text(url_as_string(r->home, sip->sip_to->a_url));
    if (sip->sip_call_id) e->call_id = text(sip->sip_call_id->i_id);
    if (sip->sip_content_type) e->content_type = text(sip->sip_content_type->c_type);
    /* Parameters count for multipart bodies: the whole header then. */
    if (sip->sip_content_type && strchr(e->content_type, '/') && strncasecmp(e->content_type, "multipart/", 10) == 0)
        e->content_type = text(sip_header_as_string(r->home, (sip_header_t const *)sip->sip_content_type));
    if (sip->sip_content_encoding && sip->sip_content_encoding->k_items && sip->sip_content_encoding->k_items[0])
        e->content_encoding = sip->sip_content_encoding->k_items[0];
    if (sip->sip_payload && sip->sip_payload->pl_data) {
        e->body = sip->sip_payload->pl_data;
        e->body_length = sip->sip_payload->pl_len;
    }
    e->peer_takes_update = sip->sip_allow && sip_is_allowed(sip->sip_allow, sip_method_update, "UPDATE");
    if (sip->sip_status) e->realm = realm_of(sip);
    e->has_replaces = sip->sip_request && sip->sip_replaces;
    read_headers(r, sip);
}

static const char *method_of(nua_event_t event) {
    switch (event) {
    case nua_r_invite: return "INVITE";
    case nua_r_bye: return "BYE";
    case nua_r_info: return "INFO";
    case nua_r_message: return "MESSAGE";
    case nua_r_update: return "UPDATE";
    case nua_r_cancel: return "CANCEL";
    case nua_r_options: return "OPTIONS";
    default: return "";
    }
}

/* Requests that belong to nobody: answered, and their handle given back at once, or they would pile up. */
static void turn_away(nua_t *nua, nua_handle_t *nh, nua_event_t event, int status) {
    if (!nh) return;
    if (nua_event_is_incoming_request(event) && status && status < 200) {
        if (event == nua_i_message || event == nua_i_refer) nua_respond(nh, SIP_405_METHOD_NOT_ALLOWED, NUTAG_WITH_THIS(nua), TAG_END());
        else nua_respond(nh, 481, "Call Does Not Exist", NUTAG_WITH_THIS(nua), TAG_END());
    }
    nua_handle_destroy(nh);
}

void csofia_take(nua_event_t event, int status, char const *phrase, nua_t *nua, csofia_listener *listener,
                 nua_handle_t *nh, void *hmagic, sip_t const *sip, tagi_t tags[]) {
    csofia_stack *stack = listener->stack;
    csofia_kind kind;
    switch (event) {
    case nua_r_shutdown:
        if (status >= 200) csofia_down(listener);
        return;
    case nua_i_invite:
        if (status >= 200) return;
        kind = hmagic ? csofia_reinvite : csofia_new_invite;
        break;
    case nua_i_update:
        if (status >= 200) return;
        kind = csofia_update;
        break;
    case nua_i_register:
        if (status >= 200) return;
        kind = csofia_register;
        break;
    case nua_i_refer:
        if (status >= 200) return;
        kind = csofia_refer;
        break;
    case nua_i_info: kind = csofia_info; break;
    case nua_i_message: kind = csofia_message; break;
    case nua_i_ack: kind = csofia_ack; break;
    case nua_i_prack: kind = csofia_prack; break;
    case nua_i_cancel: kind = csofia_cancel; break;
    case nua_i_bye: kind = csofia_bye; break;
    case nua_r_invite: kind = csofia_invite_response; break;
    case nua_r_bye: case nua_r_info: case nua_r_message: case nua_r_update: case nua_r_cancel:
        kind = csofia_response;
        break;
    case nua_r_method: case nua_r_options:
        if (status < 200) return;
        kind = csofia_request_response;
        break;
    case nua_r_notify: case nua_r_authenticate: case nua_i_subscription:
        return;
    case nua_i_error:
    case nua_i_media_error: kind = csofia_failed; break;
    case nua_i_terminated: kind = csofia_terminated; break;
    case nua_i_state: case nua_i_active: case nua_i_fork: case nua_i_outbound: case nua_i_network_changed:
    case nua_r_set_params: case nua_r_get_params: case nua_r_prack:
        return;
    default:
        if (!hmagic) turn_away(nua, nh, event, status);
        return;
    }
    if (!hmagic && kind != csofia_new_invite && kind != csofia_register) {
        turn_away(nua, nh, event, status);
        return;
    }
    reading r;
    memset(&r.event, 0, sizeof r.event);
    memset(r.home, 0, sizeof r.home);
    r.home->suh_size = sizeof r.home;
    if (su_home_init(r.home) < 0) return;
    r.event.kind = kind;
    r.event.call = (csofia_call *)nh;
    r.event.token = (uint64_t)(uintptr_t)hmagic;
    r.event.status = status;
    r.event.phrase = text(phrase);
    r.event.listener = listener->number;
    read_message(&r, nua, sip, listener->secure);
    if (r.event.has_replaces) r.event.replaces_token = csofia_token_of(stack, sip->sip_replaces);
    if (kind == csofia_refer) {
        sip_event_t const *subscription = NULL;
        tl_gets(tags, NUTAG_REFER_EVENT_REF(subscription), TAG_END());
        if (subscription) r.event.refer_event = text(sip_header_as_string(r.home, (sip_header_t const *)subscription));
    }
    /* A request of ours that was never answered has no response to read this from. */
    if (!r.event.method[0]) r.event.method = method_of(event);
    stack->callback(stack->context, &r.event);
    su_home_deinit(r.home);
    if (kind == csofia_register) nua_handle_destroy(nh);
}
