// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

/* The plain way to mix, in C, for comparison: decodes `count` mu-law samples of each of `people` participants, sums them, and
   gives each the sum without himself, saturated and encoded again. `in` and `out` hold people * count bytes, `decoded`
   people * count samples, `sum` count values; `decode` 256 samples, `encode` a code for each (sample + 32768) / 4. */
void partyline_bench_mix(
    const uint8_t *in, uint8_t *out, int16_t *decoded, int32_t *sum, const int16_t *decode, const uint8_t *encode,
    int people, int count);

/* A datagram socket that sends to this numeric IPv4 address and port; -1 with errno. */
int partyline_bench_forger(const char *host, uint16_t port);
/* Sends from an address of this machine (host byte order), another one each time if one likes (all of 127.0.0.0/8 is). */
void partyline_bench_send_from(int socket, uint32_t source, const uint8_t *bytes, size_t count);

/* Keeps the calling thread on one processor; 0, or -1 with errno. */
int partyline_bench_pin(int processor);
