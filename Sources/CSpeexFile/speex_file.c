// SPDX-License-Identifier: Apache-2.0
#include "CSpeexFile.h"

#include <ogg/ogg.h>
#include <speex/speex.h>
#include <speex/speex_callbacks.h>
#include <speex/speex_header.h>
#include <speex/speex_stereo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct partyline_speex {
    FILE *file;
    ogg_sync_state sync;
    ogg_stream_state stream;
    int has_stream, serial, extra, is_over;
    int frame, frames, channels, left;
    void *decoder;
    SpeexBits bits;
    SpeexStereoState stereo;
};

int partyline_is_speex(const char *path) {
    char head[36] = {0};
    FILE *file = fopen(path, "rbe");
    if (!file) return 0;
    size_t count = fread(head, 1, sizeof head, file);
    fclose(file);
    return count == sizeof head && memcmp(head, "OggS", 4) == 0 && memcmp(head + 28, "Speex   ", 8) == 0;
}

/* The next packet of the Speex stream: 1, 0 at the end. */
static int next_packet(struct partyline_speex *speex, ogg_packet *packet) {
    for (;;) {
        if (speex->has_stream) {
            int found = ogg_stream_packetout(&speex->stream, packet);
            if (found == 1) return 1;
            if (found < 0) continue;
        }
        ogg_page page;
        int found = ogg_sync_pageout(&speex->sync, &page);
        if (found == 1) {
            if (!speex->has_stream) {
                speex->serial = ogg_page_serialno(&page);
                if (ogg_stream_init(&speex->stream, speex->serial) != 0) return 0;
                speex->has_stream = 1;
            }
            if (ogg_page_serialno(&page) == speex->serial) ogg_stream_pagein(&speex->stream, &page);
            continue;
        }
        if (found < 0) continue;
        char *buffer = ogg_sync_buffer(&speex->sync, 4096);
        if (!buffer) return 0;
        size_t count = fread(buffer, 1, 4096, speex->file);
        if (count == 0) return 0;
        ogg_sync_wrote(&speex->sync, (long)count);
    }
}

static int read_header(struct partyline_speex *speex, int *rate) {
    ogg_packet packet;
    if (!next_packet(speex, &packet)) return 0;
    SpeexHeader *header = speex_packet_to_header((char *)packet.packet, (int)packet.bytes);
    if (!header) return 0;
    int mode = header->mode, good = 0;
    if (mode >= 0 && mode < SPEEX_NB_MODES && (header->nb_channels == 1 || header->nb_channels == 2)
        && header->frames_per_packet >= 0 && header->frames_per_packet <= 10 && header->extra_headers >= 0
        && header->extra_headers < 32 && header->rate >= 6000 && header->rate <= 48000) {
        speex->channels = header->nb_channels;
        speex->frames = header->frames_per_packet ? header->frames_per_packet : 1;
        speex->extra = header->extra_headers;
        *rate = header->rate;
        speex->decoder = speex_decoder_init(speex_lib_get_mode(mode));
        good = speex->decoder != NULL;
    }
    speex_header_free(header);
    if (!good) return 0;
    int enhance = 1;
    speex_decoder_ctl(speex->decoder, SPEEX_SET_ENH, &enhance);
    speex_decoder_ctl(speex->decoder, SPEEX_GET_FRAME_SIZE, &speex->frame);
    if (speex->frame <= 0 || speex->frame * 2 * speex->frames > PARTYLINE_SPEEX_MOST * 2) return 0;
    if (speex->channels == 2) {
        SpeexStereoState fresh = SPEEX_STEREO_STATE_INIT;
        speex->stereo = fresh;
        SpeexCallback callback = {0};
        callback.callback_id = SPEEX_INBAND_STEREO;
        callback.func = speex_std_stereo_request_handler;
        callback.data = &speex->stereo;
        speex_decoder_ctl(speex->decoder, SPEEX_SET_HANDLER, &callback);
    }
    /* The comment, and whatever else stands before the audio. */
    for (int index = 0; index < 1 + speex->extra; index++)
        if (!next_packet(speex, &packet)) return 0;
    return 1;
}

struct partyline_speex *partyline_speex_open(const char *path, int *rate) {
    struct partyline_speex *speex = calloc(1, sizeof *speex);
    if (!speex) return NULL;
    ogg_sync_init(&speex->sync);
    speex_bits_init(&speex->bits);
    speex->file = fopen(path, "rbe");
    if (speex->file && read_header(speex, rate)) return speex;
    partyline_speex_close(speex);
    return NULL;
}

int partyline_speex_read(struct partyline_speex *speex, int16_t *samples) {
    ogg_packet packet;
    int count = 0;
    while (count == 0) {
        if (!next_packet(speex, &packet)) return 0;
        speex_bits_read_from(&speex->bits, (char *)packet.packet, (int)packet.bytes);
        for (int frame = 0; frame < speex->frames && count + speex->frame <= PARTYLINE_SPEEX_MOST; frame++) {
            int16_t pcm[2 * 640 + 64];
            if (speex->frame > 640 || speex_decode_int(speex->decoder, &speex->bits, pcm) != 0) break;
            if (speex_bits_remaining(&speex->bits) < 0) break;
            /* A second channel only says how loud each side is: what was decoded is the middle already. */
            memcpy(samples + count, pcm, (size_t)speex->frame * sizeof *samples);
            count += speex->frame;
        }
    }
    return count;
}

void partyline_speex_close(struct partyline_speex *speex) {
    if (!speex) return;
    if (speex->has_stream) ogg_stream_clear(&speex->stream);
    ogg_sync_clear(&speex->sync);
    speex_bits_destroy(&speex->bits);
    if (speex->decoder) speex_decoder_destroy(speex->decoder);
    if (speex->file) fclose(speex->file);
    free(speex);
}
