// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "vline_wire.h"

/* The owner's side of a virtual line: the "driver and the telephone". All functions may be called from any thread. */
struct vline_owner;

/* Makes a line whose socket is `path` (a stale one is replaced). NULL and errno on failure. */
struct vline_owner *vline_owner_create(const char *path, int sample_rate, int is_manual);
void vline_owner_destroy(struct vline_owner *owner);
/* Readable when vline_owner_serve has something to do. */
int vline_owner_descriptor(const struct vline_owner *owner);
/* Accepts clients, answers them and passes on what they say. Never blocks. Returns a mask of controls that clients set. */
uint32_t vline_owner_serve(struct vline_owner *owner);

int vline_owner_control(const struct vline_owner *owner, enum vline_control control);
/* Sets a control as the hardware would, and tells every control client. */
void vline_owner_set_control(struct vline_owner *owner, enum vline_control control, int value);
/* 0, or an errno if the socket cannot be made again. */
int vline_owner_plug(struct vline_owner *owner, int is_plugged);

/* The card's clock now, in frames. */
int64_t vline_owner_frame(const struct vline_owner *owner);
void vline_owner_set_ppm(struct vline_owner *owner, double ppm);
/* The clock stands still for so long from now. */
void vline_owner_stall(struct vline_owner *owner, int64_t nanoseconds);
/* Manual lines: moves the clock and wakes those who poll. */
void vline_owner_advance(struct vline_owner *owner, int64_t ticks);
void vline_owner_set_loop(struct vline_owner *owner, int32_t frames);

void vline_owner_inject(struct vline_owner *owner, int64_t frame, const int16_t *samples, int64_t count);
/* What was or will be heard in one of the directions. */
void vline_owner_listen(
    const struct vline_owner *owner, enum vline_direction direction, int64_t frame, int16_t *samples, int64_t count);

struct vline_stream_state {
    int32_t is_running, period_frames, buffer_frames;
    uint32_t starts, xruns;
    int64_t start, end;
};
struct vline_stream_state vline_owner_stream(const struct vline_owner *owner, enum vline_direction direction);
int vline_owner_client_count(struct vline_owner *owner, enum vline_kind kind);
