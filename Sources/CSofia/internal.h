/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CSOFIA_INTERNAL_H
#define CSOFIA_INTERNAL_H

#include "CSofia.h"

typedef struct csofia_listener csofia_listener;
#define NUA_MAGIC_T csofia_listener
#define NUA_HMAGIC_T void
#define SU_ROOT_MAGIC_T csofia_stack
#define SU_TIMER_ARG_T struct csofia_alarm

#include <sofia-sip/msg_addr.h>
#include <sofia-sip/msg_mclass.h>
#include <sofia-sip/nta.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/nua.h>
#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/su_wait.h>
#include <sofia-sip/tport_tag.h>

enum { most_listeners = 16, most_headers = 96, longest_value = 8192 };

struct csofia_listener {
    csofia_stack *stack;
    nua_t *nua;
    int number;
    bool open;
    bool secure;
    uint16_t port;
};

struct csofia_alarm {
    csofia_stack *stack;
    uint64_t token;
};

struct csofia_stack {
    su_root_t *root;
    csofia_callback callback;
    csofia_log log;
    csofia_screen screen;
    csofia_door door;
    csofia_sent sent;
    csofia_shed shed;
    csofia_gone gone;
    void *context;
    char user_agent[64];
    csofia_listener listeners[most_listeners];
    int count;
    bool closing;
    bool closed;
};

/* nua's callback. */
void csofia_take(nua_event_t event, int status, char const *phrase, nua_t *nua, csofia_listener *listener,
                 nua_handle_t *nh, void *hmagic, sip_t const *sip, tagi_t tags[]);

/* events.c: reads a message as for an event, and forgets it. */
void csofia_read(sip_t const *sip);

/* stack.c: the dialog's token by a Replaces header, asked of every listener. */
uint64_t csofia_token_of(csofia_stack *stack, sip_replaces_t const *replaces);

/* certificate.c: the certificate in that folder, if there is one, has its key. */
bool csofia_certificate_fits(const char *folder);

/* screen.c: from now on the calls of this thread are those of this stack. */
void csofia_enter(csofia_stack *stack);
/* The stack of this thread, if it runs one. */
csofia_stack *csofia_running(void);

/* doors.c: connections are really asked for. */
bool csofia_has_doors(void);

/* shed.c: takes off the front of a socket's queue what is not going to be looked at. */
void csofia_shed_queue(csofia_stack *stack, int fd);
/* shed.c: the bytes of a socket address, 4 or 16 of them in network order; 0: of another family. */
size_t csofia_source(const struct sockaddr *address, const uint8_t **bytes);
/* shed.c: as much room for what has not been read yet as the kernel gives. */
void csofia_widen(int fd);

/* redirects.c: the parser's class, an msg_mclass_t; NULL when there is no memory. */
const void *csofia_parser(void);

static inline nua_handle_t *csofia_handle(csofia_call *call) { return (nua_handle_t *)call; }

#endif
