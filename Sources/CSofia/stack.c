/* SPDX-License-Identifier: Apache-2.0 */
/* The life of the stack: root, listeners, wake-ups, timers, closing. */
#include "internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const char handled_methods[] = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, MESSAGE, PRACK, REGISTER, REFER";
static const char supported[] = "timer, 100rel, replaces";

const char *csofia_allowed(void) { return handled_methods; }
const char *csofia_supported(void) { return supported; }

static void write_log(void *stream, char const *format, va_list arguments) {
    csofia_stack *stack = stream;
    char line[512];
    vsnprintf(line, sizeof line, format, arguments);
    line[strcspn(line, "\r\n")] = 0;
    if (stack && stack->log && line[0]) stack->log(stack->context, line);
}

csofia_stack *csofia_create(csofia_callback callback, csofia_log log, csofia_screen screen, csofia_door door, void *context,
                            const char *user_agent) {
    if (su_init() != 0) return NULL;
    csofia_stack *stack = calloc(1, sizeof *stack);
    if (!stack) return NULL;
    stack->callback = callback;
    stack->log = log;
    stack->screen = screen;
    stack->door = door;
    stack->context = context;
    snprintf(stack->user_agent, sizeof stack->user_agent, "%s", user_agent);
    /* The library writes to standard error unless told otherwise. */
    su_log_redirect(NULL, write_log, stack);
    su_log_set_level(NULL, 0);
    stack->root = su_root_create(stack);
    if (!stack->root) {
        su_log_redirect(NULL, write_log, NULL);
        free(stack);
        return NULL;
    }
    su_root_threading(stack->root, 0);
    return stack;
}

/* The library binds with SO_REUSEADDR, which hides a UDP port that somebody else has: so it is tried without first. */
static int try_bind(const char *host, uint16_t port, int type) {
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE, .ai_socktype = type}, *found = NULL;
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    if (getaddrinfo(host, service, &hints, &found) != 0) return EINVAL;
    int error = 0, one = 1;
    int fd = socket(found->ai_family, type | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        error = errno;
    } else {
        if (found->ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
        /* A connection in TIME_WAIT is no obstacle; another listener still is. */
        if (type == SOCK_STREAM) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        if (bind(fd, found->ai_addr, found->ai_addrlen) < 0 || (type == SOCK_STREAM && listen(fd, 1) < 0)) error = errno;
        close(fd);
    }
    freeaddrinfo(found);
    return error;
}

/* A port for TCP that nobody has. */
static uint16_t free_port(const char *host) {
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE, .ai_socktype = SOCK_STREAM}, *found = NULL;
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    char service[8] = "0";
    if (getaddrinfo(host, "0", &hints, &found) != 0) return 0;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool done = fd >= 0 && bind(fd, found->ai_addr, found->ai_addrlen) == 0
        && getsockname(fd, (struct sockaddr *)&name, &length) == 0
        && getnameinfo((struct sockaddr *)&name, length, NULL, 0, service, sizeof service, NI_NUMERICSERV) == 0;
    if (fd >= 0) close(fd);
    freeaddrinfo(found);
    return done ? (uint16_t)atoi(service) : 0;
}

static int open_listener(csofia_stack *stack, const char *url, uint16_t port, unsigned least_session, const char *folder,
                         bool verifies) {
    csofia_listener *listener = &stack->listeners[stack->count];
    unsigned policy = verifies ? TPTLS_VERIFY_OUT | TPTLS_VERIFY_SUBJECTS_OUT : TPTLS_VERIFY_NONE;
    listener->stack = stack;
    listener->number = stack->count;
    listener->port = port;
    listener->secure = folder != NULL;
    errno = 0;
    listener->nua = nua_create(
        stack->root, csofia_take, listener,
        NUTAG_URL(url), NUTAG_MEDIA_ENABLE(0), SIPTAG_USER_AGENT_STR(stack->user_agent),
        SIPTAG_ALLOW_STR(handled_methods),
        NUTAG_APPL_METHOD(NULL), NUTAG_APPL_METHOD("INVITE, INFO, UPDATE, MESSAGE, REGISTER, REFER"),
        SIPTAG_SUPPORTED_STR(supported), NUTAG_ENABLEMESSAGE(1),
        NUTAG_AUTOACK(0), NUTAG_AUTOALERT(0), NUTAG_AUTOANSWER(0), NUTAG_AUTO100(1), NUTAG_ONLY183_100REL(1),
        /* Timers are used where the far end asks for them (RFC 4028); it refreshes unless it insists on us. */
        NUTAG_SESSION_TIMER(0), NUTAG_MIN_SE(least_session), NUTAG_RETRY_COUNT(0),
        TAG_IF(csofia_parser(), NTATAG_MCLASS(csofia_parser())),
        NTATAG_MAXSIZE(65535), NTATAG_MAX_PROCEEDING(1024), NTATAG_USE_NAPTR(0), NTATAG_USE_SRV(0),
        NTATAG_UDP_MTU(65535), NTATAG_SERVER_RPORT(1), NTATAG_PASS_100(1), TPTAG_TIMEOUT(32000), TPTAG_IDLE(1800000), TPTAG_QUEUESIZE(64), TPTAG_UDP_RMEM(1 << 20),
        TAG_IF(folder, TPTAG_CERTIFICATE(folder)), TAG_IF(folder, TPTAG_TLS_VERIFY_POLICY(policy)),
        TAG_END());
    if (!listener->nua) {
        if (!errno) errno = EADDRNOTAVAIL;
        return -1;
    }
    listener->open = true;
    stack->count += 1;
    return listener->number;
}

int csofia_listen(csofia_stack *stack, const char *host, uint16_t port, const char *transports, unsigned least_session) {
    bool six = strchr(host, ':') != NULL;
    char url[128];
    int error = 0;
    if (stack->count == most_listeners) error = ENOSPC;
    if (!error && strstr(transports, "udp")) error = try_bind(host, port, SOCK_DGRAM);
    if (!error && strstr(transports, "tcp")) error = try_bind(host, port, SOCK_STREAM);
    if (error) {
        errno = error;
        return -1;
    }
    /* A list of transports in the URL crashes this version of the library; without one it opens UDP and TCP. */
    const char *one = strchr(transports, ',') ? "" : transports;
    snprintf(url, sizeof url, six ? "sip:[%s]:%u%s%s" : "sip:%s:%u%s%s", host, port, one[0] ? ";transport=" : "", one);
    return open_listener(stack, url, port, least_session, NULL, false);
}

int csofia_listen_tls(csofia_stack *stack, const char *host, uint16_t port, const char *folder, bool verifies,
                      unsigned least_session) {
    char url[128];
    if (port == 0) port = free_port(host);
    int error = stack->count == most_listeners ? ENOSPC : port == 0 ? EADDRNOTAVAIL : try_bind(host, port, SOCK_STREAM);
    if (!error && !csofia_certificate_fits(folder)) error = EINVAL;
    if (error) {
        errno = error;
        return -1;
    }
    snprintf(url, sizeof url, strchr(host, ':') ? "sips:[%s]:%u;transport=tls" : "sips:%s:%u;transport=tls", host, port);
    return open_listener(stack, url, port, least_session, folder, verifies);
}

uint16_t csofia_listener_port(csofia_stack *stack, int listener) {
    return listener >= 0 && listener < stack->count ? stack->listeners[listener].port : 0;
}

uint64_t csofia_token_of(csofia_stack *stack, sip_replaces_t const *replaces) {
    for (int i = 0; replaces && i < stack->count; i++) {
        nua_handle_t *found = stack->listeners[i].open ? nua_handle_by_replaces(stack->listeners[i].nua, replaces) : NULL;
        if (!found) continue;
        uint64_t token = (uint64_t)(uintptr_t)nua_handle_magic(found);
        nua_handle_unref(found);
        if (token) return token;
    }
    return 0;
}

uint64_t csofia_replaced(csofia_stack *stack, const char *replaces) {
    su_home_t home[1] = {SU_HOME_INIT(home)};
    uint64_t token = csofia_token_of(stack, sip_replaces_make(home, replaces));
    su_home_deinit(home);
    return token;
}

void csofia_run(csofia_stack *stack) {
    csofia_enter(stack);
    if (!stack->closed) su_root_run(stack->root);
    csofia_enter(NULL);
}

static void woken(csofia_stack *stack, su_msg_r message, su_msg_arg_t *nothing) {
    (void)message, (void)nothing;
    csofia_event event = {.kind = csofia_woken};
    stack->callback(stack->context, &event);
}

void csofia_wake(csofia_stack *stack) {
    su_msg_r message = SU_MSG_R_INIT;
    if (su_msg_new(message, sizeof(void *)) == 0) su_msg_send_to(message, su_root_task(stack->root), woken);
}

static void rung(csofia_stack *stack, su_timer_t *timer, struct csofia_alarm *alarm) {
    csofia_event event = {.kind = csofia_timer, .token = alarm->token};
    su_timer_destroy(timer);
    free(alarm);
    stack->callback(stack->context, &event);
}

void csofia_after(csofia_stack *stack, unsigned milliseconds, uint64_t token) {
    su_timer_t *timer = su_timer_create(su_root_task(stack->root), milliseconds);
    struct csofia_alarm *alarm = calloc(1, sizeof *alarm);
    if (!timer || !alarm || su_timer_set(timer, rung, (alarm->stack = stack, alarm->token = token, alarm)) < 0) {
        su_timer_destroy(timer);
        free(alarm);
    }
}

static void finish(csofia_stack *stack) {
    if (stack->closed) return;
    stack->closed = true;
    csofia_event event = {.kind = csofia_closed};
    stack->callback(stack->context, &event);
    su_root_break(stack->root);
}

static void given_up(csofia_stack *stack, su_timer_t *timer, struct csofia_alarm *alarm) {
    (void)alarm;
    su_timer_destroy(timer);
    finish(stack);
}

/* Called by csofia_take when a listener is down. */
void csofia_down(csofia_listener *listener) {
    csofia_stack *stack = listener->stack;
    listener->open = false;
    for (int i = 0; i < stack->count; i++)
        if (stack->listeners[i].open) return;
    finish(stack);
}

void csofia_close(csofia_stack *stack, unsigned milliseconds) {
    if (stack->closing) return;
    stack->closing = true;
    su_timer_t *timer = su_timer_create(su_root_task(stack->root), milliseconds);
    if (timer) su_timer_set(timer, given_up, NULL);
    for (int i = 0; i < stack->count; i++) nua_shutdown(stack->listeners[i].nua);
    if (stack->count == 0 || !timer) finish(stack);
}

void csofia_destroy(csofia_stack *stack) {
    bool clean = true;
    for (int i = 0; i < stack->count; i++) {
        /* nua_destroy refuses while a shutdown is under way: then its sockets are closed by the end of the process. */
        if (stack->listeners[i].open) clean = false;
        else nua_destroy(stack->listeners[i].nua);
    }
    su_log_redirect(NULL, write_log, NULL);
    if (clean) {
        su_root_destroy(stack->root);
        free(stack);
    }
}

bool csofia_route(const char *peer, char *local, size_t size) {
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM}, *found = NULL;
    if (getaddrinfo(peer, "9", &hints, &found) != 0) return false;
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    int fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool done = fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) == 0
        && getsockname(fd, (struct sockaddr *)&name, &length) == 0
        && getnameinfo((struct sockaddr *)&name, length, local, (socklen_t)size, NULL, 0, NI_NUMERICHOST) == 0;
    if (fd >= 0) close(fd);
    freeaddrinfo(found);
    /* A zone ("%eth0") means nothing to the far end. */
    if (done) local[strcspn(local, "%")] = 0;
    return done;
}

void csofia_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
