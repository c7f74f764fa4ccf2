// SPDX-License-Identifier: Apache-2.0
#include "vline_handset.h"

#include <errno.h>
#include <sys/socket.h>

int vline_handset_connect(const char *path, struct vline_handset *handset) {
    return vline_connect(path, VLINE_CLIENT_CONTROL, &handset->client);
}

void vline_handset_disconnect(struct vline_handset *handset) { vline_disconnect(&handset->client); }

int vline_handset_set_hook(struct vline_handset *handset, int is_off_hook) {
    atomic_store(&handset->client.page->controls[VLINE_OFF_HOOK], is_off_hook ? 1 : 0);
    struct vline_message message = {VLINE_MESSAGE_CONTROL, VLINE_OFF_HOOK};
    ssize_t sent = send(handset->client.fd, &message, sizeof message, MSG_NOSIGNAL);
    return sent == sizeof message ? 0 : -errno;
}

int vline_handset_is_ringing(const struct vline_handset *handset) {
    return atomic_load(&handset->client.page->controls[VLINE_RING]) != 0;
}

int vline_handset_is_gone(const struct vline_handset *handset) { return vline_is_gone(&handset->client); }

int vline_handset_sample_rate(const struct vline_handset *handset) { return handset->client.page->sample_rate; }

int64_t vline_handset_frame(const struct vline_handset *handset) {
    return vline_frame(handset->client.page, vline_monotonic());
}

int64_t vline_handset_time_of_frame(const struct vline_handset *handset, int64_t frame) {
    return vline_time_of_frame(handset->client.page, frame);
}

void vline_handset_speak(struct vline_handset *handset, int64_t frame, const int16_t *samples, int64_t count) {
    vline_ring_write(&handset->client.page->streams[VLINE_TO_BOX], frame, samples, count, 1);
}

void vline_handset_listen(const struct vline_handset *handset, int64_t frame, int16_t *samples, int64_t count) {
    vline_ring_read(&handset->client.page->streams[VLINE_FROM_BOX], frame, samples, count, 1);
}

uint32_t vline_handset_xruns(const struct vline_handset *handset) {
    const struct vline_page *page = handset->client.page;
    return atomic_load(&page->streams[VLINE_TO_BOX].xruns) + atomic_load(&page->streams[VLINE_FROM_BOX].xruns);
}
