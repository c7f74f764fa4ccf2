// SPDX-License-Identifier: Apache-2.0
#include "CWebFetch.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

struct partyline_web {
    CURLM *multi;
    partyline_web_allows allows;
    void *context;
    struct partyline_transfer *transfers;
};

struct buffer {
    uint8_t *bytes;
    size_t count, capacity, most;
};

struct partyline_transfer {
    struct partyline_web *web;
    struct partyline_transfer *next;
    CURL *easy;
    struct curl_slist *headers;
    void *context;
    struct buffer body, header;
    int is_refused, is_too_large;
    char error[CURL_ERROR_SIZE];
};

static size_t most_header_bytes = 64 << 10;

/* 0: it does not fit. */
static int append(struct buffer *buffer, const char *bytes, size_t count) {
    if (count > buffer->most - buffer->count) return 0;
    if (buffer->count + count > buffer->capacity) {
        size_t capacity = buffer->capacity ? buffer->capacity * 2 : 4096;
        while (capacity < buffer->count + count) capacity *= 2;
        uint8_t *grown = realloc(buffer->bytes, capacity);
        if (!grown) return 0;
        buffer->bytes = grown;
        buffer->capacity = capacity;
    }
    memcpy(buffer->bytes + buffer->count, bytes, count);
    buffer->count += count;
    return 1;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
    struct partyline_transfer *transfer = context;
    size_t all = size * count;
    if (append(&transfer->body, bytes, all)) return all;
    transfer->is_too_large = 1;
    return 0;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context) {
    struct partyline_transfer *transfer = context;
    size_t all = size * count;
    /* Another answer begins (after a redirect or a 100): what was before does not count. */
    if (all >= 5 && strncasecmp(bytes, "HTTP/", 5) == 0) {
        transfer->header.count = 0;
        transfer->body.count = 0;
    }
    if (append(&transfer->header, bytes, all)) return all;
    transfer->is_too_large = 1;
    return 0;
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    struct partyline_transfer *transfer = context;
    uint8_t bytes[16] = {0};
    (void)purpose;
    if (address->family == AF_INET) {
        const struct sockaddr_in *narrow = (const struct sockaddr_in *)&address->addr;
        bytes[10] = bytes[11] = 0xFF;
        memcpy(bytes + 12, &narrow->sin_addr, 4);
    } else if (address->family == AF_INET6) {
        const struct sockaddr_in6 *wide = (const struct sockaddr_in6 *)&address->addr;
        memcpy(bytes, &wide->sin6_addr, 16);
    } else {
        transfer->is_refused = 1;
        return CURL_SOCKET_BAD;
    }
    if (!transfer->web->allows(bytes, transfer->web->context)) {
        transfer->is_refused = 1;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

struct partyline_web *partyline_web_create(partyline_web_allows allows, void *context, long most_connections) {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0) return NULL;
    struct partyline_web *web = calloc(1, sizeof *web);
    if (!web) return NULL;
    web->multi = curl_multi_init();
    if (!web->multi) {
        free(web);
        return NULL;
    }
    web->allows = allows;
    web->context = context;
    curl_multi_setopt(web->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, most_connections);
    curl_multi_setopt(web->multi, CURLMOPT_MAXCONNECTS, 16L);
    return web;
}

void partyline_web_destroy(struct partyline_web *web) {
    while (web->transfers) partyline_transfer_free(web, web->transfers);
    curl_multi_cleanup(web->multi);
    free(web);
}

struct partyline_transfer *partyline_web_start(
    struct partyline_web *web, const struct partyline_web_request *request, void *context) {
    struct partyline_transfer *transfer = calloc(1, sizeof *transfer);
    if (!transfer) return NULL;
    CURL *easy = curl_easy_init();
    if (!easy) {
        free(transfer);
        return NULL;
    }
    transfer->web = web;
    transfer->easy = easy;
    transfer->context = context;
    transfer->body.most = request->most_bytes;
    transfer->header.most = most_header_bytes;
    transfer->next = web->transfers;
    web->transfers = transfer;
    /* A script's Expect is no use, and libcurl's own costs a second with many servers. */
    transfer->headers = curl_slist_append(NULL, "Expect:");
    for (const char *const *header = request->headers; header && *header; header++)
        transfer->headers = curl_slist_append(transfer->headers, *header);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, 5L);
    /* A proxy of the environment would hide whom we speak to. */
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_UNRESTRICTED_AUTH, 0L);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, request->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, request->connect_ms);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    if (request->ca_file) curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca_file);
    if (strcmp(request->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (strcmp(request->method, "GET") != 0 || request->body_count > 0) {
        if (request->body_count > 0 || strcmp(request->method, "POST") == 0) {
            curl_easy_setopt(easy, CURLOPT_POST, 1L);
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_count);
            curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body_count ? (const char *)request->body : "");
        }
        if (strcmp(request->method, "POST") != 0) curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    }
    if (curl_easy_setopt(easy, CURLOPT_URL, request->url) != CURLE_OK
        || curl_multi_add_handle(web->multi, easy) != CURLM_OK) {
        partyline_transfer_free(web, transfer);
        return NULL;
    }
    return transfer;
}

int partyline_web_step(struct partyline_web *web, int wait_ms) {
    int running = 0;
    curl_multi_perform(web->multi, &running);
    curl_multi_poll(web->multi, NULL, 0, wait_ms, NULL);
    curl_multi_perform(web->multi, &running);
    return running;
}

int partyline_web_next(struct partyline_web *web, struct partyline_web_result *result) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(web->multi, &left))) {
        if (message->msg != CURLMSG_DONE) continue;
        struct partyline_transfer *transfer = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
        if (!transfer) continue;
        memset(result, 0, sizeof *result);
        result->code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &result->status);
        result->context = transfer->context;
        result->is_refused = transfer->is_refused;
        result->is_too_large = transfer->is_too_large;
        result->body = transfer->body.bytes;
        result->body_count = transfer->body.count;
        result->headers = transfer->header.bytes;
        result->headers_count = transfer->header.count;
        result->error = transfer->error[0] ? transfer->error : curl_easy_strerror(message->data.result);
        result->transfer = transfer;
        return 1;
    }
    return 0;
}

void partyline_transfer_free(struct partyline_web *web, struct partyline_transfer *transfer) {
    struct partyline_transfer **link = &web->transfers;
    while (*link && *link != transfer) link = &(*link)->next;
    if (*link) *link = transfer->next;
    curl_multi_remove_handle(web->multi, transfer->easy);
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    free(transfer->body.bytes);
    free(transfer->header.bytes);
    free(transfer);
}

void partyline_web_wake(struct partyline_web *web) { curl_multi_wakeup(web->multi); }

enum partyline_web_fault partyline_web_fault_of(int code) {
    switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return PARTYLINE_WEB_ADDRESS;
    case CURLE_COULDNT_RESOLVE_HOST: return PARTYLINE_WEB_NAME;
    case CURLE_COULDNT_CONNECT: return PARTYLINE_WEB_CONNECTION;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM: return PARTYLINE_WEB_CERTIFICATE;
    case CURLE_OPERATION_TIMEDOUT: return PARTYLINE_WEB_TIME;
    default: return PARTYLINE_WEB_OTHER;
    }
}
