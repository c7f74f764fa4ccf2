/* SPDX-License-Identifier: Apache-2.0 */
/* Name look-ups that wait for a name server: SRV (RFC 2782), NAPTR (RFC 3403). Never on a thread that must not wait. */
#include "include/lookup.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

enum { longest_answer = 8192 };

static int query(const char *server, uint16_t port, const char *name, int type, unsigned char *answer) {
    struct __res_state state;
    memset(&state, 0, sizeof state);
    if (res_ninit(&state) != 0) return -1;
    state.retrans = 2;
    state.retry = 2;
    if (server && server[0]) {
        struct in_addr address;
        if (inet_pton(AF_INET, server, &address) != 1) {
            res_nclose(&state);
            return -1;
        }
        state.nscount = 1;
        state.nsaddr_list[0] = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = address};
    }
    int length = res_nquery(&state, name, ns_c_in, type, answer, longest_answer);
    int error = state.res_h_errno;
    res_nclose(&state);
    if (length >= 0) return length > longest_answer ? longest_answer : length;
    /* The name server has answered: there is none. */
    return error == HOST_NOT_FOUND || error == NO_DATA ? 0 : -1;
}

int clinux_lookup(const char *server, uint16_t port, const char *name, bool naptr, clinux_record *records, int most) {
    unsigned char answer[longest_answer];
    int length = query(server, port, name, naptr ? ns_t_naptr : ns_t_srv, answer);
    return length <= 0 ? length : clinux_records_in(answer, length, naptr, records, most);
}

int clinux_records_in(const unsigned char *answer, int length, bool naptr, clinux_record *records, int most) {
    ns_msg message;
    if (ns_initparse(answer, length, &message) != 0) return -1;
    int count = 0;
    for (int i = 0; i < ns_msg_count(message, ns_s_an) && count < most; i++) {
        ns_rr rr;
        if (ns_parserr(&message, ns_s_an, i, &rr) != 0) break;
        const unsigned char *data = ns_rr_rdata(rr), *end = data + ns_rr_rdlen(rr);
        clinux_record *r = &records[count];
        memset(r, 0, sizeof *r);
        r->seconds = ns_rr_ttl(rr);
        if (!naptr && ns_rr_type(rr) == ns_t_srv && end - data >= 7) {
            r->order = ns_get16(data);
            r->preference = ns_get16(data + 2);
            r->port = ns_get16(data + 4);
            data += 6;
        } else if (naptr && ns_rr_type(rr) == ns_t_naptr && end - data >= 8) {
            r->order = ns_get16(data);
            r->preference = ns_get16(data + 2);
            data += 4;
            char *texts[] = {r->flags, r->service, NULL};
            size_t sizes[] = {sizeof r->flags, sizeof r->service, 0};
            int t = 0;
            /* Flags, service and regular expression, each with its length. */
            for (; t < 3 && data < end && data + 1 + data[0] <= end; t++) {
                if (texts[t] && data[0] < sizes[t]) memcpy(texts[t], data + 1, data[0]);
                data += 1 + data[0];
            }
            if (t < 3) continue;
        } else {
            continue;
        }
        if (data >= end || ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), data, r->target, sizeof r->target) < 0)
            continue;
        count += 1;
    }
    return count;
}

int clinux_addresses(const char *name, char (*texts)[48], int most) {
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_ADDRCONFIG}, *found = NULL;
    int error = getaddrinfo(name, NULL, &hints, &found), count = 0;
    /* Without any address but loopback, AI_ADDRCONFIG finds nothing. */
    if (error == EAI_NONAME || error == EAI_ADDRFAMILY || error == EAI_NODATA) {
        hints.ai_flags = 0;
        error = getaddrinfo(name, NULL, &hints, &found);
    }
    if (error == EAI_NONAME || error == EAI_NODATA) return 0;
    if (error) return -1;
    for (struct addrinfo *a = found; a && count < most; a = a->ai_next)
        if (getnameinfo(a->ai_addr, a->ai_addrlen, texts[count], sizeof texts[0], NULL, 0, NI_NUMERICHOST) == 0) {
            texts[count][strcspn(texts[count], "%")] = 0;
            count += 1;
        }
    freeaddrinfo(found);
    return count;
}

/* Adds the addresses of one kind; -1: no answer. */
static int add_addresses(const char *server, uint16_t port, const char *name, int type, char (*texts)[48], int count, int most) {
    unsigned char answer[longest_answer];
    int length = query(server, port, name, type, answer);
    if (length <= 0) return length < 0 ? -1 : count;
    return clinux_addresses_in(answer, length, type == ns_t_aaaa, texts, count, most);
}

int clinux_addresses_in(const unsigned char *answer, int length, bool ipv6, char (*texts)[48], int count, int most) {
    int type = ipv6 ? ns_t_aaaa : ns_t_a;
    ns_msg message;
    if (ns_initparse(answer, length, &message) != 0) return -1;
    for (int i = 0; i < ns_msg_count(message, ns_s_an) && count < most; i++) {
        ns_rr rr;
        if (ns_parserr(&message, ns_s_an, i, &rr) != 0) break;
        /* An alias is in the same answer as what it stands for. */
        if (ns_rr_type(rr) != type || ns_rr_rdlen(rr) != (type == ns_t_a ? 4 : 16)) continue;
        if (inet_ntop(type == ns_t_a ? AF_INET : AF_INET6, ns_rr_rdata(rr), texts[count], sizeof texts[0])) count += 1;
    }
    return count;
}

int clinux_addresses_by(const char *server, uint16_t port, const char *name, char (*texts)[48], int most) {
    int count = add_addresses(server, port, name, ns_t_a, texts, 0, most);
    if (count < 0) return -1;
    int all = add_addresses(server, port, name, ns_t_aaaa, texts, count, most);
    return all < 0 ? count : all;
}
