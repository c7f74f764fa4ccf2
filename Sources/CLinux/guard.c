// SPDX-License-Identifier: Apache-2.0
// The worker's watch over itself while a script runs. Everything in the handler is async-signal-safe.
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "CLinuxSpawn.h"

static struct {
    volatile struct partyline_blame *page;
    clockid_t clock;
    uint64_t cpu_limit, resident_limit;
    volatile int64_t entered_cpu;
    volatile sig_atomic_t is_inside;
} guard;

static int64_t guarded_cpu(void) {
    struct timespec now;
    clock_gettime(guard.clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void guard_tick(int number) {
    (void)number;
    if (!guard.is_inside) return;
    int saved = errno;
    uint64_t reason = PARTYLINE_BLAME_NONE;
    if ((uint64_t)(guarded_cpu() - guard.entered_cpu) > guard.cpu_limit) reason = PARTYLINE_BLAME_TIME;
    else if (partyline_own_resident_bytes() > guard.resident_limit) reason = PARTYLINE_BLAME_MEMORY;
    if (reason != PARTYLINE_BLAME_NONE) {
        guard.page->reason = reason;
        _exit(3);
    }
    errno = saved;
}

void partyline_guard_install(volatile struct partyline_blame *page, uint64_t cpu_ns) {
    guard.page = page;
    guard.cpu_limit = cpu_ns;
    if (pthread_getcpuclockid(pthread_self(), &guard.clock) != 0) guard.clock = CLOCK_PROCESS_CPUTIME_ID;
    struct sigaction action = {0};
    action.sa_handler = guard_tick;
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, NULL);
}

static void set_timer(long microseconds) {
    struct itimerval interval = {{0, microseconds}, {0, microseconds}};
    setitimer(ITIMER_REAL, &interval, NULL);
}

void partyline_guard_enter(uint64_t session, uint64_t resident) {
    guard.resident_limit = resident;
    guard.page->reason = PARTYLINE_BLAME_NONE;
    guard.page->session = session;
    guard.page->place[0] = 0;
    guard.entered_cpu = guarded_cpu();
    guard.is_inside = 1;
    set_timer(20000);
}

void partyline_guard_leave(void) {
    set_timer(0);
    guard.is_inside = 0;
    guard.page->session = 0;
}

void partyline_guard_place(const char *place) {
    if (!guard.page) return;
    size_t most = sizeof guard.page->place - 1, count = 0;
    while (count < most && place[count]) {
        guard.page->place[count] = place[count];
        count += 1;
    }
    guard.page->place[count] = 0;
}
