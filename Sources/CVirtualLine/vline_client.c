// SPDX-License-Identifier: Apache-2.0
#include "vline_wire.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int receive_welcome(int fd, struct vline_welcome *welcome, int *memory) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = {welcome, sizeof *welcome};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
    *memory = -1;
    ssize_t length;
    do length = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    while (length < 0 && errno == EINTR);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (length > 0 && header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len == CMSG_LEN(sizeof(int)))
        memcpy(memory, CMSG_DATA(header), sizeof(int));
    if (length != sizeof *welcome || welcome->magic != VLINE_MAGIC) return -ENODEV;
    return welcome->status ? -welcome->status : 0;
}

static struct vline_page *map_page(int memory) {
    struct stat status;
    if (memory < 0 || fstat(memory, &status) < 0 || status.st_size < (off_t)sizeof(struct vline_page)) return NULL;
    struct vline_page *page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    if (page == MAP_FAILED) return NULL;
    if (page->magic == VLINE_MAGIC && page->version == VLINE_VERSION) return page;
    munmap(page, sizeof *page);
    return NULL;
}

int vline_connect(const char *path, enum vline_kind kind, struct vline_client *client) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    struct timeval patience = {2, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    struct vline_hello hello = {VLINE_MAGIC, VLINE_VERSION, kind};
    struct vline_welcome welcome = {0};
    int memory = -1, result = -ENODEV;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        send(fd, &hello, sizeof hello, MSG_NOSIGNAL) == sizeof hello)
        result = receive_welcome(fd, &welcome, &memory);
    if (result == 0) {
        *client = (struct vline_client){fd, welcome.generation, map_page(memory)};
        if (!client->page) result = -ENODEV;
    }
    if (memory >= 0) close(memory);
    if (result < 0) close(fd);
    return result;
}

void vline_disconnect(struct vline_client *client) {
    munmap(client->page, sizeof *client->page);
    close(client->fd);
    client->fd = -1;
}

int vline_is_gone(const struct vline_client *client) {
    return !atomic_load_explicit(&client->page->is_plugged, memory_order_acquire) ||
        atomic_load_explicit(&client->page->generation, memory_order_acquire) != client->generation;
}

int vline_receive(const struct vline_client *client, struct vline_message *message) {
    ssize_t length = recv(client->fd, message, sizeof *message, MSG_DONTWAIT);
    if (length == sizeof *message) return 1;
    if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return 0;
    return -ENODEV;
}
