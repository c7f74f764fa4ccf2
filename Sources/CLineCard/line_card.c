// SPDX-License-Identifier: Apache-2.0
//
// The control thread's half: open, set up, start, stop, recover, close.
#include "line_card_internal.h"

#include <errno.h>
#include <stdlib.h>

/* What the card may hold: long enough that a stopped process loses nothing it could still use, and no delay, since the
   mixer decides how much is queued. */
#define BUFFER_US 200000

/* What alsa-lib would write on standard error, at every try to open a device that is missing. The error that it returns is
   told once, as one line of the log. */
static void say_nothing(const char *file, int line, const char *function, int error, const char *format, ...) {
    (void)file, (void)line, (void)function, (void)error, (void)format;
}

void line_card_prepare_process(void) {
    setenv("LIBASOUND_THREAD_SAFE", "0", 0);
    snd_lib_error_set_handler(say_nothing);
}

static void close_stream(struct line_card_stream *stream) {
    if (stream->pcm) snd_pcm_close(stream->pcm);
    free(stream->interleaved);
}

void line_card_close(struct line_card *card) {
    if (card->is_linked) snd_pcm_unlink(card->capture.pcm);
    close_stream(&card->capture);
    close_stream(&card->playback);
    free(card);
}

static int open_stream(struct line_card_stream *stream, const char *name, snd_pcm_stream_t direction) {
    int result = snd_pcm_open(
        &stream->pcm, name, direction, SND_PCM_NONBLOCK);
    if (result < 0) return stream->pcm = NULL, result;
    stream->is_kernel = snd_pcm_type(stream->pcm) == SND_PCM_TYPE_HW;
    return 0;
}

static int set_hardware(
    struct line_card_stream *stream, unsigned int rate, unsigned int period_us, struct line_card_info *info, int32_t *period) {
    snd_pcm_hw_params_t *params;
    snd_pcm_hw_params_alloca(&params);
    unsigned int channels = 1, buffer_us = BUFFER_US;
    int result = snd_pcm_hw_params_any(stream->pcm, params);
    if (result >= 0) result = snd_pcm_hw_params_set_access(stream->pcm, params, SND_PCM_ACCESS_RW_INTERLEAVED);
    if (result >= 0) result = snd_pcm_hw_params_set_format(stream->pcm, params, SND_PCM_FORMAT_S16_LE);
    if (result >= 0 && snd_pcm_hw_params_set_channels(stream->pcm, params, 1) < 0) {
        channels = 2;
        result = snd_pcm_hw_params_set_channels(stream->pcm, params, 2);
    }
    if (result >= 0) result = snd_pcm_hw_params_set_rate(stream->pcm, params, rate, 0);
    if (result >= 0) result = snd_pcm_hw_params_set_period_time_near(stream->pcm, params, &period_us, NULL);
    if (result >= 0) result = snd_pcm_hw_params_set_buffer_time_near(stream->pcm, params, &buffer_us, NULL);
    if (result >= 0) result = snd_pcm_hw_params(stream->pcm, params);
    if (result < 0) return result;
    snd_pcm_uframes_t buffer = 0, frames = 0;
    snd_pcm_hw_params_get_buffer_size(params, &buffer);
    snd_pcm_hw_params_get_period_size(params, &frames, NULL);
    stream->buffer = (snd_pcm_sframes_t)buffer;
    stream->period = (snd_pcm_sframes_t)frames;
    stream->channels = (int)channels;
    *period = (int32_t)((int64_t)frames * 1000000 / rate);
    info->sample_rate = (int32_t)rate;
    return 0;
}

/* The streams never stop by themselves: what is late is late once, and no restart makes it worse. */
static int set_software(struct line_card_stream *stream) {
    snd_pcm_sw_params_t *params;
    snd_pcm_sw_params_alloca(&params);
    snd_pcm_uframes_t boundary = 0;
    int result = snd_pcm_sw_params_current(stream->pcm, params);
    if (result >= 0) result = snd_pcm_sw_params_get_boundary(params, &boundary);
    if (result >= 0) result = snd_pcm_sw_params_set_stop_threshold(stream->pcm, params, boundary);
    if (result >= 0) result = snd_pcm_sw_params_set_start_threshold(stream->pcm, params, boundary);
    if (result < 0) return result;
    /* What a device does not know of these it does without. */
    snd_pcm_sw_params_set_tstamp_mode(stream->pcm, params, SND_PCM_TSTAMP_ENABLE);
    snd_pcm_sw_params_set_tstamp_type(stream->pcm, params, SND_PCM_TSTAMP_TYPE_MONOTONIC);
    if (stream->is_kernel && snd_pcm_stream(stream->pcm) == SND_PCM_STREAM_PLAYBACK) {
        /* The kernel puts silence behind what it has played. */
        snd_pcm_sw_params_set_silence_threshold(stream->pcm, params, 0);
        snd_pcm_sw_params_set_silence_size(stream->pcm, params, boundary);
    }
    return snd_pcm_sw_params(stream->pcm, params);
}

static int set_rate(struct line_card *card, const struct line_card_request *request, struct line_card_info *info) {
    static const unsigned int order[3][3] = {{8000, 16000, 48000}, {16000, 48000, 8000}, {48000, 16000, 8000}};
    const unsigned int *rates = order[request->sample_rate == 8000 ? 0 : request->sample_rate == 16000 ? 1 : 2];
    unsigned int period = (unsigned int)request->period_us;
    int result = -EINVAL;
    for (int i = 0; i < 3; i++) {
        result = set_hardware(&card->capture, rates[i], period, info, &info->capture_period_us);
        if (result >= 0) result = set_hardware(&card->playback, rates[i], period, info, &info->playback_period_us);
        if (result >= 0 || result == -ENODEV) return result;
        snd_pcm_hw_free(card->capture.pcm);
    }
    return result;
}

int line_card_open(
    const struct line_card_request *request, struct line_card **out, struct line_card_info *info, const char **stage) {
    struct line_card *card = calloc(1, sizeof *card);
    *stage = "have memory";
    if (!card) return -ENOMEM;
    card->is_virtual_time = request->is_virtual_time;
    *stage = "open it for capture";
    int result = open_stream(&card->capture, request->pcm, SND_PCM_STREAM_CAPTURE);
    if (result >= 0) {
        *stage = "open it for playback";
        result = open_stream(&card->playback, request->pcm, SND_PCM_STREAM_PLAYBACK);
    }
    if (result >= 0) {
        *stage = "set 16 bit samples at 8, 16 or 48 kHz in both directions";
        result = set_rate(card, request, info);
    }
    if (result >= 0) {
        *stage = "set its software parameters";
        result = set_software(&card->capture);
        if (result >= 0) result = set_software(&card->playback);
    }
    if (result >= 0) {
        *stage = "have memory";
        for (int i = 0; i < 2; i++) {
            struct line_card_stream *stream = i ? &card->playback : &card->capture;
            stream->interleaved = calloc(MOST_FRAMES_AT_ONCE * (size_t)stream->channels, sizeof(int16_t));
            if (!stream->interleaved) result = -ENOMEM;
        }
    }
    if (result < 0) return line_card_close(card), result;
    card->is_linked = snd_pcm_link(card->capture.pcm, card->playback.pcm) == 0;
    info->capture_buffer = (int32_t)card->capture.buffer;
    info->playback_buffer = (int32_t)card->playback.buffer;
    info->capture_channels = card->capture.channels;
    info->playback_channels = card->playback.channels;
    info->is_linked = card->is_linked;
    *out = card;
    return 0;
}

void line_card_stop(struct line_card *card) {
    snd_pcm_drop(card->capture.pcm);
    snd_pcm_drop(card->playback.pcm);
}

int line_card_start(struct line_card *card) {
    struct line_card_stream *capture = &card->capture, *playback = &card->playback;
    capture->moved = capture->lost = playback->moved = 0;
    atomic_store(&card->failure, 0);
    int result = snd_pcm_prepare(capture->pcm);
    if (result >= 0 && !card->is_linked) result = snd_pcm_prepare(playback->pcm);
    if (result < 0) return result;
    result = snd_pcm_start(capture->pcm);
    if (result >= 0 && !card->is_linked) result = snd_pcm_start(playback->pcm);
    if (result != -EPIPE) return result;
    /* It does not start on an empty buffer, though it was told that it may: a period of silence, then. (Otherwise the mixer
       queues just what it wants.) */
    line_card_stop(card);
    if (snd_pcm_prepare(capture->pcm) < 0) return result;
    if (!card->is_linked && snd_pcm_prepare(playback->pcm) < 0) return result;
    for (size_t i = 0; i < MOST_FRAMES_AT_ONCE * (size_t)playback->channels; i++) playback->interleaved[i] = 0;
    snd_pcm_sframes_t primed = playback->period < MOST_FRAMES_AT_ONCE ? playback->period : MOST_FRAMES_AT_ONCE;
    snd_pcm_sframes_t written = snd_pcm_writei(playback->pcm, playback->interleaved, (snd_pcm_uframes_t)primed);
    if (written < 0 && written != -EAGAIN) return (int)written;
    result = snd_pcm_start(capture->pcm);
    if (result >= 0 && !card->is_linked) result = snd_pcm_start(playback->pcm);
    return result;
}

static int is_disconnected(snd_pcm_t *pcm) { return snd_pcm_state(pcm) == SND_PCM_STATE_DISCONNECTED; }

int line_card_recover(struct line_card *card) {
    if (atomic_load(&card->failure) == ENODEV || is_disconnected(card->capture.pcm) || is_disconnected(card->playback.pcm))
        return -ENODEV;
    line_card_stop(card);
    int result = line_card_start(card);
    if (result >= 0) atomic_fetch_add(&card->restarts, 1);
    return result;
}

struct line_card_counters line_card_counters(const struct line_card *card) {
    return (struct line_card_counters){
        atomic_load(&card->overruns), atomic_load(&card->underruns), atomic_load(&card->restarts),
        atomic_load(&card->failure)};
}
