// SPDX-License-Identifier: Apache-2.0
#include "CBenchKernels.h"

#include <string.h>

void partyline_bench_mix(
    const uint8_t *in, uint8_t *out, int16_t *decoded, int32_t *sum, const int16_t *decode, const uint8_t *encode,
    int people, int count) {
    memset(sum, 0, sizeof *sum * (unsigned)count);
    for (int person = 0; person < people; person++) {
        const uint8_t *bytes = in + person * count;
        int16_t *samples = decoded + person * count;
        for (int index = 0; index < count; index++) samples[index] = decode[bytes[index]];
        for (int index = 0; index < count; index++) sum[index] += samples[index];
    }
    for (int person = 0; person < people; person++) {
        const int16_t *samples = decoded + person * count;
        uint8_t *bytes = out + person * count;
        for (int index = 0; index < count; index++) {
            int32_t value = sum[index] - samples[index];
            if (value > 32767) value = 32767;
            if (value < -32768) value = -32768;
            bytes[index] = encode[(value + 32768) >> 2];
        }
    }
}
