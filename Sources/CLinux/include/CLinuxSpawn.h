// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

/* Worker processes: how the daemon starts one, and how a worker watches over itself. */

/* One page of memory that a worker shares with the daemon. The worker writes on it which session it is about to enter, so
   that the daemon knows whose script was running when the worker is gone. The daemon believes it no more than a hint. */
struct partyline_blame {
    uint64_t session; /* number of the session whose script runs, 0: none */
    uint64_t reason;  /* enum partyline_blame_reason */
    char place[120];  /* "gateway.js:12": where the script began what runs; ended by zero, empty when not known */
};
enum partyline_blame_reason { PARTYLINE_BLAME_NONE = 0, PARTYLINE_BLAME_TIME = 1, PARTYLINE_BLAME_MEMORY = 2 };

/* A page and its descriptor (close-on-exec). NULL and errno on failure. */
volatile struct partyline_blame *partyline_blame_create(int *descriptor);
/* The page behind an inherited descriptor. NULL and errno on failure. */
volatile struct partyline_blame *partyline_blame_open(int descriptor);
void partyline_blame_close(volatile struct partyline_blame *page);

/* A connected pair of stream sockets, close-on-exec, the first one non-blocking. 0 or an errno. */
int partyline_socket_pair(int pair[2]);

/* Starts a program that inherits nothing but standard error, the socket as descriptor 3 and the page as descriptor 4; in a
   process group of its own, no signal blocked or ignored, environment as given. 0 or an errno. */
int partyline_spawn_worker(
    const char *path, const char *const arguments[], const char *const environment[], int socket, int page, int *pid);
/* SIGKILL and wait: its wait status, -1 when there is no such child. */
int partyline_end_worker(int pid);
/* What a wait status says: the signal that ended the process, 0 if it was none. */
int partyline_ending_signal(int status);
/* Resident memory of a process in bytes, 0 when it is gone. */
uint64_t partyline_resident_bytes(int pid);
/* The same from a statm file of /proc; async-signal-safe. */
uint64_t partyline_resident_bytes_of(const char *statm);
/* Of this process itself: two system calls less. Any thread; async-signal-safe. */
uint64_t partyline_own_resident_bytes(void);

/* How long the process' main thread has been ready to run without getting a CPU, in nanoseconds since its start; 0 where
   the kernel does not count it. */
uint64_t partyline_run_delay(int pid);

/* In the worker: dies with its daemon, never before it by mistake; first to go when the machine is out of memory; writes no
   core, gains no privileges. 0, or -1 when the daemon is gone already. */
int partyline_become_worker(void);

/* In the worker: ends the process when the calling thread uses more than `cpu_ns` of CPU between enter and leave, or the
   process more than `resident` bytes then. A script that its engine cannot stop (a promise chain, a regular expression) ends
   here. Works by an interval timer that runs between enter and leave only. */
void partyline_guard_install(volatile struct partyline_blame *page, uint64_t cpu_ns);
void partyline_guard_enter(uint64_t session, uint64_t resident);
void partyline_guard_leave(void);
/* Writes down where the script began what it runs now; longer texts are cut. */
void partyline_guard_place(const char *place);
