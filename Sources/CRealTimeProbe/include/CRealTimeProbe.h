// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

/* For tests: counts what a real-time thread must not do. Linking this target replaces malloc, calloc, realloc, free and
   what locks (pthread mutexes and read-write locks) of the whole test process by ones that count per thread and then do
   what glibc's do. */

struct partyline_probe {
    uint64_t allocations;
    uint64_t frees;
    uint64_t locks;
};

/* Counting on the calling thread starts at zero. */
void partyline_probe_start(void);
/* Counting on the calling thread ends; what was counted since the start. */
struct partyline_probe partyline_probe_stop(void);
