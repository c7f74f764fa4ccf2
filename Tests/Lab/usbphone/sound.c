/* SPDX-License-Identifier: Apache-2.0
 *
 * What the telephone hears and says. 0 dBm0 is 3.14 dB below a full-scale sine (ITU-T G.711). */
#include "phone.h"
#include <math.h>
#include <string.h>

#define RING (1 << 18)
static int16_t ear[RING];
uint32_t heard_count;
struct segment { double first, second; long samples; /* -1: for ever */ };
static struct segment said[128];
static int said_from, said_to;
static double phase[2];

int16_t mouth(void) {
    while (said_from != said_to && said[said_from].samples == 0) said_from = (said_from + 1) % 128;
    if (said_from == said_to) return 0;
    struct segment *segment = &said[said_from];
    if (segment->samples > 0) segment->samples--;
    double value = 0;
    if (segment->first > 0) value += sin(phase[0] += 2 * M_PI * segment->first / rate);
    if (segment->second > 0) value += sin(phase[1] += 2 * M_PI * segment->second / rate);
    return (int16_t)(value * 7200); /* -10 dBm0 each */
}

void say(double first, double second, long ms) {
    said[said_to] = (struct segment){first, second, ms < 0 ? -1 : ms * rate / 1000};
    said_to = (said_to + 1) % 128;
}

double level(double hertz, uint32_t from, uint32_t count) {
    double turn = 2 * cos(2 * M_PI * hertz / rate), first = 0, second = 0;
    for (uint32_t i = 0; i < count; i++) {
        double next = ear[(from + i) % RING] + turn * first - second;
        second = first;
        first = next;
    }
    double power = (first * first + second * second - turn * first * second) * 4 / ((double)count * count);
    return power < 0.01 ? -99 : 10 * log10(power / (32767.0 * 32767.0)) + 3.14;
}

void hear(const uint8_t *bytes, int samples) {
    for (int i = 0; i < samples; i++) memcpy(&ear[heard_count++ % RING], bytes + 2 * i, 2);
}

int16_t heard(uint32_t at) { return ear[at % RING]; }

void say_nothing(void) { said_from = said_to; }

void dial_tones(const char *digits) {
    static const double low[] = {697, 770, 852, 941}, high[] = {1209, 1336, 1477, 1633};
    static const char pad[] = "123A456B789C*0#D";
    for (; *digits; digits++) {
        const char *at = strchr(pad, *digits);
        if (!at) continue;
        say(low[(at - pad) / 4], high[(at - pad) % 4], 100);
        say(0, 0, 100);
    }
}
