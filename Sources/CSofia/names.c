/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library looks names up with the blocking resolver when it answers a malformed request whose Via holds a name: a few
 * such datagrams, and the SIP thread stands still for seconds (seen with the messages of RFC 4475). Its calls go through the
 * dynamic symbol su_getaddrinfo, and the program's own definition comes first: this one, which takes numeric addresses only.
 */
#include "internal.h"

#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

int su_getaddrinfo(char const *node, char const *service, su_addrinfo_t const *hints, su_addrinfo_t **result) {
    su_addrinfo_t numeric = {0};
    if (hints) numeric = *hints;
    numeric.ai_flags |= AI_NUMERICHOST | AI_NUMERICSERV;
    int error = getaddrinfo(node, service && service[0] ? service : "0", &numeric, result);
    if (error) return error;
    for (su_addrinfo_t *found = *result; found; found = found->ai_next) {
        if (found->ai_protocol) continue;
        if (numeric.ai_protocol) found->ai_protocol = numeric.ai_protocol;
        else if (found->ai_socktype == SOCK_STREAM) found->ai_protocol = IPPROTO_TCP;
        else if (found->ai_socktype == SOCK_DGRAM) found->ai_protocol = IPPROTO_UDP;
    }
    return 0;
}

bool csofia_resolves_nothing(void) { return dlsym(RTLD_DEFAULT, "su_getaddrinfo") == (void *)su_getaddrinfo; }
