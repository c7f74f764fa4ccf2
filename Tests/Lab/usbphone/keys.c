/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys, hook and lamps: what the telephone reports, and what it is told. */
#include "phone.h"
#include <string.h>

uint8_t lamps[8];
int lamp_bytes;
static uint8_t state[4]; /* the report as it is now */
static int is_changed;   /* to be sent */
static uint8_t cm109_column = 0x0f, cm109_key;
struct press { double at; uint8_t value; };
static struct press presses[64]; /* reports to come: state[1] (or the key of a CM109) at a time */
static int press_from, press_to;

void lie_down(void) {
    memset(state, 0, sizeof state);
    if (kind != CM109) state[0] = 1;
    if (kind == DESK) state[1] = 0xf0;
    cm109_key = 0, cm109_column = 0x0f, is_changed = 0;
}

const uint8_t *key_state(void) { return state; }

void take_output(const uint8_t *bytes, int count) {
    lamp_bytes = count < 8 ? count : 8;
    memcpy(lamps, bytes, (size_t)lamp_bytes);
    if (kind == CM109 && count >= 2) cm109_column = bytes[1] & 0x0f;
}

/* ---- presses to come ---- */

static void press_at(double at, uint8_t value) {
    presses[press_to] = (struct press){at, value};
    press_to = (press_to + 1) % 64;
}

double last_press(void) { return press_from == press_to ? now_ms() : presses[(press_to + 63) % 64].at; }
double next_press(void) { return press_from == press_to ? 0 : presses[press_from].at; }

void apply_presses(void) {
    while (press_from != press_to && presses[press_from].at <= now_ms()) {
        if (kind == CM109) cm109_key = presses[press_from].value;
        else state[1] = presses[press_from].value, is_changed = 1;
        press_from = (press_from + 1) % 64;
    }
}

void set_hook(int is_off) { press_at(now_ms(), (uint8_t)((state[1] & 0xf0) | (is_off != 0))); }

void press_button(void) {
    press_at(now_ms(), 1);
    press_at(now_ms() + 80, 0);
}

static uint8_t cm109_code(char key) {
    static const char keys[] = "0123456789*#GR";
    static const uint8_t codes[] = {0x82, 0x14, 0x12, 0x11, 0x24, 0x22, 0x21, 0x44, 0x42, 0x41, 0x84, 0x81, 0x88, 0x48};
    const char *at = strchr(keys, key);
    return key && at ? codes[at - keys] : 0;
}

void press_key(char key) {
    static const char keys[] = "0123456789*#";
    double at = last_press() + 100;
    if (kind == CM109) {
        press_at(at, cm109_code(key));
        press_at(at + 100, 0);
    } else {
        const char *found = strchr(keys, key);
        if (!key || !found) return;
        uint8_t rest = state[1] & 0x0f;
        press_at(at, (uint8_t)(rest | (found - keys) << 4));
        press_at(at + 100, rest | 0xf0);
    }
}

/* ---- reports ---- */

/* The matrix of a CM109: rows are read back while a column is driven. */
static uint8_t matrix(void) {
    uint8_t row = cm109_key & 0xf0, column = cm109_key & 0x0f;
    if (!cm109_key) return cm109_column;
    if (cm109_column == 0x0f) return row | 0x0f;
    return column & cm109_column ? row | cm109_column : cm109_column;
}

void serve_keys(void) {
    if (kind == CM109) {
        if (report_due() > now_ms() + 0.01) return;
        uint8_t bytes[4] = {0, matrix(), 0, 0};
        send_report(bytes, 4);
    } else if (is_changed && send_report(state, 2)) {
        is_changed = 0;
    }
}
