// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

#include "CLinux.h"

/* A telephone's sound card through ALSA: capture and playback of one PCM, S16, one channel towards us. Opened, started,
   recovered and closed on a control thread; the four functions at the end are for the mix thread and never block, allocate
   or lock (with LIBASOUND_THREAD_SAFE=0, which line_card_prepare_process sets). */
struct line_card;

struct line_card_request {
    const char *_Nonnull pcm;
    int32_t sample_rate;
    int32_t period_us;
    /* Positions are stamped with the time handed in: the card's clock is a manual virtual line's. */
    int32_t is_virtual_time;
};
struct line_card_info {
    int32_t sample_rate;
    int32_t capture_period_us, playback_period_us;
    int32_t capture_buffer, playback_buffer;
    int32_t capture_channels, playback_channels;
    /* Both directions start in one instant (snd_pcm_link). */
    int32_t is_linked;
};
struct line_card_counters {
    /* Capture that was lost, playback that came too late; restarts after an xrun that stopped the stream. */
    uint32_t overruns, underruns, restarts;
    /* The last failure that was given to the mix thread, as a positive errno. */
    int32_t failure;
};

/* Call before the first open, while no other thread is in alsa-lib: its own locks are not needed, as a card belongs to one
   thread at a time, and it writes nothing on standard error any more. */
void line_card_prepare_process(void);

/* 0, or a negative errno and in `stage` what could not be done ("open capture", "set 8/16/48 kHz", …). A rate that the
   card does not know is replaced by one that it does, the better one first. */
int line_card_open(
    const struct line_card_request *_Nonnull request, struct line_card *_Nullable *_Nonnull card,
    struct line_card_info *_Nonnull info, const char *_Nullable *_Nonnull stage);
/* Prepares and starts both directions. 0 or a negative errno. */
int line_card_start(struct line_card *_Nonnull card);
/* Stops both; start again later. */
void line_card_stop(struct line_card *_Nonnull card);
/* After the mix thread gave the card back: starts again after an xrun or a suspend; -ENODEV: close it. */
int line_card_recover(struct line_card *_Nonnull card);
void line_card_close(struct line_card *_Nonnull card);
struct line_card_counters line_card_counters(const struct line_card *_Nonnull card);

/* The mix thread's: see Media's CardFunctions. */
int32_t line_card_capture(void *_Nonnull card, int16_t *_Nonnull samples, int32_t count);
int32_t line_card_play(void *_Nonnull card, const int16_t *_Nonnull samples, int32_t count);
int32_t line_card_capture_position(void *_Nonnull card, int64_t now, struct partyline_card_position *_Nonnull position);
int32_t line_card_play_position(void *_Nonnull card, int64_t now, struct partyline_card_position *_Nonnull position);
