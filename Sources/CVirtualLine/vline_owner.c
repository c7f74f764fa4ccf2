// SPDX-License-Identifier: Apache-2.0
#include "vline_owner.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* More than this is a leak of somebody's, not a laboratory. */
#define MOST_CLIENTS 64
#define NOT_GREETED 99u

struct client {
    int fd;
    uint32_t kind;
    /* Controls whose change could not be told yet because the client does not read. */
    uint32_t pending;
};

struct vline_owner {
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
    pthread_mutex_t lock;
    struct vline_page *page;
    int memory, listener, epoll;
    double ppm;
    struct client clients[MOST_CLIENTS];
};

static void watch(struct vline_owner *owner, int operation, int fd, uint32_t events, uint32_t slot) {
    struct epoll_event event = {.events = events, .data.u32 = slot};
    epoll_ctl(owner->epoll, operation, fd, &event);
}

/* MARK: clock (with the lock held) */

static void set_clock(struct vline_page *page, int64_t ns, int64_t ticks, int64_t speed) {
    atomic_fetch_add_explicit(&page->clock_sequence, 1, memory_order_acq_rel);
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&page->anchor_ns, ns, memory_order_relaxed);
    atomic_store_explicit(&page->anchor_ticks, ticks, memory_order_relaxed);
    atomic_store_explicit(&page->speed, speed, memory_order_relaxed);
    atomic_fetch_add_explicit(&page->clock_sequence, 1, memory_order_release);
}

static int64_t speed_of(const struct vline_owner *owner) {
    if (owner->page->is_manual) return 0;
    return (int64_t)((double)VLINE_TICKS_PER_SECOND / 1e9 * (1 + owner->ppm * 1e-6) * (double)(1ll << 40));
}

/* MARK: socket */

static int listen_at(struct vline_owner *owner) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, owner->path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return errno;
    /* Only a socket is replaced: a mistyped path must not cost anybody a file. */
    struct stat status;
    if (lstat(owner->path, &status) == 0 && S_ISSOCK(status.st_mode)) unlink(owner->path);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || chmod(owner->path, 0600) < 0 || listen(fd, 16) < 0) {
        int error = errno;
        close(fd);
        return error;
    }
    owner->listener = fd;
    watch(owner, EPOLL_CTL_ADD, fd, EPOLLIN, MOST_CLIENTS);
    return 0;
}

static void stop_listening(struct vline_owner *owner) {
    if (owner->listener < 0) return;
    unlink(owner->path);
    close(owner->listener);
    owner->listener = -1;
}

static void drop_client(struct vline_owner *owner, struct client *client) {
    if (client->fd < 0) return;
    if (client->kind == VLINE_CLIENT_CAPTURE || client->kind == VLINE_CLIENT_PLAYBACK)
        atomic_store(&owner->page->streams[client->kind].is_running, 0);
    close(client->fd);
    client->fd = -1;
}

static void tell(struct vline_owner *owner, struct client *client) {
    for (uint32_t control = 0; control < VLINE_CONTROLS; control++) {
        if (!(client->pending & (1u << control))) continue;
        struct vline_message message = {VLINE_MESSAGE_CONTROL, control};
        if (send(client->fd, &message, sizeof message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) break;
        client->pending &= ~(1u << control);
    }
    uint32_t slot = (uint32_t)(client - owner->clients);
    watch(owner, EPOLL_CTL_MOD, client->fd, EPOLLIN | (client->pending ? EPOLLOUT : 0u), slot);
}

static void tell_all(struct vline_owner *owner, uint32_t control) {
    for (int i = 0; i < MOST_CLIENTS; i++) {
        struct client *client = &owner->clients[i];
        if (client->fd < 0 || client->kind != VLINE_CLIENT_CONTROL) continue;
        client->pending |= 1u << control;
        tell(owner, client);
    }
}

static void accept_client(struct vline_owner *owner) {
    int fd = accept4(owner->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    for (uint32_t i = 0; i < MOST_CLIENTS; i++) {
        if (owner->clients[i].fd >= 0) continue;
        owner->clients[i] = (struct client){fd, NOT_GREETED, 0};
        watch(owner, EPOLL_CTL_ADD, fd, EPOLLIN, i);
        return;
    }
    close(fd);
}

static void greet(struct vline_owner *owner, struct client *client, const struct vline_hello *hello) {
    struct vline_welcome welcome = {VLINE_MAGIC, 0, atomic_load(&owner->page->generation)};
    if (hello->magic != VLINE_MAGIC || hello->version != VLINE_VERSION || hello->kind > VLINE_CLIENT_CONTROL)
        welcome.status = EPROTO;
    for (int i = 0; i < MOST_CLIENTS && welcome.status == 0 && hello->kind != VLINE_CLIENT_CONTROL; i++)
        if (owner->clients[i].fd >= 0 && owner->clients[i].kind == hello->kind) welcome.status = EBUSY;

    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = {&welcome, sizeof welcome};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (welcome.status == 0) {
        message.msg_control = control.space;
        message.msg_controllen = sizeof control.space;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &owner->memory, sizeof(int));
    }
    ssize_t sent = sendmsg(client->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (welcome.status == 0 && sent == sizeof welcome) client->kind = hello->kind;
    else drop_client(owner, client);
}

/* The mask of the control that the client changed. */
static uint32_t hear(struct vline_owner *owner, struct client *client) {
    union {
        struct vline_hello hello;
        struct vline_message message;
    } heard;
    ssize_t length = recv(client->fd, &heard, sizeof heard, MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (client->kind == NOT_GREETED && length == sizeof heard.hello) {
        greet(owner, client, &heard.hello);
    } else if (client->kind == VLINE_CLIENT_CONTROL && length == sizeof heard.message) {
        if (heard.message.what != VLINE_MESSAGE_CONTROL || heard.message.value >= VLINE_CONTROLS) return 0;
        tell_all(owner, heard.message.value);
        return 1u << heard.message.value;
    } else {
        drop_client(owner, client);
    }
    return 0;
}

/* MARK: life */

static void destroy(struct vline_owner *owner) {
    if (owner->page) munmap(owner->page, sizeof *owner->page);
    if (owner->memory >= 0) close(owner->memory);
    if (owner->epoll >= 0) close(owner->epoll);
    pthread_mutex_destroy(&owner->lock);
    free(owner);
}

struct vline_owner *vline_owner_create(const char *path, int sample_rate, int is_manual) {
    if (sample_rate != 8000 && sample_rate != 16000 && sample_rate != 48000) return errno = EINVAL, NULL;
    struct vline_owner *owner = calloc(1, sizeof *owner);
    if (!owner) return NULL;
    if (strlen(path) >= sizeof owner->path) return free(owner), errno = ENAMETOOLONG, NULL;
    strcpy(owner->path, path);
    pthread_mutex_init(&owner->lock, NULL);
    owner->listener = -1;
    for (int i = 0; i < MOST_CLIENTS; i++) owner->clients[i].fd = -1;
    owner->epoll = epoll_create1(EPOLL_CLOEXEC);
    owner->memory = memfd_create("partyline virtual line", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int error = owner->epoll < 0 || owner->memory < 0 || ftruncate(owner->memory, sizeof *owner->page) < 0 ||
            fcntl(owner->memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0
        ? errno
        : 0;
    if (!error) {
        owner->page = mmap(NULL, sizeof *owner->page, PROT_READ | PROT_WRITE, MAP_SHARED, owner->memory, 0);
        if (owner->page == MAP_FAILED) owner->page = NULL, error = errno;
    }
    if (!error) {
        struct vline_page *page = owner->page;
        page->magic = VLINE_MAGIC;
        page->version = VLINE_VERSION;
        page->sample_rate = sample_rate;
        page->is_manual = is_manual;
        atomic_store(&page->loop_frames, -1);
        for (int d = 0; d < 2; d++)
            for (unsigned b = 0; b < VLINE_BLOCKS; b++) atomic_store(&page->streams[d].stamps[b], -1);
        set_clock(page, vline_monotonic(), 0, speed_of(owner));
        error = vline_owner_plug(owner, 1);
    }
    if (!error) return owner;
    destroy(owner);
    errno = error;
    return NULL;
}

void vline_owner_destroy(struct vline_owner *owner) {
    vline_owner_plug(owner, 0);
    destroy(owner);
}

int vline_owner_descriptor(const struct vline_owner *owner) { return owner->epoll; }

uint32_t vline_owner_serve(struct vline_owner *owner) {
    uint32_t changed = 0;
    struct epoll_event events[16];
    pthread_mutex_lock(&owner->lock);
    int count = epoll_wait(owner->epoll, events, 16, 0);
    for (int i = 0; i < count; i++) {
        uint32_t slot = events[i].data.u32;
        if (slot >= MOST_CLIENTS) {
            if (owner->listener >= 0) accept_client(owner);
            continue;
        }
        struct client *client = &owner->clients[slot];
        if (client->fd < 0) continue;
        if (events[i].events & EPOLLOUT) tell(owner, client);
        if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) changed |= hear(owner, client);
    }
    pthread_mutex_unlock(&owner->lock);
    return changed;
}

int vline_owner_plug(struct vline_owner *owner, int is_plugged) {
    struct vline_page *page = owner->page;
    int error = 0;
    pthread_mutex_lock(&owner->lock);
    if (is_plugged && !atomic_load(&page->is_plugged)) {
        /* Nobody is connected: the page is as after power-on. */
        for (int control = 0; control < VLINE_CONTROLS; control++)
            if (control != VLINE_OFF_HOOK) atomic_store(&page->controls[control], 0);
        atomic_store(&page->is_plugged, 1);
        error = listen_at(owner);
        if (error) atomic_store(&page->is_plugged, 0);
    } else if (!is_plugged && atomic_load(&page->is_plugged)) {
        atomic_fetch_add(&page->generation, 1);
        atomic_store(&page->is_plugged, 0);
        stop_listening(owner);
        for (int i = 0; i < MOST_CLIENTS; i++) drop_client(owner, &owner->clients[i]);
    }
    pthread_mutex_unlock(&owner->lock);
    return error;
}

/* MARK: controls and clock */

int vline_owner_control(const struct vline_owner *owner, enum vline_control control) {
    return atomic_load(&owner->page->controls[control]);
}

void vline_owner_set_control(struct vline_owner *owner, enum vline_control control, int value) {
    pthread_mutex_lock(&owner->lock);
    if (atomic_exchange(&owner->page->controls[control], value) != value) tell_all(owner, control);
    pthread_mutex_unlock(&owner->lock);
}

int64_t vline_owner_frame(const struct vline_owner *owner) { return vline_frame(owner->page, vline_monotonic()); }

void vline_owner_set_ppm(struct vline_owner *owner, double ppm) {
    pthread_mutex_lock(&owner->lock);
    int64_t now = vline_monotonic();
    owner->ppm = ppm;
    if (!owner->page->is_manual) set_clock(owner->page, now, vline_ticks(owner->page, now), speed_of(owner));
    pthread_mutex_unlock(&owner->lock);
}

void vline_owner_stall(struct vline_owner *owner, int64_t nanoseconds) {
    pthread_mutex_lock(&owner->lock);
    int64_t now = vline_monotonic();
    set_clock(owner->page, now + nanoseconds, vline_ticks(owner->page, now), speed_of(owner));
    pthread_mutex_unlock(&owner->lock);
}

void vline_owner_advance(struct vline_owner *owner, int64_t ticks) {
    struct vline_page *page = owner->page;
    pthread_mutex_lock(&owner->lock);
    if (page->is_manual && ticks > 0) {
        set_clock(page, vline_monotonic(), atomic_load(&page->anchor_ticks) + ticks, 0);
        struct vline_message message = {VLINE_MESSAGE_CLOCK, 0};
        /* A client that does not poll has its queue full of these: one is enough to wake it. */
        for (int i = 0; i < MOST_CLIENTS; i++)
            if (owner->clients[i].fd >= 0 && owner->clients[i].kind <= VLINE_CLIENT_PLAYBACK)
                send(owner->clients[i].fd, &message, sizeof message, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    pthread_mutex_unlock(&owner->lock);
}

void vline_owner_set_loop(struct vline_owner *owner, int32_t frames) { atomic_store(&owner->page->loop_frames, frames); }

/* MARK: audio */

void vline_owner_inject(struct vline_owner *owner, int64_t frame, const int16_t *samples, int64_t count) {
    pthread_mutex_lock(&owner->lock);
    vline_ring_write(&owner->page->streams[VLINE_TO_BOX], frame, samples, count, 1);
    pthread_mutex_unlock(&owner->lock);
}

void vline_owner_listen(
    const struct vline_owner *owner, enum vline_direction direction, int64_t frame, int16_t *samples, int64_t count) {
    vline_ring_read(&owner->page->streams[direction], frame, samples, count, 1);
}

struct vline_stream_state vline_owner_stream(const struct vline_owner *owner, enum vline_direction direction) {
    const struct vline_stream *stream = &owner->page->streams[direction];
    return (struct vline_stream_state){
        atomic_load(&stream->is_running), atomic_load(&stream->period_frames), atomic_load(&stream->buffer_frames),
        atomic_load(&stream->starts),     atomic_load(&stream->xruns),         atomic_load(&stream->start),
        atomic_load(&stream->end)};
}

int vline_owner_client_count(struct vline_owner *owner, enum vline_kind kind) {
    int count = 0;
    pthread_mutex_lock(&owner->lock);
    for (int i = 0; i < MOST_CLIENTS; i++) count += owner->clients[i].fd >= 0 && owner->clients[i].kind == kind;
    pthread_mutex_unlock(&owner->lock);
    return count;
}
