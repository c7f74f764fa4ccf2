/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys, hook and lamps: what the telephone reports, and what it is told. */
#include "phone.h"
#include <string.h>

uint8_t lamps[8];
int lamp_bytes;
static uint8_t state[4]; /* the report as it is now */
static int is_changed;   /* to be sent */
static uint8_t cm109_column = 0x0f, scanned_key;
/* What a Yealink was asked last: 0x80 key number, 0x81 scan code of that number. */
static uint8_t yealink_asked, yealink_number;
struct press { double at; uint8_t place, value; };
static struct press presses[64]; /* reports to come: state[place] (or the key that is scanned) at a time */
static int press_from, press_to;

void lie_down(void) {
    memset(state, 0, sizeof state);
    if (kind == DESK || kind == HEADSET) state[0] = 1;
    if (kind == DESK) state[1] = 0xf0;
    scanned_key = 0, yealink_asked = 0, cm109_column = 0x0f, is_changed = 0;
}

const uint8_t *key_state(void) { return state; }
int is_scanned(void) { return kind == CM109 || kind == YEALINK; }

/* Of a magicJack: hook at 23, or (the first ones) hook at 9 and the key that is down at 21. */
int feature(uint8_t *bytes, int count) {
    if ((kind != TIGER || count != 64) && (kind != SILVER || count != 32)) return 0;
    memset(bytes, 0, (size_t)count);
    if (kind == TIGER) bytes[23] = state[1];
    else bytes[9] = state[1], bytes[21] = state[0];
    return count;
}

/* What is told to a Yealink, 16 bytes: questions; segments, lamp, bell. */
static void take_command(const uint8_t *bytes) {
    if (bytes[0] == 0x80 || bytes[0] == 0x81) yealink_asked = bytes[0], yealink_number = bytes[3];
    else if (bytes[0] == 0x03) lamps[0] = bytes[0], lamps[1] = bytes[4], lamp_bytes = 2;
}

void take_output(const uint8_t *bytes, int count) {
    if (kind == YEALINK) {
        if (count == 16) take_command(bytes);
        return;
    }
    /* A command of the first magicJacks stands until it is reset. */
    if (kind == SILVER && count > 1 && bytes[1] == 0) return;
    lamp_bytes = count < 8 ? count : 8;
    memcpy(lamps, bytes, (size_t)lamp_bytes);
    if (kind == CM109 && count >= 2) cm109_column = bytes[1] & 0x0f;
}

/* ---- presses to come ---- */

static void press_at(double at, uint8_t place, uint8_t value) {
    presses[press_to] = (struct press){at, place, value};
    press_to = (press_to + 1) % 64;
}

double last_press(void) { return press_from == press_to ? now_ms() : presses[(press_to + 63) % 64].at; }
double next_press(void) { return press_from == press_to ? 0 : presses[press_from].at; }

void apply_presses(void) {
    while (press_from != press_to && presses[press_from].at <= now_ms()) {
        if (is_scanned()) scanned_key = presses[press_from].value;
        else state[presses[press_from].place] = presses[press_from].value, is_changed = 1;
        press_from = (press_from + 1) % 64;
    }
}

void set_hook(int is_off) {
    press_at(now_ms(), 1, kind == DESK ? (uint8_t)((state[1] & 0xf0) | (is_off != 0)) : is_off ? 0x80 : 0);
}

void press_button(void) {
    press_at(now_ms(), 1, 1);
    press_at(now_ms() + 80, 1, 0);
}

static uint8_t cm109_code(char key) {
    static const char keys[] = "0123456789*#GR";
    static const uint8_t codes[] = {0x82, 0x14, 0x12, 0x11, 0x24, 0x22, 0x21, 0x44, 0x42, 0x41, 0x84, 0x81, 0x88, 0x48};
    const char *at = strchr(keys, key);
    return key && at ? codes[at - keys] : 0;
}

/* Number of a key of a Yealink: its place here, from 1 on. */
static const char yealink_keys[] = "123456789*0#GR";
static const uint8_t yealink_codes[] = {0x00, 0x01, 0x02, 0x10, 0x11, 0x12, 0x20, 0x21, 0x22, 0x30, 0x31, 0x32, 0x03, 0x13};

void press_key(char key) {
    static const char keys[] = "0123456789*#";
    double at = last_press() + 100;
    const char *found = strchr(keys, key);
    if (kind == CM109) {
        press_at(at, 0, cm109_code(key));
        press_at(at + 100, 0, 0);
    } else if (kind == YEALINK) {
        found = strchr(yealink_keys, key);
        if (!key || !found) return;
        press_at(at, 0, (uint8_t)(found - yealink_keys + 1));
        press_at(at + 100, 0, 0);
    } else if (!key || !found) {
        return;
    } else if (kind == TIGER || kind == SILVER) {
        uint8_t number = (uint8_t)(found - keys);
        press_at(at, 0, kind == TIGER ? number + 1 : (uint8_t)(0xc0 | (number == 0 ? 10 : number >= 10 ? number + 1 : number)));
        press_at(at + 100, 0, 0);
    } else {
        uint8_t rest = state[1] & 0x0f;
        press_at(at, 1, (uint8_t)(rest | (found - keys) << 4));
        press_at(at + 100, 1, rest | 0xf0);
    }
}

/* ---- reports ---- */

/* The matrix of a CM109: rows are read back while a column is driven. */
static uint8_t matrix(void) {
    uint8_t row = scanned_key & 0xf0, column = scanned_key & 0x0f;
    if (!scanned_key) return cm109_column;
    if (cm109_column == 0x0f) return row | 0x0f;
    return column & cm109_column ? row | cm109_column : cm109_column;
}

void serve_keys(void) {
    if (kind == CM109) {
        if (report_due() > now_ms() + 0.01) return;
        uint8_t bytes[4] = {0, matrix(), 0, 0};
        send_report(bytes, 4);
    } else if (kind == YEALINK) {
        if (!yealink_asked || report_due() > now_ms() + 0.01) return;
        uint8_t code = yealink_number < sizeof yealink_codes ? yealink_codes[yealink_number] : 0xff;
        uint8_t bytes[16] = {yealink_asked, 1, 0, yealink_number, yealink_asked == 0x80 ? scanned_key : code};
        send_report(bytes, 16);
    } else if (kind == SILVER) {
        is_changed = 0;
    } else if (is_changed && send_report(state, 2)) {
        is_changed = 0;
    }
}
