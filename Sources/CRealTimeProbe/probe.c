// SPDX-License-Identifier: Apache-2.0
#include "CRealTimeProbe.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *memory);

/* Initial-exec: the first access from a new thread must not allocate by itself. */
static __thread struct partyline_probe counted __attribute__((tls_model("initial-exec")));
static __thread int counting __attribute__((tls_model("initial-exec")));

void partyline_probe_start(void) {
    counted = (struct partyline_probe){0, 0, 0};
    counting = 1;
}

struct partyline_probe partyline_probe_stop(void) {
    counting = 0;
    return counted;
}

void *malloc(size_t size) {
    counted.allocations += counting;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    counted.allocations += counting;
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
    counted.allocations += counting;
    return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
    counted.allocations += counting;
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    counted.allocations += counting;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    counted.allocations += counting;
    void *made = __libc_memalign(alignment, size);
    if (!made) return 12;
    *memory = made;
    return 0;
}

void free(void *memory) {
    counted.frees += counting;
    __libc_free(memory);
}

/* What waits for another thread; a condition variable is waited for with its mutex locked. */
#define COUNTED(name, type)                                                          \
    int name(type *object) {                                                         \
        static int (*real)(type *);                                                  \
        if (!real) real = (int (*)(type *))dlsym(RTLD_NEXT, #name);                  \
        counted.locks += counting;                                                   \
        return real(object);                                                         \
    }

COUNTED(pthread_mutex_lock, pthread_mutex_t)
COUNTED(pthread_mutex_trylock, pthread_mutex_t)
COUNTED(pthread_rwlock_rdlock, pthread_rwlock_t)
COUNTED(pthread_rwlock_wrlock, pthread_rwlock_t)
