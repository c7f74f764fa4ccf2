/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CSRTP_INTERNAL_H
#define CSRTP_INTERNAL_H

/* The one-shot interfaces of libcrypto's third version allocate at every packet; these do not. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "CSRTP.h"

enum { key_length = 16, mac_length = 20, most_sources = 4, most_packet = 2048 };

/* RTP or RTCP of a stream: its session keys. */
typedef struct half {
    EVP_CIPHER_CTX *cipher;
    uint8_t salt[14];
    /* HMAC-SHA-1 with the key already taken in. */
    SHA_CTX inner, outer;
} half;

/* What is known of one SSRC. */
typedef struct source {
    bool used;
    uint32_t ssrc;
    /* The highest index so far, and which of the 64 before it were there (bit 0: it itself). */
    uint64_t highest;
    uint64_t window;
    uint64_t last_use;
} source;

struct csrtp_stream {
    csrtp_suite suite;
    half media, control;
    source media_sources[most_sources], control_sources[most_sources];
    uint64_t uses;
    uint32_t control_index;
};

static inline uint32_t read32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void write32(uint8_t *p, uint32_t value) {
    p[0] = (uint8_t)(value >> 24);
    p[1] = (uint8_t)(value >> 16);
    p[2] = (uint8_t)(value >> 8);
    p[3] = (uint8_t)value;
}

/* cipher.c */
bool csrtp_open_half(half *h, csrtp_suite suite, const uint8_t *key, const uint8_t *salt, uint8_t first_label);
void csrtp_close_half(half *h);
/* AES counter mode over the bytes; `index` is that of the packet (48 bits of RTP, 31 of RTCP). */
bool csrtp_count(half *h, uint32_t ssrc, uint64_t index, uint8_t *bytes, int count);
/* HMAC-SHA-1 over the bytes and four more, if any. */
void csrtp_mac(const half *h, const uint8_t *bytes, int count, const uint8_t *more, uint8_t mac[mac_length]);
/* GCM in place; the tag of 16 bytes stands behind. Opening gives false for a forgery. */
bool csrtp_seal(half *h, const uint8_t iv[12], const uint8_t *head, int head_count, const uint8_t *more, uint8_t *bytes,
                int count, uint8_t *tag);
bool csrtp_open(half *h, const uint8_t iv[12], const uint8_t *head, int head_count, const uint8_t *more, uint8_t *bytes,
                int count, uint8_t *tag);

#endif
