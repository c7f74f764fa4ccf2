// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

/* HTTP by libcurl's multi interface: many transfers on one thread, which alone may call all but partyline_web_wake.
   (curl_easy_setopt is variadic, so Swift can not call it.) */

struct partyline_web;
struct partyline_transfer;

/* Whether a connection to this address (16 bytes in network order, IPv4 as ::ffff:a.b.c.d) is allowed. Asked for every
   connection after the name was resolved, redirects included. */
typedef int (*partyline_web_allows)(const uint8_t address[16], void *context);

struct partyline_web_request {
    const char *method;
    const char *url;
    /* "Name: value" each, NULL at the end. */
    const char *const *headers;
    const uint8_t *body;
    size_t body_count;
    long timeout_ms, connect_ms;
    size_t most_bytes;
    /* File of certificates to trust; NULL: the system's. */
    const char *ca_file;
};

/* What became of it; the pointers live until partyline_transfer_free. */
struct partyline_web_result {
    void *context;
    /* libcurl's code, 0: there was an answer. */
    int code;
    int is_refused, is_too_large;
    long status;
    const uint8_t *body;
    size_t body_count;
    /* Header lines of the last answer, each with its line feed. */
    const uint8_t *headers;
    size_t headers_count;
    const char *error;
    struct partyline_transfer *transfer;
};

enum partyline_web_fault {
    PARTYLINE_WEB_OTHER = 0, PARTYLINE_WEB_ADDRESS, PARTYLINE_WEB_NAME, PARTYLINE_WEB_CONNECTION, PARTYLINE_WEB_CERTIFICATE,
    PARTYLINE_WEB_TIME
};

struct partyline_web *partyline_web_create(partyline_web_allows allows, void *context, long most_connections);
/* Ends all transfers. */
void partyline_web_destroy(struct partyline_web *web);
/* Everything is copied. NULL when the address can not be used at all. */
struct partyline_transfer *partyline_web_start(
    struct partyline_web *web, const struct partyline_web_request *request, void *context);
/* Works and waits, at most so long or until woken; number of transfers that run. */
int partyline_web_step(struct partyline_web *web, int wait_ms);
/* The next one that is over: 1, 0: none. */
int partyline_web_next(struct partyline_web *web, struct partyline_web_result *result);
/* Also of one that still runs. */
void partyline_transfer_free(struct partyline_web *web, struct partyline_transfer *transfer);
/* From any thread. */
void partyline_web_wake(struct partyline_web *web);
enum partyline_web_fault partyline_web_fault_of(int code);
