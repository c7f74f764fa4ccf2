// SPDX-License-Identifier: Apache-2.0
#include "memory.h"

#include <malloc.h>

long partyline_block_bytes(const void *block) { return (long)malloc_usable_size((void *)block); }
