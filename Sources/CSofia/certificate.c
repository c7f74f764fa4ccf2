/* SPDX-License-Identifier: Apache-2.0 */
/* The library takes any file for a certificate and says so only to those who connect. So it is looked at before. */
#include "internal.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <unistd.h>

bool csofia_certificate_fits(const char *folder) {
    char path[1024];
    snprintf(path, sizeof path, "%s/agent.pem", folder);
    /* A listener that only calls has none. */
    if (access(path, F_OK) != 0) return true;
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context) return false;
    bool fits = SSL_CTX_use_certificate_file(context, path, SSL_FILETYPE_PEM) == 1
        && SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM) == 1 && SSL_CTX_check_private_key(context) == 1;
    SSL_CTX_free(context);
    ERR_clear_error();
    return fits;
}
