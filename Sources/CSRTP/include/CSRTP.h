/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SRTP and SRTCP (RFC 3711; AEAD_AES_128_GCM: RFC 7714) on libcrypto's AES and SHA-1. One `csrtp_stream` is one direction of
 * one call. Making and freeing one is for the control side; protecting and unprotecting allocate nothing, lock nothing and
 * write no log, so that the mix thread may do it. One thread at a time.
 */
#ifndef CSRTP_H
#define CSRTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct csrtp_stream csrtp_stream;

typedef enum csrtp_suite {
    csrtp_aes_cm_128_hmac_sha1_80 = 1,
    csrtp_aes_cm_128_hmac_sha1_32,
    csrtp_aead_aes_128_gcm,
} csrtp_suite;

/* What a packet may grow by. */
enum { csrtp_most_growth = 20 };

typedef enum csrtp_fault {
    /* No packet, or one that is too short or too long. */
    csrtp_malformed = -1,
    /* Made without the key, or changed on its way. */
    csrtp_forged = -2,
    /* Was here before, or is too old to know. */
    csrtp_replayed = -3,
    /* The key has been used as often as it may. */
    csrtp_exhausted = -4,
} csrtp_fault;

/* Bytes of master key and salt together; 0: no such suite. */
size_t csrtp_key_length(csrtp_suite suite);
/* Bytes by which a packet grows. */
int csrtp_growth(csrtp_suite suite, bool control);

/* NULL: no memory, no such suite, or a key of another length. */
csrtp_stream *csrtp_create(csrtp_suite suite, const uint8_t *key_and_salt, size_t length);
void csrtp_destroy(csrtp_stream *stream);

/* In place: `packet` has room for csrtp_growth more bytes. The new length, or a fault (the packet is rubbish then). */
int csrtp_protect(csrtp_stream *stream, uint8_t *packet, int count);
int csrtp_unprotect(csrtp_stream *stream, uint8_t *packet, int count);
int csrtp_protect_control(csrtp_stream *stream, uint8_t *packet, int count);
int csrtp_unprotect_control(csrtp_stream *stream, uint8_t *packet, int count);

#ifdef __cplusplus
}
#endif

#endif
