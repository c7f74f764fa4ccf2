// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

/* Memory that is needed soon: a hint to the processor, which fetches many lines at a time while a program that goes from
   pointer to pointer waits for one after the other. Any address will do; nothing is read or changed. */
static inline void partyline_prefetch(const uint64_t *addresses, long count)
{
    for (long index = 0; index < count; index++)
        __builtin_prefetch((const void *)(uintptr_t)addresses[index]);
}

/* The same for the `bytes` from one address on. */
static inline void partyline_prefetch_span(uint64_t address, long bytes)
{
    for (uint64_t line = address & ~(uint64_t)63; line < address + (uint64_t)bytes; line += 64)
        __builtin_prefetch((const void *)(uintptr_t)line);
}

/* Bytes of a block of the heap, as far as its owner may use it. */
long partyline_block_bytes(const void *block);

/* Before any thread is started: from now on the heap is one, and its next `bytes` (an address space, not memory in use) are
   asked for in huge pages. What belongs to hundreds of calls lies on thousands of small ones, more than the processor keeps
   the addresses of. 0, or -1 where the kernel has no huge pages: everything works without them. */
int partyline_heap_in_huge_pages(long bytes);

/* Whether this process, and those that it starts from now on, get huge pages at all (prctl(2), PR_SET_THP_DISABLE). Tests of
   memory forbid them: what grows by some bytes would be seen two megabytes later. 0: done. */
int partyline_allow_huge_pages(int allowed);
