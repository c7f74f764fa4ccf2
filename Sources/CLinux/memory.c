// SPDX-License-Identifier: Apache-2.0
#include "memory.h"

#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

long partyline_block_bytes(const void *block) { return (long)malloc_usable_size((void *)block); }

int partyline_allow_huge_pages(int allowed) { return prctl(PR_SET_THP_DISABLE, allowed ? 0UL : 1UL, 0UL, 0UL, 0UL); }

static const uintptr_t huge_page = (uintptr_t)2 << 20;

int partyline_heap_in_huge_pages(long bytes)
{
    if (bytes <= 0 || bytes > (long)1 << 30)
        return -1;
    mallopt(M_ARENA_MAX, 1);
    /* The heap is extended by one piece of this size; pages come into being when they are touched. */
    mallopt(M_TOP_PAD, (int)bytes);
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    void *before = sbrk(0);
    /* More than the rest of the heap has, less than what is mapped on its own; volatile, or the compiler leaves both calls out. */
    void *volatile block = malloc((1 << 20) - 4096);
    void *after = sbrk(0);
    uintptr_t first = ((uintptr_t)before + huge_page - 1) & ~(huge_page - 1);
    uintptr_t last = (uintptr_t)after & ~(huge_page - 1);
    int result = -1;
    if (before != (void *)-1 && after != (void *)-1 && last > first)
        result = madvise((void *)first, last - first, MADV_HUGEPAGE);
    free(block);
    return result;
}
