// SPDX-License-Identifier: Apache-2.0
// Debian 12 has glibc 2.36: posix_spawn can close every descriptor from a number upwards by itself.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "CLinuxSpawn.h"

enum { socket_descriptor = 3, page_descriptor = 4, page_bytes = 4096 };

static volatile struct partyline_blame *map_page(int descriptor) {
    void *page = mmap(NULL, page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    return page == MAP_FAILED ? NULL : page;
}

volatile struct partyline_blame *partyline_blame_create(int *descriptor) {
    int fd = memfd_create("partyline-worker", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) return NULL;
    /* Sealed against shrinking: a worker could otherwise make the daemon's read a SIGBUS. */
    if (ftruncate(fd, page_bytes) != 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        close(fd);
        return NULL;
    }
    volatile struct partyline_blame *page = map_page(fd);
    if (!page) {
        close(fd);
        return NULL;
    }
    *descriptor = fd;
    return page;
}

volatile struct partyline_blame *partyline_blame_open(int descriptor) { return map_page(descriptor); }

void partyline_blame_close(volatile struct partyline_blame *page) {
    if (page) munmap((void *)page, page_bytes);
}

int partyline_socket_pair(int pair[2]) {
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return errno;
    int flags = fcntl(pair[0], F_GETFL);
    if (flags < 0 || fcntl(pair[0], F_SETFL, flags | O_NONBLOCK) != 0) {
        int error = errno;
        close(pair[0]);
        close(pair[1]);
        return error;
    }
    return 0;
}

int partyline_spawn_worker(
    const char *path, const char *const arguments[], const char *const environment[], int socket, int page, int *pid) {
    /* Above the numbers they shall get, so that neither dup2 overwrites the other's source. */
    int high_socket = fcntl(socket, F_DUPFD_CLOEXEC, 16);
    int high_page = fcntl(page, F_DUPFD_CLOEXEC, 16);
    int error = high_socket < 0 || high_page < 0 ? errno : 0;

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    if (!error) error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!error) error = posix_spawn_file_actions_adddup2(&actions, 2, 1);
    if (!error) error = posix_spawn_file_actions_adddup2(&actions, high_socket, socket_descriptor);
    if (!error) error = posix_spawn_file_actions_adddup2(&actions, high_page, page_descriptor);
    if (!error) error = posix_spawn_file_actions_addclosefrom_np(&actions, page_descriptor + 1);
    pid_t child = 0;
    if (!error)
        error = posix_spawn(&child, path, &actions, &attributes, (char *const *)arguments, (char *const *)environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (high_socket >= 0) close(high_socket);
    if (high_page >= 0) close(high_page);
    *pid = child;
    return error;
}

int partyline_end_worker(int pid) {
    int status = 0;
    if (pid <= 0) return -1;
    kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return -1;
    return status;
}

int partyline_ending_signal(int status) { return status >= 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0; }

/* The second number of a text that is not terminated; there is room for that. */
static uint64_t second_in(char *text, ssize_t length) {
    if (length <= 0) return 0;
    text[length] = 0;
    const char *at = text;
    while (*at && *at != ' ') at++;
    uint64_t number = 0;
    if (*at == ' ')
        for (at++; *at >= '0' && *at <= '9'; at++) number = number * 10 + (uint64_t)(*at - '0');
    return number;
}

/* The second number of a file of /proc. Async-signal-safe: the guard asks from its signal handler. */
static uint64_t second_number(const char *path) {
    char text[128];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    return second_in(text, length);
}

uint64_t partyline_own_resident_bytes(void) {
    /* Asked before and after each entry into a script: opened once. */
    static atomic_int own = -1;
    int fd = atomic_load(&own);
    if (fd < 0) {
        fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
        int none = -1;
        if (fd >= 0 && !atomic_compare_exchange_strong(&own, &none, fd)) {
            close(fd);
            fd = none;
        }
    }
    char text[128];
    return fd < 0 ? 0 : second_in(text, pread(fd, text, sizeof text - 1, 0)) * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t partyline_resident_bytes_of(const char *statm) {
    return second_number(statm) * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t partyline_resident_bytes(int pid) {
    char path[40];
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    return partyline_resident_bytes_of(path);
}

uint64_t partyline_run_delay(int pid) {
    char path[40];
    snprintf(path, sizeof path, "/proc/%d/schedstat", pid);
    return second_number(path);
}

int partyline_become_worker(void) {
    pid_t daemon = getppid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != daemon || daemon == 1) return -1;
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    struct rlimit nothing = {0, 0};
    setrlimit(RLIMIT_CORE, &nothing);
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        /* Not allowed in every container; then the usual score stays. */
        ssize_t written = write(fd, "500", 3);
        (void)written;
        close(fd);
    }
    return 0;
}
