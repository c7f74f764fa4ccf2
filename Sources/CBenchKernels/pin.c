// SPDX-License-Identifier: Apache-2.0
#include "CBenchKernels.h"

#include <sched.h>

int partyline_bench_pin(int processor) {
    if (processor < 0 || processor >= CPU_SETSIZE) return -1;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    return sched_setaffinity(0, sizeof set, &set);
}
