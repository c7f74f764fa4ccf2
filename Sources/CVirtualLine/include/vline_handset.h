// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "vline_wire.h"

/* The telephone of a virtual line that another process owns: hook, ear and mouthpiece, through the line's socket. For the
   demo, the bench and tests that drive a real daemon from outside. */

struct vline_handset {
    struct vline_client client;
};

/* 0, or a negative errno. */
int vline_handset_connect(const char *path, struct vline_handset *handset);
void vline_handset_disconnect(struct vline_handset *handset);
/* 1 off hook, 0 on hook; tells the box. 0, or a negative errno. */
int vline_handset_set_hook(struct vline_handset *handset, int is_off_hook);
int vline_handset_is_ringing(const struct vline_handset *handset);
int vline_handset_is_gone(const struct vline_handset *handset);
int vline_handset_sample_rate(const struct vline_handset *handset);
/* The card's clock now, in frames, and when (CLOCK_MONOTONIC) it will reach a frame. */
int64_t vline_handset_frame(const struct vline_handset *handset);
int64_t vline_handset_time_of_frame(const struct vline_handset *handset, int64_t frame);
/* Speaks at a frame of the card's clock, mostly ahead of it. */
void vline_handset_speak(struct vline_handset *handset, int64_t frame, const int16_t *samples, int64_t count);
/* What the box let hear at these frames; at most the last VLINE_RING_FRAMES. */
void vline_handset_listen(const struct vline_handset *handset, int64_t frame, int16_t *samples, int64_t count);
/* Capture overruns and playback underruns so far. */
uint32_t vline_handset_xruns(const struct vline_handset *handset);
