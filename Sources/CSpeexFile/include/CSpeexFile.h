// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

/* Speex in Ogg (RFC 3533 pages, "Speex in Ogg" of the Speex manual, appendix A), made mono. */

struct partyline_speex;
enum { PARTYLINE_SPEEX_MOST = 6400 };

/* 1 if the file begins as an Ogg file with a Speex stream. */
int partyline_is_speex(const char *path);
struct partyline_speex *partyline_speex_open(const char *path, int *rate);
/* The samples of the next packet, at most PARTYLINE_SPEEX_MOST; 0 at the end. */
int partyline_speex_read(struct partyline_speex *speex, int16_t *samples);
void partyline_speex_close(struct partyline_speex *speex);
