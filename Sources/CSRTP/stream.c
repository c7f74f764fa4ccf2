/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3711 sections 3.3 (packet index, replay), 3.4 (SRTCP); RFC 7714 for GCM; RFC 4568 section 6.2 for the suites. */
#include "internal.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

size_t csrtp_key_length(csrtp_suite suite) {
    switch (suite) {
    case csrtp_aes_cm_128_hmac_sha1_80: case csrtp_aes_cm_128_hmac_sha1_32: return key_length + 14;
    case csrtp_aead_aes_128_gcm: return key_length + 12;
    }
    return 0;
}

static int tag_length(csrtp_suite suite, bool control) {
    if (suite == csrtp_aead_aes_128_gcm) return 16;
    return suite == csrtp_aes_cm_128_hmac_sha1_32 && !control ? 4 : 10;
}

int csrtp_growth(csrtp_suite suite, bool control) { return tag_length(suite, control) + (control ? 4 : 0); }

csrtp_stream *csrtp_create(csrtp_suite suite, const uint8_t *key_and_salt, size_t length) {
    if (csrtp_key_length(suite) == 0 || length != csrtp_key_length(suite)) return NULL;
    csrtp_stream *stream = calloc(1, sizeof *stream);
    if (!stream) return NULL;
    stream->suite = suite;
    if (csrtp_open_half(&stream->media, suite, key_and_salt, key_and_salt + key_length, 0)
        && csrtp_open_half(&stream->control, suite, key_and_salt, key_and_salt + key_length, 3))
        return stream;
    csrtp_destroy(stream);
    return NULL;
}

void csrtp_destroy(csrtp_stream *stream) {
    if (!stream) return;
    csrtp_close_half(&stream->media);
    csrtp_close_half(&stream->control);
    OPENSSL_cleanse(stream, sizeof *stream);
    free(stream);
}

static source *find(source *sources, uint32_t ssrc) {
    for (int i = 0; i < most_sources; i++)
        if (sources[i].used && sources[i].ssrc == ssrc) return &sources[i];
    return NULL;
}

/* The one that was used longest ago makes room: only packets that were made with the key get here. */
static source *add(csrtp_stream *stream, source *sources, uint32_t ssrc, uint64_t index) {
    source *oldest = sources;
    for (int i = 0; i < most_sources; i++) {
        if (!sources[i].used) {
            oldest = &sources[i];
            break;
        }
        if (sources[i].last_use < oldest->last_use) oldest = &sources[i];
    }
    *oldest = (source){.used = true, .ssrc = ssrc, .highest = index, .window = 1, .last_use = stream->uses};
    return oldest;
}

/* The index that a sequence number means (section 3.3.1). A source that is not known begins with roll-over counter 0. */
static uint64_t guess(const source *s, uint16_t sequence) {
    if (!s) return sequence;
    uint64_t counter = s->highest >> 16;
    int32_t difference = (int32_t)sequence - (int32_t)(s->highest & 0xffff);
    if (difference > 32768 && counter > 0) counter -= 1;
    else if (difference < -32768) counter += 1;
    return counter << 16 | sequence;
}

static bool seen(const source *s, uint64_t index) {
    if (!s || index > s->highest) return false;
    uint64_t behind = s->highest - index;
    return behind >= 64 || (s->window >> behind & 1) != 0;
}

static void take(csrtp_stream *stream, source *sources, source *s, uint32_t ssrc, uint64_t index) {
    stream->uses += 1;
    if (!s) {
        add(stream, sources, ssrc, index);
        return;
    }
    s->last_use = stream->uses;
    if (index > s->highest) {
        uint64_t ahead = index - s->highest;
        s->window = ahead >= 64 ? 1 : s->window << ahead | 1;
        s->highest = index;
    } else {
        s->window |= 1ull << (s->highest - index);
    }
}

/* Bytes of the header with its lists and extension; 0: there is none. */
static int header_length(const uint8_t *packet, int count) {
    if (count < 12 || packet[0] >> 6 != 2) return 0;
    int length = 12 + 4 * (packet[0] & 15);
    if (packet[0] & 0x10) {
        if (count < length + 4) return 0;
        length += 4 + 4 * (packet[length + 2] << 8 | packet[length + 3]);
    }
    return length <= count ? length : 0;
}

/* RFC 7714 sections 8.1 and 9.1. */
static void gcm_iv(const half *h, uint32_t ssrc, uint64_t index, bool control, uint8_t iv[12]) {
    uint8_t plain[12] = {0};
    write32(plain + 2, ssrc);
    if (control) {
        write32(plain + 8, (uint32_t)index);
    } else {
        write32(plain + 6, (uint32_t)(index >> 16));
        plain[10] = (uint8_t)(index >> 8);
        plain[11] = (uint8_t)index;
    }
    for (int i = 0; i < 12; i++) iv[i] = plain[i] ^ h->salt[i];
}

int csrtp_protect(csrtp_stream *stream, uint8_t *packet, int count) {
    int head = header_length(packet, count), tag = tag_length(stream->suite, false);
    if (head == 0 || count + tag > most_packet) return csrtp_malformed;
    uint32_t ssrc = read32(packet + 8);
    source *s = find(stream->media_sources, ssrc);
    uint64_t index = guess(s, (uint16_t)(packet[2] << 8 | packet[3]));
    if (index >> 48) return csrtp_exhausted;
    /* One packet sent twice with two contents would give the key stream away. */
    if (seen(s, index)) return csrtp_replayed;
    if (stream->suite == csrtp_aead_aes_128_gcm) {
        uint8_t iv[12];
        gcm_iv(&stream->media, ssrc, index, false, iv);
        if (!csrtp_seal(&stream->media, iv, packet, head, NULL, packet + head, count - head, packet + count))
            return csrtp_malformed;
    } else {
        uint8_t counter[4], mac[mac_length];
        if (!csrtp_count(&stream->media, ssrc, index, packet + head, count - head)) return csrtp_malformed;
        write32(counter, (uint32_t)(index >> 16));
        csrtp_mac(&stream->media, packet, count, counter, mac);
        memcpy(packet + count, mac, (size_t)tag);
    }
    take(stream, stream->media_sources, s, ssrc, index);
    return count + tag;
}

int csrtp_unprotect(csrtp_stream *stream, uint8_t *packet, int count) {
    int head = header_length(packet, count), tag = tag_length(stream->suite, false);
    if (head == 0 || count < head + tag || count > most_packet) return csrtp_malformed;
    int plain = count - tag;
    uint32_t ssrc = read32(packet + 8);
    source *s = find(stream->media_sources, ssrc);
    uint64_t index = guess(s, (uint16_t)(packet[2] << 8 | packet[3]));
    if (seen(s, index)) return csrtp_replayed;
    if (stream->suite == csrtp_aead_aes_128_gcm) {
        uint8_t iv[12];
        gcm_iv(&stream->media, ssrc, index, false, iv);
        if (!csrtp_open(&stream->media, iv, packet, head, NULL, packet + head, plain - head, packet + plain))
            return csrtp_forged;
    } else {
        uint8_t counter[4], mac[mac_length];
        write32(counter, (uint32_t)(index >> 16));
        csrtp_mac(&stream->media, packet, plain, counter, mac);
        if (CRYPTO_memcmp(mac, packet + plain, (size_t)tag) != 0) return csrtp_forged;
        if (!csrtp_count(&stream->media, ssrc, index, packet + head, plain - head)) return csrtp_malformed;
    }
    take(stream, stream->media_sources, s, ssrc, index);
    return plain;
}

int csrtp_protect_control(csrtp_stream *stream, uint8_t *packet, int count) {
    int tag = tag_length(stream->suite, true);
    if (count < 8 || count + tag + 4 > most_packet) return csrtp_malformed;
    if (stream->control_index >= 0x7fffffff) return csrtp_exhausted;
    uint32_t ssrc = read32(packet + 4), index = ++stream->control_index;
    uint8_t word[4];
    write32(word, index | 0x80000000);
    if (stream->suite == csrtp_aead_aes_128_gcm) {
        uint8_t iv[12];
        gcm_iv(&stream->control, ssrc, index, true, iv);
        if (!csrtp_seal(&stream->control, iv, packet, 8, word, packet + 8, count - 8, packet + count)) return csrtp_malformed;
        memcpy(packet + count + tag, word, 4);
    } else {
        uint8_t mac[mac_length];
        if (!csrtp_count(&stream->control, ssrc, index, packet + 8, count - 8)) return csrtp_malformed;
        memcpy(packet + count, word, 4);
        csrtp_mac(&stream->control, packet, count + 4, NULL, mac);
        memcpy(packet + count + 4, mac, (size_t)tag);
    }
    return count + tag + 4;
}

int csrtp_unprotect_control(csrtp_stream *stream, uint8_t *packet, int count) {
    bool gcm = stream->suite == csrtp_aead_aes_128_gcm;
    int tag = tag_length(stream->suite, true), plain = count - tag - 4;
    if (plain < 8 || count > most_packet) return csrtp_malformed;
    const uint8_t *word = gcm ? packet + count - 4 : packet + plain;
    uint32_t ssrc = read32(packet + 4), index = read32(word) & 0x7fffffff;
    bool encrypted = word[0] >> 7;
    source *s = find(stream->control_sources, ssrc);
    if (seen(s, index)) return csrtp_replayed;
    if (gcm) {
        uint8_t iv[12];
        gcm_iv(&stream->control, ssrc, index, true, iv);
        /* Reports that are only authenticated are not taken: nobody sends them. */
        if (!encrypted || !csrtp_open(&stream->control, iv, packet, 8, word, packet + 8, plain - 8, packet + plain))
            return csrtp_forged;
    } else {
        uint8_t mac[mac_length];
        csrtp_mac(&stream->control, packet, plain + 4, NULL, mac);
        if (CRYPTO_memcmp(mac, packet + plain + 4, (size_t)tag) != 0) return csrtp_forged;
        if (encrypted && !csrtp_count(&stream->control, ssrc, index, packet + 8, plain - 8)) return csrtp_malformed;
    }
    take(stream, stream->control_sources, s, ssrc, index);
    return plain;
}
