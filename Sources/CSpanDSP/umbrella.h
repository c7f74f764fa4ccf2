#include <stdint.h>
#include <stdbool.h>
#include <math.h>
#include <spandsp.h>

/* The state of an encoder as that of another: structures without pointers. */
#include <spandsp/private/g722.h>
static inline void partyline_g722_copy(g722_encode_state_t *to, const g722_encode_state_t *from) { *to = *from; }
#include <spandsp/bitstream.h>
#include <spandsp/private/bitstream.h>
#include <spandsp/private/g726.h>
static inline void partyline_g726_copy(g726_state_t *to, const g726_state_t *from) { *to = *from; }
#include <spandsp/private/gsm0610.h>
static inline void partyline_gsm_copy(gsm0610_state_t *to, const gsm0610_state_t *from) { *to = *from; }
