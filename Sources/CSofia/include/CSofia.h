/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Partyline uses of sofia-sip (RFC 3261, 3262, 3311, 3326, 4028, 6086): transactions, dialogs and transports, in one
 * thread, its media side switched off. No header of the library is seen outside this target.
 *
 * Everything here belongs to the thread that runs csofia_run, but for csofia_wake, which any thread may call. A call handle
 * is valid from the event that brings it (or csofia_call_out) until csofia_forget. All texts of an event live until the
 * callback returns, are ended by zero and are as hostile as the network.
 */
#ifndef CSOFIA_H
#define CSOFIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct csofia_stack csofia_stack;
typedef struct csofia_call csofia_call;

typedef enum csofia_kind {
    /* A request outside any dialog, with a fresh handle: INVITE. Answer with csofia_respond. */
    csofia_new_invite = 1,
    /* Requests within a dialog, to be answered in the callback with csofia_respond_now. */
    csofia_reinvite,
    csofia_update,
    csofia_info,
    csofia_message,
    /* REFER within a dialog: to be answered in the callback with csofia_respond_now (202 or a refusal). */
    csofia_refer,
    /* REGISTER: to be answered in the callback with csofia_respond_now; the handle is gone when the callback returns. */
    csofia_register,
    /* Already answered by the library. */
    csofia_ack,
    csofia_prack,
    csofia_cancel,
    csofia_bye,
    /* Responses: to INVITE (a 2xx wants csofia_acknowledge), and to anything else of ours (`method` says to what). */
    csofia_invite_response,
    csofia_response,
    /* To a REGISTER or OPTIONS of csofia_request_out. */
    csofia_request_response,
    /* The library gave the call up (no ACK, no PRACK, a session that ran out): `status` says why. */
    csofia_failed,
    /* The dialog is over for the library; nothing can be sent with the handle. */
    csofia_terminated,
    /* csofia_wake was called. */
    csofia_woken,
    /* The time of csofia_after is over. */
    csofia_timer,
    /* All listeners are closed; csofia_run returns. */
    csofia_closed,
} csofia_kind;

typedef struct csofia_header {
    const char *name;
    const char *value;
} csofia_header;

typedef struct csofia_event {
    csofia_kind kind;
    /* The handle, NULL where the event has none. */
    csofia_call *call;
    /* What csofia_bind or csofia_call_out or csofia_after set, otherwise 0. */
    uint64_t token;
    int status;
    const char *phrase;
    const char *method;
    /* The listener that took the message in, as numbered by csofia_listen. */
    int listener;
    /* Numeric source address, its port, and "udp", "tcp" or "tls"; empty where the event carries no message. */
    const char *source_address;
    uint16_t source_port;
    const char *transport;
    const char *request_uri;
    const char *request_user;
    const char *from_uri;
    const char *from_user;
    const char *from_display;
    const char *to_uri;
    const char *call_id;
    const char *content_type;
    const char *content_encoding;
    const char *body;
    size_t body_length;
    /* At most 96, the first ones; values of at most 8 KiB. */
    const csofia_header *headers;
    size_t header_count;
    /* More headers than that, or longer ones, came. */
    bool too_many_headers;
    /* The peer's Allow names UPDATE. */
    bool peer_takes_update;
    /* 401 and 407: the realm of the first digest challenge as it stands in the header, with its quotes; otherwise empty.
       The request waits for csofia_authenticate; csofia_forget gives it up. */
    const char *realm;
    /* INVITE with Replaces: the token of the dialog that is meant (0: it is none of ours). */
    bool has_replaces;
    uint64_t replaces_token;
    /* REFER: the Event header of its subscription, for csofia_notify. */
    const char *refer_event;
} csofia_event;

typedef void (*csofia_callback)(void *context, const csofia_event *event);
/* One line of the library's own log, without line end. */
typedef void (*csofia_log)(void *context, const char *line);

/* A message before anything is read of it. */
typedef struct csofia_raw {
    /* A datagram; of a stream the head of a message, up to its blank line. */
    const uint8_t *bytes;
    size_t count;
    /* What of the stream is there, from `bytes` on. */
    size_t available;
    /* 4 or 16 bytes, network order. */
    const uint8_t *source;
    size_t source_length;
    uint16_t source_port;
    bool is_stream;
} csofia_raw;

typedef enum csofia_verdict {
    csofia_pass = 0,
    /* Forgotten without an answer; a stream is closed. */
    csofia_drop,
    /* Answered with what is in the reply, then forgotten. */
    csofia_refuse,
} csofia_verdict;

typedef struct csofia_reply {
    /* Room for the answer, and how much of it is used. */
    uint8_t *bytes;
    size_t capacity;
    size_t count;
    /* The port of the source to which a datagram goes. */
    uint16_t port;
    /* Of a datagram that passes: where its topmost Via names a transport other than UDP (0: it does not), and in how many
       bytes. The library would open a connection there; so it is told that UDP it was. */
    size_t transport;
    size_t transport_length;
} csofia_reply;

/* Asked for every message before it is parsed. */
typedef csofia_verdict (*csofia_screen)(void *context, const csofia_raw *raw, csofia_reply *reply);
/* Asked for datagrams that still stand in the kernel's queue: true throws the first one away unread. Of one that stays
   csofia_screen is asked as well. `source`: 4 or 16 bytes, network order. */
typedef bool (*csofia_shed)(void *context, const uint8_t *source, size_t length);
/* Told of every message that is sent; `transport` "udp", "tcp" or "tls". */
typedef void (*csofia_sent)(void *context, const uint8_t *bytes, size_t count, const char *peer_address, uint16_t peer_port,
                            const char *transport);
/* Asked for every connection; `source`: 4 or 16 bytes, network order. False: it is closed. At most 512 are open, whoever says
   yes. */
typedef bool (*csofia_door)(void *context, const uint8_t *source, size_t length, uint16_t source_port);
/* Told of connections that were taken and are no more, when the next one comes. */
typedef void (*csofia_gone)(void *context, const uint8_t *source, size_t length, uint16_t source_port);

/* The callbacks are called on the thread of csofia_run only. NULL when memory or descriptors are short.
   To be called on the thread that will run it. */
csofia_stack *csofia_create(csofia_callback callback, csofia_log log, csofia_screen screen, csofia_door door, void *context,
                            const char *user_agent);

/* Before csofia_run: who is told of what is sent. */
void csofia_tell_sent(csofia_stack *stack, csofia_sent sent);
/* Before csofia_run: who is asked what is thrown away unread; otherwise nothing is. */
void csofia_shed_by(csofia_stack *stack, csofia_shed shed);
/* Before csofia_run: who is told which connections have ended. */
void csofia_tell_gone(csofia_stack *stack, csofia_gone gone);
/* Tells of connections that were closed since the last one was accepted. */
void csofia_sweep_connections(csofia_stack *stack);
/* Ends a connection that csofia_door took, if it is still there; the library closes it soon. */
void csofia_end_connection(const uint8_t *source, size_t length, uint16_t source_port);
/* Ends connections of this process to a numeric address and port, whoever opened them. */
void csofia_end_connections_to(const char *address, uint16_t port);

/* Opens a listener; `host` is a numeric address (IPv6 without brackets), `transports` "udp", "tcp" or "udp,tcp",
   `least_session` the shortest session interval in seconds (RFC 4028).
   The number of the listener (from 0), or -1 with errno: EADDRINUSE, EADDRNOTAVAIL, EACCES, EINVAL, ENOSPC (16 are open). */
int csofia_listen(csofia_stack *stack, const char *host, uint16_t port, const char *transports, unsigned least_session);

/* Opens a listener for TLS. `folder` holds cafile.pem (whom we trust when we connect) and, to be called, agent.pem (our own
   certificate and key). With `verifies`, connections of ours are given up unless the far end's certificate is good and has
   the name that the next hop names ("sip:NAME:5061;transport=tls;maddr=192.0.2.1"). Port 0: any. EINVAL: agent.pem is no
   certificate with its key. */
int csofia_listen_tls(csofia_stack *stack, const char *host, uint16_t port, const char *folder, bool verifies,
                      unsigned least_session);

/* The port on which a listener listens (of port 0: which one it became). */
uint16_t csofia_listener_port(csofia_stack *stack, int listener);

/* Runs until csofia_close is done. */
void csofia_run(csofia_stack *stack);

/* Any thread: the callback gets csofia_woken soon. */
void csofia_wake(csofia_stack *stack);

/* Says BYE, CANCEL or 480 to all that is open and closes the listeners; csofia_closed follows, within `milliseconds`. */
void csofia_close(csofia_stack *stack, unsigned milliseconds);

/* After csofia_run has returned. */
void csofia_destroy(csofia_stack *stack);

/* Ends with csofia_timer and this token, once. Cannot be called off. */
void csofia_after(csofia_stack *stack, unsigned milliseconds, uint64_t token);

/* Later events of this handle carry the token (not 0). `next_hop` ("sip:192.0.2.7:5060;transport=udp"): where requests of
   this dialog go whatever Contact says, so that no name of the far end is ever resolved. */
void csofia_bind(csofia_call *call, uint64_t token, const char *next_hop, bool refresh_by_update);

typedef struct csofia_answer {
    int status;
    /* "<sip:192.0.2.1:5060>", or NULL: the library's own. */
    const char *contact;
    const char *sdp;
    /* Further header lines, divided by "\r\n", checked by the caller; or NULL. */
    const char *headers;
} csofia_answer;

/* Answers the INVITE that is open on this handle. */
void csofia_respond(csofia_call *call, const csofia_answer *answer);
/* Answers the request that the running callback brought. */
void csofia_respond_now(csofia_stack *stack, int listener, csofia_call *call, const csofia_answer *answer);

typedef struct csofia_invitation {
    const char *uri;
    const char *from;
    const char *to;
    const char *contact;
    const char *next_hop;
    const char *sdp;
    const char *headers;
    /* The session interval that is asked for (RFC 4028), in seconds; 0: none. */
    unsigned session_seconds;
    /* A challenge is waited for with csofia_authenticate (otherwise it is a refusal like others). */
    bool has_account;
    /* 100rel is not among what we say to support. */
    bool no_reliable;
} csofia_invitation;

/* Sends an INVITE from this listener; NULL when memory is short. */
csofia_call *csofia_call_out(csofia_stack *stack, int listener, uint64_t token, const csofia_invitation *invitation);
/* A new INVITE within the dialog; without SDP it asks the far end for an offer. */
void csofia_reinvite_out(csofia_call *call, const char *contact, const char *sdp);
/* ACK for a 2xx, with an answer where the 2xx brought an offer. */
void csofia_acknowledge(csofia_call *call, const char *sdp);
void csofia_send_bye(csofia_call *call, const char *headers);
void csofia_send_cancel(csofia_call *call, const char *headers);
/* OPTIONS within the call's dialog; the answer comes as csofia_request_response with the call's token. */
void csofia_send_options(csofia_call *call);
void csofia_send_info(csofia_call *call, const char *content_type, const char *body, const char *headers);
void csofia_send_message(csofia_call *call, const char *text);

/* Answers the digest challenge of a 401 or 407 of this handle, now and later; the realm as the event gave it. False: there
   was no such challenge. Nothing is ever answered without this. */
bool csofia_authenticate(csofia_call *call, const char *realm, const char *user, const char *password);

/* Writes the value of an Authorization header into `text`; false: the challenge cannot be answered. */
typedef bool (*csofia_answer_challenge)(const char *challenge, const char *user, const char *password, const char *method,
                                        const char *uri, unsigned count, char *text, size_t size);
/* Once, before the first stack is made: who computes the answers to digest challenges. */
bool csofia_set_digest(csofia_answer_challenge answer);

typedef struct csofia_request {
    const char *method;
    const char *uri;
    const char *from;
    const char *to;
    const char *contact;
    const char *next_hop;
    const char *headers;
} csofia_request;

/* A REGISTER or OPTIONS; its response comes as csofia_request_response. NULL when memory is short. */
csofia_call *csofia_request_out(csofia_stack *stack, int listener, uint64_t token, const csofia_request *request);
/* The same once more, with the same Call-ID and the next number. */
void csofia_request_again(csofia_call *call, const csofia_request *request);

/* Tells how a transfer goes: `line` is a status line ("SIP/2.0 180 Ringing"). */
void csofia_notify(csofia_call *call, const char *refer_event, const char *line, bool is_last);

/* The token of the dialog that a Replaces header's value names; 0: none. */
uint64_t csofia_replaced(csofia_stack *stack, const char *replaces);

/* Gives the handle back; what is still open is ended by the library. */
void csofia_forget(csofia_call *call);

/* The calling thread's name, as debuggers and top show it; at most 15 bytes. */
void csofia_name_thread(const char *name);

/* True when the library's name look-ups are replaced by ours, which never look a name up: must hold in every program. */
bool csofia_resolves_nothing(void);

/* Values of the Allow and Supported headers. */
const char *csofia_allowed(void);
const char *csofia_supported(void);

/* True when the screen and the door are really asked: must hold in every program. */
bool csofia_screens(void);

/* Parses a message and reads it as for an event, without a stack: for the fuzzer. False: the library has called it broken. */
bool csofia_try(const uint8_t *bytes, size_t count);

/* The local address from which this machine reaches a numeric address; false when there is none. */
bool csofia_route(const char *peer, char *local, size_t size);

#ifdef __cplusplus
}
#endif

#endif
