// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "vline_page.h"

/* The line's socket (SOCK_SEQPACKET, a file in the folder of virtual lines). A client says what it is, gets the shared
   memory, and then one message for each thing that happens. The connection is the plug: it is closed when the line is
   unplugged or its owner ends, so a client that polls sees POLLHUP at once. */

enum vline_kind { VLINE_CLIENT_CAPTURE = 0, VLINE_CLIENT_PLAYBACK = 1, VLINE_CLIENT_CONTROL = 2 };

struct vline_hello {
    uint32_t magic, version, kind;
};
struct vline_welcome {
    uint32_t magic;
    /* An errno: 0 welcome, EBUSY the stream is in use. */
    int32_t status;
    uint32_t generation;
};
/* Owner to control clients: control `value` changed. Owner to streams: the manual clock moved. Control client to owner: I
   changed this control in the page, tell everybody. */
struct vline_message {
    uint32_t what, value;
};
enum { VLINE_MESSAGE_CONTROL = 1, VLINE_MESSAGE_CLOCK = 2 };

struct vline_client {
    int fd;
    uint32_t generation;
    struct vline_page *page;
};

/* Plugs a client in: 0, or a negative errno (-ENODEV: no such line, or its owner is gone). Waits for 2 s at most. */
int vline_connect(const char *path, enum vline_kind kind, struct vline_client *client);
void vline_disconnect(struct vline_client *client);
/* Whether the line was unplugged since. Reads one word of the page; no system call. */
int vline_is_gone(const struct vline_client *client);
/* Reads what has come in on the connection: 1 and a message, 0 nothing, -ENODEV closed. */
int vline_receive(const struct vline_client *client, struct vline_message *message);
