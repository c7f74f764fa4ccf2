// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdatomic.h>
#include <stdint.h>

/* What a virtual line and its ALSA plugins share: one piece of memory (a sealed memfd that its owner hands to every client
   over the line's socket). Audio is addressed by absolute frames of the card's own clock, the same for both directions:

       handset -> box   owner writes at any frame (mostly ahead of now), the capture stream reads
       box -> handset   the playback stream writes, owner reads afterwards

   A block that nobody wrote in this round of the ring reads as silence, so nothing old is ever heard again. */

#define VLINE_MAGIC 0x766c696eu
#define VLINE_VERSION 5u
#define VLINE_RING_FRAMES (1u << 18)
#define VLINE_BLOCK_FRAMES 64u
#define VLINE_BLOCKS (VLINE_RING_FRAMES / VLINE_BLOCK_FRAMES)
/* The card's clock counts in 1/48000000 s: whole numbers for a frame at 8, 16 and 48 kHz. */
#define VLINE_TICKS_PER_SECOND 48000000ll

enum vline_direction { VLINE_TO_BOX = 0, VLINE_FROM_BOX = 1 };
/* Of a telephone the handset sets the hook and the box the bell; of a landline it is the other way round, and the rest tells
   what the line does; VLINE_CALLER_ID is the box's again: it wants to hear the line while that is on-hook. */
enum vline_control {
    VLINE_OFF_HOOK = 0, VLINE_RING = 1, VLINE_LOOP = 2, VLINE_POLARITY = 3, VLINE_IN_USE = 4, VLINE_CALLER_ID = 5,
    VLINE_CONTROLS = 6
};

struct vline_stream {
    /* Set by the PCM plugin. */
    _Atomic int32_t is_running;
    _Atomic int32_t period_frames;
    _Atomic int32_t buffer_frames;
    _Atomic uint32_t starts;
    _Atomic uint32_t xruns;
    /* Absolute frame at which the stream started; absolute frame up to which the box has read or written. */
    _Atomic int64_t start;
    _Atomic int64_t end;
    /* Which absolute block each block of the ring holds. */
    _Atomic int64_t stamps[VLINE_BLOCKS];
    int16_t ring[VLINE_RING_FRAMES];
};

struct vline_page {
    uint32_t magic;
    uint32_t version;
    int32_t sample_rate;
    /* The card does not run by itself: its clock moves when the owner says so. */
    int32_t is_manual;
    /* Counts up at every unplug; a handle that was opened before is gone for good. 0 in `is_plugged`: nothing there. */
    _Atomic uint32_t generation;
    _Atomic int32_t is_plugged;
    _Atomic int32_t controls[VLINE_CONTROLS];
    /* What the box plays comes back as if the handset heard itself, so many frames later; negative: off. */
    _Atomic int32_t loop_frames;

    /* The clock, under a sequence lock: ticks(t) = anchor_ticks + max(0, t - anchor_ns) * speed. */
    _Atomic uint32_t clock_sequence;
    _Atomic int64_t anchor_ns;
    _Atomic int64_t anchor_ticks;
    /* Ticks per nanosecond times 2^40 (0: stands still). */
    _Atomic int64_t speed;

    struct vline_stream streams[2];
};

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t vline_monotonic(void);
/* The card's clock at a moment, in ticks, and in whole frames. */
int64_t vline_ticks(const struct vline_page *page, int64_t now_ns);
int64_t vline_frame(const struct vline_page *page, int64_t now_ns);
/* The moment at which the card's clock will reach this frame; INT64_MAX while it stands still. */
int64_t vline_time_of_frame(const struct vline_page *page, int64_t frame);

/* Ring access by absolute frames; `stride` in samples. */
void vline_ring_write(struct vline_stream *stream, int64_t frame, const int16_t *samples, int64_t count, int64_t stride);
void vline_ring_read(const struct vline_stream *stream, int64_t frame, int16_t *samples, int64_t count, int64_t stride);
