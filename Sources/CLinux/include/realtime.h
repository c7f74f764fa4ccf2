// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

/* Threads, clocks and memory: what Swift's Glibc module does not show, or shows as macros. */

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t partyline_now(void);
/* CPU time of the calling thread in nanoseconds. */
int64_t partyline_thread_cpu(void);

/* Starts a thread with a name (15 characters) and a stack size. priority > 0 asks for SCHED_FIFO; where that is not
   allowed the thread runs without (ask partyline_thread_is_fifo). The body runs with the context. 0 or an errno. */
int partyline_thread_start(
    const char *name, int priority, long stack_bytes, void (*body)(void *context), void *context,
    unsigned long *thread);
int partyline_thread_join(unsigned long thread);
/* 1 if the calling thread runs under SCHED_FIFO. */
int partyline_thread_is_fifo(void);
/* Touches the next `bytes` of the stack so that they cannot fault later. */
void partyline_prefault_stack(long bytes);
/* Locks the process' memory, now and later, as it is touched (mlockall with MCL_ONFAULT). 0 or an errno: EPERM, and nothing is
   locked, where a limit on locked memory holds, for then allocations would fail at that limit. */
int partyline_lock_memory(void);

/* eventfd: non-blocking, close-on-exec. -1 and errno on failure. */
int partyline_eventfd(void);
/* Adds one; never blocks. */
void partyline_eventfd_signal(int fd);
/* Reads and so clears it; 0 when it was clear. */
uint64_t partyline_eventfd_clear(int fd);

/* epoll: level triggered, read interest. -1 and errno on failure. */
int partyline_epoll(void);
int partyline_epoll_add(int epoll, int fd, uint64_t data);
/* Edge triggered: tells once that something has come, so whoever is told reads until nothing is left, or asks again
   (`again`: the descriptor is watched already). Spares a second look at each socket. 0 or errno. */
int partyline_epoll_watch(int epoll, int fd, uint64_t data, int again);
int partyline_epoll_remove(int epoll, int fd);
/* At most 256 at once. Waits until CLOCK_MONOTONIC `deadline_ns` at the longest (negative: not at all) with nanosecond resolution where the
   kernel has it. Fills `data` with those of ready descriptors; number of them, 0 on time-out or a signal. */
int partyline_epoll_wait_until(int epoll, int64_t deadline_ns, uint64_t *data, int capacity);

/* close(2), without a word about what it was. */
void partyline_close(int fd);
