// SPDX-License-Identifier: Apache-2.0
#include "realtime.h"

#include <alloca.h>
#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int64_t clock_ns(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) return 0;
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t partyline_now(void) { return clock_ns(CLOCK_MONOTONIC); }

int64_t partyline_thread_cpu(void) { return clock_ns(CLOCK_THREAD_CPUTIME_ID); }

struct start {
    void (*body)(void *);
    void *context;
    char name[16];
};

static void *run(void *argument) {
    struct start start = *(struct start *)argument;
    free(argument);
    pthread_setname_np(pthread_self(), start.name);
    start.body(start.context);
    return NULL;
}

int partyline_thread_start(
    const char *name, int priority, long stack_bytes, void (*body)(void *context), void *context,
    unsigned long *thread) {
    struct start *start = malloc(sizeof *start);
    if (!start) return ENOMEM;
    start->body = body;
    start->context = context;
    strncpy(start->name, name, sizeof start->name - 1);
    start->name[sizeof start->name - 1] = 0;

    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    if (stack_bytes < PTHREAD_STACK_MIN) stack_bytes = PTHREAD_STACK_MIN;
    pthread_attr_setstacksize(&attributes, (size_t)stack_bytes);
    pthread_t started;
    int error = EPERM;
    if (priority > 0) {
        struct sched_param parameters = {.sched_priority = priority};
        pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
        pthread_attr_setschedpolicy(&attributes, SCHED_FIFO);
        pthread_attr_setschedparam(&attributes, &parameters);
        error = pthread_create(&started, &attributes, run, start);
        pthread_attr_setinheritsched(&attributes, PTHREAD_INHERIT_SCHED);
    }
    if (error != 0) error = pthread_create(&started, &attributes, run, start);
    pthread_attr_destroy(&attributes);
    if (error != 0) {
        free(start);
        return error;
    }
    *thread = started;
    return 0;
}

int partyline_thread_join(unsigned long thread) { return pthread_join(thread, NULL); }

int partyline_thread_is_fifo(void) {
    int policy = 0;
    struct sched_param parameters;
    return pthread_getschedparam(pthread_self(), &policy, &parameters) == 0 && policy == SCHED_FIFO;
}

void partyline_prefault_stack(long bytes) {
    if (bytes <= 0) return;
    volatile char *stack = alloca((size_t)bytes);
    for (long offset = 0; offset < bytes; offset += 1024) stack[offset] = 0;
}

/* Whether no limit on locked memory holds for this process: RLIMIT_MEMLOCK is infinite, or CAP_IPC_LOCK is there (mlock(2)). */
static int may_lock_without_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        if (limit.rlim_max == RLIM_INFINITY && setrlimit(RLIMIT_MEMLOCK, &limit) == 0) return 1;
    }
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (syscall(SYS_capget, &header, sets) != 0) return 0;
    if ((sets[CAP_TO_INDEX(CAP_IPC_LOCK)].effective & CAP_TO_MASK(CAP_IPC_LOCK)) == 0) return 0;
    /* In a container with users of its own (user_namespaces(7)) the capability is shown and does not count for this. */
    unsigned long inside = 1, outside = 1, count = 0;
    FILE *map = fopen("/proc/self/uid_map", "re");
    if (!map) return 0;
    int found = fscanf(map, "%lu %lu %lu", &inside, &outside, &count);
    fclose(map);
    return found == 3 && inside == 0 && outside == 0 && count == 4294967295ul;
}

int partyline_lock_memory(void) {
    /* Under MCL_FUTURE every new mapping counts against the limit as a whole, touched or not, and is refused beyond it: an
       allocation that fails, and a daemon that ends. Rather none of it is locked. */
    if (!may_lock_without_limit()) return EPERM;
    return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0 ? 0 : errno;
}

int partyline_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

void partyline_eventfd_signal(int fd) {
    uint64_t one = 1;
    ssize_t written = write(fd, &one, sizeof one);
    (void)written; // a full counter is as good as a signal
}

uint64_t partyline_eventfd_clear(int fd) {
    uint64_t value = 0;
    return read(fd, &value, sizeof value) == sizeof value ? value : 0;
}

int partyline_epoll(void) { return epoll_create1(EPOLL_CLOEXEC); }

int partyline_epoll_add(int epoll, int fd, uint64_t data) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = data};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}

int partyline_epoll_watch(int epoll, int fd, uint64_t data, int again) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = data};
    return epoll_ctl(epoll, again ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}

int partyline_epoll_remove(int epoll, int fd) {
    return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL) == 0 ? 0 : errno;
}

int partyline_epoll_wait_until(int epoll, int64_t deadline_ns, uint64_t *data, int capacity) {
    struct epoll_event events[256];
    if (capacity > 256) capacity = 256;
    struct timespec timeout = {0, 0};
    int64_t rest = deadline_ns < 0 ? 0 : deadline_ns - partyline_now();
    if (rest > 0) {
        timeout.tv_sec = rest / 1000000000;
        timeout.tv_nsec = rest % 1000000000;
    }
    int count = epoll_pwait2(epoll, events, capacity, &timeout, NULL);
    if (count < 0 && errno == ENOSYS)
        count = epoll_wait(epoll, events, capacity, rest > 0 ? (int)(rest / 1000000) : 0);
    for (int index = 0; index < count; index++) data[index] = events[index].data.u64;
    return count > 0 ? count : 0;
}

void partyline_close(int fd) { close(fd); }
