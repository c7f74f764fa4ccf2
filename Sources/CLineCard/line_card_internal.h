// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <alsa/asoundlib.h>
#include <stdatomic.h>

#include "line_card.h"

#define MOST_FRAMES_AT_ONCE 1024

struct line_card_stream {
    snd_pcm_t *pcm;
    snd_pcm_sframes_t buffer, period;
    int channels;
    /* A kernel device: its pointer moves by steps, with a time stamp for each. */
    int is_kernel;
    /* Frames that the mix thread has read, or that were taken from it. */
    int64_t moved;
    /* Capture that was lost and is given out as silence. */
    int64_t lost;
    int16_t *interleaved;
};

struct line_card {
    struct line_card_stream capture, playback;
    int is_virtual_time, is_linked;
    _Atomic uint32_t overruns, underruns, restarts;
    _Atomic int32_t failure;
};
