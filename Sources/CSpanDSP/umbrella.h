#include <stdint.h>
#include <stdbool.h>
#include <math.h>
#include <spandsp.h>

/* The state of an encoder as that of another: structures without pointers. */
#include <spandsp/private/g722.h>
static inline void partyline_g722_copy(g722_encode_state_t *to, const g722_encode_state_t *from) { *to = *from; }
/* The predictors of a decoder go into an encoder: what that makes then, this decoder understands. */
static inline void partyline_g722_lend(g722_encode_state_t *to, const g722_decode_state_t *from) {
    to->band[0] = from->band[0];
    to->band[1] = from->band[1];
}
#include <spandsp/bitstream.h>
#include <spandsp/private/bitstream.h>
#include <spandsp/private/g726.h>
static inline void partyline_g726_copy(g726_state_t *to, const g726_state_t *from) { *to = *from; }
#include <spandsp/private/gsm0610.h>
static inline void partyline_gsm_copy(gsm0610_state_t *to, const gsm0610_state_t *from) { *to = *from; }
/* The excitation that was, of a decoder, goes into an encoder. */
static inline void partyline_gsm_lend(gsm0610_state_t *to, const gsm0610_state_t *from) {
    for (int i = 0; i < 120; i++) to->dp0[i] = from->dp0[i];
}
