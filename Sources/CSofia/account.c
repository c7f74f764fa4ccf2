/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digest authentication of our own requests (RFC 7616, RFC 8760). The library knows MD5 only; its authentication schemes can
 * be replaced, and this is one that keeps the challenge and lets the program compute the answer. It answers nothing before
 * csofia_authenticate was called on that very handle.
 */
#define SOFIA_EXTEND_AUTH_CLIENT 1
#include "internal.h"

#include <sofia-sip/auth_client_plugin.h>
#include <stdio.h>
#include <string.h>

enum { longest_secret = 128, longest_challenge = 4096 };

typedef struct account {
    auth_client_t client;
    char *challenge;
    char *nonce;
    unsigned count;
    bool strong;
} account;

static csofia_answer_challenge compute;

static bool same(const char *a, const char *b) { return a && b && strcmp(a, b) == 0; }

/* 2: the request shall be sent again with this challenge, 1: nothing new, -1: memory. */
static int take_challenge(auth_client_t *client, msg_auth_t const *header) {
    account *a = (account *)client;
    const char *nonce = msg_header_find_param(header->au_common, "nonce=");
    const char *algorithm = msg_header_find_param(header->au_common, "algorithm=");
    bool strong = algorithm && strncasecmp(algorithm + (algorithm[0] == '"'), "SHA-256", 7) == 0
        && strlen(algorithm) <= strlen("\"SHA-256\"");
    bool weak = !algorithm || strncasecmp(algorithm + (algorithm[0] == '"'), "MD5", 3) == 0;
    if (!nonce || (!strong && !weak)) return 1;
    /* The stronger one of several, and never weaker than before. */
    if (a->strong && !strong) return 1;
    if (a->strong == strong && same(a->nonce, nonce)) return 1;
    char value[longest_challenge];
    issize_t length = sip_header_field_e(value, sizeof value, (sip_header_t const *)header, 0);
    char *text = length > 0 && length < longest_challenge ? su_strndup(client->ca_home, value, (isize_t)length) : NULL;
    char *copy = su_strdup(client->ca_home, nonce);
    if (!text || !copy) return 1;
    su_free(client->ca_home, a->challenge);
    su_free(client->ca_home, a->nonce);
    a->challenge = text;
    a->nonce = copy;
    a->strong = strong;
    a->count = 0;
    return 2;
}

static int unhex(char const *hex, char *text) {
    size_t n = strlen(hex) / 2;
    if (n >= longest_secret) return -1;
    for (size_t i = 0; i < n; i++) {
        unsigned byte;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1) return -1;
        text[i] = (char)byte;
    }
    text[n] = 0;
    return 0;
}

static int authorize(auth_client_t *client, su_home_t *home, char const *method, url_t const *url, msg_payload_t const *body,
                     msg_header_t **headers) {
    (void)body;
    account *a = (account *)client;
    char user[longest_secret], password[longest_secret], text[4096];
    *headers = NULL;
    if (!compute || !a->challenge || client->ca_clear || !client->ca_user || !client->ca_pass) return 0;
    char *uri = url_as_string(home, url);
    if (!uri || unhex(client->ca_user, user) < 0 || unhex(client->ca_pass, password) < 0) return 0;
    if (compute(a->challenge, user, password, method, uri, ++a->count, text, sizeof text))
        *headers = msg_header_make(home, client->ca_credential_class, text);
    memset(password, 0, sizeof password);
    return 0;
}

static int clear(auth_client_t *client) {
    client->ca_clear = 1;
    return 1;
}

static const auth_client_plugin_t digest = {
    .auc_plugin_size = sizeof digest,
    .auc_size = sizeof(account),
    .auc_name = "Digest",
    .auc_challenge = take_challenge,
    .auc_authorize = authorize,
    .auc_clear = clear,
};

/* Debian's auc_register_plugin puts a scheme in the place of the first one that has *another* name (su_strmatch is no strcmp).
   So the first place, which is found first, is taken by a name that nobody has, and then by ours; where the library is
   mended, ours takes the place of its namesake. */
static const auth_client_plugin_t placeholder = {
    .auc_plugin_size = sizeof placeholder,
    .auc_size = sizeof(account),
    .auc_name = "Partyline-None",
    .auc_authorize = authorize,
};

bool csofia_set_digest(csofia_answer_challenge answer) {
    bool first = compute == NULL;
    compute = answer;
    return !first || (auc_register_plugin(&placeholder) == 0 && auc_register_plugin(&digest) == 0);
}

static void hex(const char *text, char *out) {
    for (; *text; text++, out += 2) snprintf(out, 3, "%02x", (unsigned char)*text);
}

bool csofia_authenticate(csofia_call *call, const char *realm, const char *user, const char *password) {
    char name[2 * longest_secret] = "", secret[2 * longest_secret] = "", text[4 * longest_secret + 600];
    if (strlen(user) >= longest_secret || strlen(password) >= longest_secret || strlen(realm) > 512) return false;
    /* The library divides the text at colons. */
    hex(user, name);
    hex(password, secret);
    snprintf(text, sizeof text, "Digest:%s:%s:%s", realm, name, secret);
    nua_authenticate(csofia_handle(call), NUTAG_AUTH(text), TAG_END());
    memset(text, 0, sizeof text);
    memset(secret, 0, sizeof secret);
    return true;
}
