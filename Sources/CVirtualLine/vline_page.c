// SPDX-License-Identifier: Apache-2.0
#include "vline_page.h"

#include <string.h>
#include <time.h>

int64_t vline_monotonic(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000ll + now.tv_nsec;
}

struct vline_clock {
    int64_t ns, ticks, speed;
};

static struct vline_clock read_clock(const struct vline_page *page) {
    struct vline_clock clock;
    uint32_t before, after;
    do {
        before = atomic_load_explicit(&page->clock_sequence, memory_order_acquire);
        clock.ns = atomic_load_explicit(&page->anchor_ns, memory_order_relaxed);
        clock.ticks = atomic_load_explicit(&page->anchor_ticks, memory_order_relaxed);
        clock.speed = atomic_load_explicit(&page->speed, memory_order_relaxed);
        atomic_thread_fence(memory_order_acquire);
        after = atomic_load_explicit(&page->clock_sequence, memory_order_relaxed);
    } while (before != after || (before & 1));
    return clock;
}

int64_t vline_ticks(const struct vline_page *page, int64_t now_ns) {
    struct vline_clock clock = read_clock(page);
    int64_t elapsed = now_ns - clock.ns;
    if (elapsed <= 0 || clock.speed <= 0) return clock.ticks;
    return clock.ticks + (int64_t)(((__int128)elapsed * clock.speed) >> 40);
}

int64_t vline_frame(const struct vline_page *page, int64_t now_ns) {
    return vline_ticks(page, now_ns) / (VLINE_TICKS_PER_SECOND / page->sample_rate);
}

int64_t vline_time_of_frame(const struct vline_page *page, int64_t frame) {
    struct vline_clock clock = read_clock(page);
    if (clock.speed <= 0) return INT64_MAX;
    int64_t ticks = frame * (VLINE_TICKS_PER_SECOND / page->sample_rate) - clock.ticks;
    if (ticks <= 0) return clock.ns;
    return clock.ns + (int64_t)((((__int128)ticks << 40) + clock.speed - 1) / clock.speed);
}

void vline_ring_write(struct vline_stream *stream, int64_t frame, const int16_t *samples, int64_t count, int64_t stride) {
    while (count > 0 && frame >= 0) {
        int64_t block = frame / VLINE_BLOCK_FRAMES, offset = frame % VLINE_BLOCK_FRAMES;
        int64_t part = VLINE_BLOCK_FRAMES - offset < count ? VLINE_BLOCK_FRAMES - offset : count;
        _Atomic int64_t *stamp = &stream->stamps[block % VLINE_BLOCKS];
        int16_t *start = &stream->ring[(block % VLINE_BLOCKS) * VLINE_BLOCK_FRAMES];
        if (atomic_load_explicit(stamp, memory_order_acquire) != block) {
            atomic_store_explicit(stamp, -1, memory_order_release);
            memset(start, 0, VLINE_BLOCK_FRAMES * sizeof *start);
            atomic_store_explicit(stamp, block, memory_order_release);
        }
        for (int64_t i = 0; i < part; i++) start[offset + i] = samples[i * stride];
        samples += part * stride;
        frame += part;
        count -= part;
    }
}

void vline_ring_read(const struct vline_stream *stream, int64_t frame, int16_t *samples, int64_t count, int64_t stride) {
    for (; count > 0 && frame < 0; frame++, count--, samples += stride) *samples = 0;
    while (count > 0) {
        int64_t block = frame / VLINE_BLOCK_FRAMES, offset = frame % VLINE_BLOCK_FRAMES;
        int64_t part = VLINE_BLOCK_FRAMES - offset < count ? VLINE_BLOCK_FRAMES - offset : count;
        const int16_t *start = &stream->ring[(block % VLINE_BLOCKS) * VLINE_BLOCK_FRAMES];
        int there = atomic_load_explicit(&stream->stamps[block % VLINE_BLOCKS], memory_order_acquire) == block;
        for (int64_t i = 0; i < part; i++) samples[i * stride] = there ? start[offset + i] : 0;
        samples += part * stride;
        frame += part;
        count -= part;
    }
}
