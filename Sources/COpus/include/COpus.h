// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <opus.h>

/* The variadic controls of libopus, one plain function each. All return an OPUS_ error code. */
int partyline_opus_encoder_set(OpusEncoder *encoder, int request, opus_int32 value);
int partyline_opus_encoder_reset(OpusEncoder *encoder);
int partyline_opus_decoder_reset(OpusDecoder *decoder);
