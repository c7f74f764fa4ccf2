// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

/* Where a sound card's pointer was, and when. The drift loop interpolates between these, so a stepped pointer is fine as
   long as its time stamp is right. */
struct partyline_card_position {
    /* Frames that the card has captured, or played, since the stream started, by its own clock. */
    int64_t frames;
    /* CLOCK_MONOTONIC (or virtual) nanoseconds at which the pointer had that value. */
    int64_t time_ns;
    /* Capture: frames ready to be read now. Playback: frames written and not played yet. */
    int64_t queued;
};
