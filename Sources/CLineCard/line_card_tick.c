// SPDX-License-Identifier: Apache-2.0
//
// The mix thread's half: four functions that neither block nor allocate. The streams run on through an xrun (their stop
// threshold is the boundary), so an overrun or underrun is put right here, in place and in time:
//     capture   what was overwritten is given out as silence, so positions stay true
//     playback  what comes too late is not played; the write pointer jumps to where the card is
#include "line_card_internal.h"

#include <errno.h>
#include <string.h>

static int32_t fail(struct line_card *card, snd_pcm_sframes_t result) {
    atomic_store_explicit(&card->failure, (int32_t)-result, memory_order_relaxed);
    return (int32_t)result;
}

/* Frames ready to be read, or free to be written (more than the buffer: an xrun), or a negative errno. */
static snd_pcm_sframes_t available(struct line_card_stream *stream) {
    switch (snd_pcm_state(stream->pcm)) {
    case SND_PCM_STATE_DISCONNECTED: return -ENODEV;
    case SND_PCM_STATE_SUSPENDED: return -ESTRPIPE;
    case SND_PCM_STATE_XRUN: return -EPIPE;
    case SND_PCM_STATE_RUNNING: break;
    default: return -EBADFD;
    }
    if (stream->is_kernel) {
        int result = snd_pcm_hwsync(stream->pcm);
        if (result < 0) return result;
    }
    snd_pcm_sframes_t avail = snd_pcm_avail_update(stream->pcm);
    /* A plugin notices only now that its device is gone. */
    if (snd_pcm_state(stream->pcm) == SND_PCM_STATE_DISCONNECTED) return -ENODEV;
    return avail;
}

static snd_pcm_sframes_t skip(struct line_card_stream *stream, snd_pcm_sframes_t frames) {
    snd_pcm_sframes_t moved = frames > 0 ? snd_pcm_forward(stream->pcm, (snd_pcm_uframes_t)frames) : 0;
    return moved == -EAGAIN ? 0 : moved;
}

int32_t line_card_capture(void *context, int16_t *samples, int32_t count) {
    struct line_card *card = context;
    struct line_card_stream *stream = &card->capture;
    if (stream->lost == 0) {
        snd_pcm_sframes_t avail = available(stream);
        if (avail < 0) return fail(card, avail);
        if (avail > stream->buffer) {
            /* Keep half a buffer: the card goes on writing behind us. */
            snd_pcm_sframes_t lost = skip(stream, avail - stream->buffer / 2);
            if (lost < 0) return fail(card, lost);
            stream->lost = lost;
            atomic_fetch_add_explicit(&card->overruns, 1, memory_order_relaxed);
        } else if (avail < count) {
            count = (int32_t)avail;
        }
    }
    if (count > MOST_FRAMES_AT_ONCE) count = MOST_FRAMES_AT_ONCE;
    if (stream->lost > 0) {
        if (count > stream->lost) count = (int32_t)stream->lost;
        memset(samples, 0, (size_t)count * sizeof *samples);
        stream->lost -= count;
        stream->moved += count;
        return count;
    }
    if (count <= 0) return 0;
    int16_t *target = stream->channels == 1 ? samples : stream->interleaved;
    snd_pcm_sframes_t read = snd_pcm_readi(stream->pcm, target, (snd_pcm_uframes_t)count);
    if (read == -EAGAIN) return 0;
    if (read < 0) return fail(card, read);
    if (stream->channels > 1)
        for (snd_pcm_sframes_t i = 0; i < read; i++) samples[i] = target[i * stream->channels];
    stream->moved += read;
    return (int32_t)read;
}

int32_t line_card_play(void *context, const int16_t *samples, int32_t count) {
    struct line_card *card = context;
    struct line_card_stream *stream = &card->playback;
    snd_pcm_sframes_t avail = available(stream);
    if (avail < 0) return fail(card, avail);
    int32_t taken = 0;
    if (avail > stream->buffer) {
        snd_pcm_sframes_t late = avail - stream->buffer;
        snd_pcm_sframes_t skipped = skip(stream, late < count ? late : count);
        if (skipped < 0) return fail(card, skipped);
        /* Before the first frame nothing was due. */
        if (stream->moved > 0) atomic_fetch_add_explicit(&card->underruns, 1, memory_order_relaxed);
        taken = (int32_t)skipped;
    }
    while (taken < count) {
        int32_t part = count - taken < MOST_FRAMES_AT_ONCE ? count - taken : MOST_FRAMES_AT_ONCE;
        const int16_t *source = samples + taken;
        if (stream->channels > 1) {
            for (int32_t i = 0; i < part; i++)
                for (int c = 0; c < stream->channels; c++) stream->interleaved[i * stream->channels + c] = source[i];
            source = stream->interleaved;
        }
        snd_pcm_sframes_t written = snd_pcm_writei(stream->pcm, source, (snd_pcm_uframes_t)part);
        if (written == -EAGAIN || written == 0) break;
        if (written < 0) return fail(card, written);
        taken += (int32_t)written;
    }
    stream->moved += taken;
    return taken;
}

/* When the pointer was where `available` saw it. */
static int64_t stamp(const struct line_card *card, struct line_card_stream *stream, int64_t now) {
    if (card->is_virtual_time) return now;
    snd_pcm_uframes_t avail;
    snd_htimestamp_t time = {0};
    if (stream->is_kernel && snd_pcm_htimestamp(stream->pcm, &avail, &time) == 0 && time.tv_sec > 0)
        return (int64_t)time.tv_sec * 1000000000ll + time.tv_nsec;
    return partyline_now();
}

int32_t line_card_capture_position(void *context, int64_t now, struct partyline_card_position *position) {
    struct line_card *card = context;
    struct line_card_stream *stream = &card->capture;
    snd_pcm_sframes_t avail = available(stream);
    if (avail < 0) return fail(card, avail);
    position->queued = stream->lost + avail;
    position->frames = stream->moved + position->queued;
    position->time_ns = stamp(card, stream, now);
    return 0;
}

int32_t line_card_play_position(void *context, int64_t now, struct partyline_card_position *position) {
    struct line_card *card = context;
    struct line_card_stream *stream = &card->playback;
    snd_pcm_sframes_t avail = available(stream);
    if (avail < 0) return fail(card, avail);
    position->queued = stream->buffer - avail;
    position->frames = stream->moved - position->queued;
    position->time_ns = stamp(card, stream, now);
    return 0;
}
