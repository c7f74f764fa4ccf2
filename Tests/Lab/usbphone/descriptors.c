/* SPDX-License-Identifier: Apache-2.0
 *
 * What the telephones say they are: USB 2.0 chapter 9 (descriptors), Audio Class 1.0 (one mono stream each way), HID 1.11. */
#include "phone.h"
#include <stddef.h>

enum kind kind;
int port, rate;
const char *serial, *product;
const uint8_t *report, *device, *configuration;
int report_length, device_length, configuration_length;

static const uint8_t desk_report[] = {
    0x05, 0x0b, 0x09, 0x01, 0xa1, 0x01, 0x85, 0x01, 0x09, 0x20, 0x09, 0x2f, 0x15, 0, 0x25, 1, 0x75, 1, 0x95, 2, 0x81, 0x22,
    0x95, 2, 0x81, 1, 0x09, 0x06, 0xa1, 0x02, 0x19, 0xb0, 0x29, 0xbb, 0x15, 0, 0x25, 11, 0x75, 4, 0x95, 1, 0x81, 0x40, 0xc0,
    0x05, 0x08, 0x85, 0x02, 0x09, 0x17, 0x09, 0x18, 0x09, 0x09, 0x15, 0, 0x25, 1, 0x75, 1, 0x95, 3, 0x91, 0x22, 0x75, 5, 0x95, 1,
    0x91, 1, 0xc0};
/* Only the telephony page: the kernel makes no input device of it. The hook is a button. */
static const uint8_t headset_report[] = {
    0x05, 0x0b, 0x09, 0x05, 0xa1, 0x01, 0x85, 0x01, 0x15, 0, 0x25, 1, 0x75, 1, 0x95, 1, 0x09, 0x20, 0x81, 0x06, 0x09, 0x2f, 0x81,
    0x06, 0x95, 6, 0x81, 3, 0x05, 0x08, 0x85, 0x02, 0x95, 3, 0x09, 0x17, 0x09, 0x18, 0x09, 0x09, 0x91, 0x22, 0x95, 5, 0x91, 1, 0xc0};
static const uint8_t cm109_report[] = {
    0x06, 0x00, 0xff, 0x09, 1, 0xa1, 1, 0x15, 0, 0x26, 0xff, 0, 0x75, 8, 0x95, 4, 0x09, 1, 0x81, 2, 0x95, 4, 0x09, 2, 0x91, 2, 0xc0};

/* Vendor's own: key and hook come in, and a state of so many bytes is asked for. */
static uint8_t tiger_report[] = {
    0x06, 0x00, 0xff, 0x09, 1, 0xa1, 1, 0x15, 0, 0x26, 0xff, 0, 0x75, 8, 0x95, 2, 0x09, 1, 0x81, 2, 0x95, 64, 0x09, 2, 0xb1, 2, 0xc0};

static uint8_t device_bytes[18] = {18, 1, 0x10, 1, 0, 0, 0, 64, 0x5d, 0x09, 0x01, 0x92, 0, 3, 1, 2, 3, 1}; /* Polycom CX300 */
#define R3 0, 0, 0
static uint8_t configuration_bytes[] = {
    9, 2, 0, 0, 4, 1, 0, 0x80, 50,
    /* control: USB stream to phone line, phone line to USB stream */
    9, 4, 0, 0, 0, 1, 1, 0, 0, 10, 0x24, 1, 0, 1, 10 + 12 + 9 + 12 + 9, 0, 2, 1, 2,
    12, 0x24, 2, 1, 0x01, 0x01, 0, 1, 0, 0, 0, 0, 9, 0x24, 3, 2, 0x01, 0x05, 0, 1, 0,
    12, 0x24, 2, 3, 0x01, 0x05, 0, 1, 0, 0, 0, 0, 9, 0x24, 3, 4, 0x01, 0x01, 0, 3, 0,
    /* to us: mono, 16 bits, one rate, adaptive */
    9, 4, 1, 0, 0, 1, 2, 0, 0, 9, 4, 1, 1, 1, 1, 2, 0, 0, 7, 0x24, 1, 1, 1, 1, 0, 11, 0x24, 2, 1, 1, 2, 16, 1, R3,
    9, 5, 0x01, 0x09, 100, 0, 1, 0, 0, 7, 0x25, 1, 1, 0, 0, 0,
    /* from us: asynchronous */
    9, 4, 2, 0, 0, 1, 2, 0, 0, 9, 4, 2, 1, 1, 1, 2, 0, 0, 7, 0x24, 1, 4, 1, 1, 0, 11, 0x24, 2, 1, 1, 2, 16, 1, R3,
    9, 5, 0x81, 0x05, 100, 0, 1, 0, 0, 7, 0x25, 1, 1, 0, 0, 0,
    /* keys */
    9, 4, 3, 0, 1, 3, 0, 0, 0, 9, 0x21, 0x11, 1, 0, 1, 0x22, 0, 0, 7, 5, 0x82, 3, 4, 0, 8};

void describe(void) {
    static const struct { const char *product; const uint8_t *report; int length; uint16_t vendor, number; } table[] = {
        [DESK] = {"Polycom CX300", desk_report, sizeof desk_report, 0x095d, 0x9201},
        [HEADSET] = {"Jabra PRO 930", headset_report, sizeof headset_report, 0x0b0e, 0x1017},
        [CM109] = {"USB Phone", cm109_report, sizeof cm109_report, 0x0d8c, 0x000e},
        [TIGER] = {"magicJack", tiger_report, sizeof tiger_report, 0x06e6, 0xc200},
        [SILVER] = {"magicJack", tiger_report, sizeof tiger_report, 0x06e6, 0xc200},
        [YEALINK] = {"USB-P1K", cm109_report, sizeof cm109_report, 0x6993, 0xb001},
    };
    product = table[kind].product, report = table[kind].report, report_length = table[kind].length;
    if (kind == SILVER) tiger_report[21] = 32;
    for (int b = 0; b < 2; b++) device_bytes[8 + b] = (uint8_t)(table[kind].vendor >> (8 * b)), device_bytes[10 + b] = (uint8_t)(table[kind].number >> (8 * b));
    if (!*serial) device_bytes[16] = 0;
    /* The driver yealink wants packets of 16 bytes. */
    if (kind == YEALINK) configuration_bytes[sizeof configuration_bytes - 3] = 16;
    configuration_bytes[2] = sizeof configuration_bytes & 255;
    configuration_bytes[3] = sizeof configuration_bytes >> 8;
    for (size_t i = 0; i + 11 <= sizeof configuration_bytes; i++)
        if (configuration_bytes[i] == 11 && configuration_bytes[i + 1] == 0x24 && configuration_bytes[i + 2] == 2 && configuration_bytes[i + 7] == 1)
            for (int b = 0; b < 3; b++) configuration_bytes[i + 8 + b] = (uint8_t)(rate >> (8 * b));
    for (size_t i = 0; i + 9 <= sizeof configuration_bytes; i++)
        if (configuration_bytes[i] == 9 && configuration_bytes[i + 1] == 0x21 && configuration_bytes[i + 6] == 0x22)
            configuration_bytes[i + 7] = (uint8_t)report_length;
    device = device_bytes, device_length = sizeof device_bytes;
    configuration = configuration_bytes, configuration_length = sizeof configuration_bytes;
}
