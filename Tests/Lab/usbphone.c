/* SPDX-License-Identifier: Apache-2.0
 *
 * A whole USB telephone in user space, for the kernel's vhci_hcd (usbip-core): it speaks the USB/IP protocol on a socket
 * pair, so the unmodified drivers snd-usb-audio, usbhid and cm109 see a device that is plugged in.
 *
 *     usbphone KIND PORT SERIAL RATE       KIND: desk, headset, cm109; PORT: of the controller, 0 to 7
 *
 * Commands on standard input, one answer a line on standard output ("ok", or what was asked for):
 *     plug, unplug              hook 0|1 (desk)      button (headset)     key K (one press of 100 ms; cm109: also G, R)
 *     dtmf DIGITS               tone HZ MS (0: for ever)                  quiet
 *     level HZ MS               level of one frequency in what is heard during the next MS, in dBm0
 *     steady HZ MS              softest and loudest 5 ms of it
 *     lamps                     last output report, in hexadecimal        wait MS        rate
 *
 * USB 2.0 chapter 9; Audio Class 1.0; HID 1.11. Isochronous transfers end when their time has passed. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum kind { DESK, HEADSET, CM109 };
static enum kind kind;
static int port, rate;
static const char *serial;

/* ---- descriptors ---- */

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

static const uint8_t *report;
static int report_length;
static uint8_t device[18] = {18, 1, 0x10, 1, 0, 0, 0, 64, 0x5d, 0x09, 0x01, 0x92, 0, 3, 1, 2, 3, 1}; /* Polycom CX300 */
#define R3 0, 0, 0
static uint8_t configuration[] = {
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

static void describe(void) {
    report = kind == DESK ? desk_report : kind == HEADSET ? headset_report : cm109_report;
    report_length = kind == DESK ? sizeof desk_report : kind == HEADSET ? sizeof headset_report : sizeof cm109_report;
    if (kind == HEADSET) device[8] = 0x0e, device[9] = 0x0b, device[10] = 0x17, device[11] = 0x10; /* Jabra PRO 930 */
    if (kind == CM109) device[8] = 0x8c, device[9] = 0x0d, device[10] = 0x0e, device[11] = 0, device[16] = 0;
    configuration[2] = sizeof configuration & 255;
    configuration[3] = sizeof configuration >> 8;
    for (size_t i = 0; i + 11 <= sizeof configuration; i++)
        if (configuration[i] == 11 && configuration[i + 1] == 0x24 && configuration[i + 2] == 2 && configuration[i + 7] == 1)
            for (int b = 0; b < 3; b++) configuration[i + 8 + b] = (uint8_t)(rate >> (8 * b));
    for (size_t i = 0; i + 9 <= sizeof configuration; i++)
        if (configuration[i] == 9 && configuration[i + 1] == 0x21 && configuration[i + 6] == 0x22)
            configuration[i + 7] = (uint8_t)report_length;
}

/* ---- time and bytes ---- */

static double now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int line = -1; /* our end of the socket pair; -1: unplugged */

static int all(int writing, void *bytes, size_t count) {
    for (char *at = bytes; count > 0;) {
        ssize_t moved = writing ? write(line, at, count) : read(line, at, count);
        if (moved <= 0) return -1;
        at += moved;
        count -= (size_t)moved;
    }
    return 0;
}

/* ---- USB/IP ---- */

struct __attribute__((packed)) header {
    uint32_t command, sequence, device, direction, endpoint;
    union {
        struct __attribute__((packed)) { int32_t flags, length, start, packets, interval; uint8_t setup[8]; } submit;
        struct __attribute__((packed)) { int32_t status, length, start, packets, errors; uint8_t padding[8]; } answer;
    };
};
struct packet { uint32_t offset, length, actual, status; };
struct transfer {
    struct transfer *next;
    uint32_t sequence;
    int is_in, length, packets;
    double due;
    struct packet *table;
    uint8_t *data;
};
enum { TO_US = 0, FROM_US = 1, KEYS = 2, QUEUES = 3 };
static struct transfer *queue[QUEUES];
static double next_due[QUEUES];

static void free_transfer(struct transfer *transfer) {
    free(transfer->table);
    free(transfer->data);
    free(transfer);
}

static void answer(uint32_t sequence, int status, int length, const void *data, int bytes, int packets, const struct packet *table) {
    static uint8_t buffer[1 << 17];
    struct header header = {0};
    header.command = htonl(3);
    header.sequence = htonl(sequence);
    header.answer.status = (int32_t)htonl((uint32_t)status);
    header.answer.length = (int32_t)htonl((uint32_t)length);
    header.answer.packets = (int32_t)htonl((uint32_t)packets);
    size_t size = sizeof header;
    memcpy(buffer, &header, size);
    if (bytes > 0) memcpy(buffer + size, data, (size_t)bytes), size += (size_t)bytes;
    if (packets > 0) memcpy(buffer + size, table, (size_t)packets * sizeof *table), size += (size_t)packets * sizeof *table;
    all(1, buffer, size);
}

/* ---- sound ---- */

#define RING (1 << 18)
static int16_t heard[RING];
static uint32_t heard_count;
struct segment { double first, second; long samples; /* -1: for ever */ };
static struct segment said[128];
static int said_from, said_to;
static double phase[2];

static int16_t mouth(void) {
    while (said_from != said_to && said[said_from].samples == 0) said_from = (said_from + 1) % 128;
    if (said_from == said_to) return 0;
    struct segment *segment = &said[said_from];
    if (segment->samples > 0) segment->samples--;
    double value = 0;
    if (segment->first > 0) value += sin(phase[0] += 2 * M_PI * segment->first / rate);
    if (segment->second > 0) value += sin(phase[1] += 2 * M_PI * segment->second / rate);
    return (int16_t)(value * 7200); /* -10 dBm0 each */
}

static void say(double first, double second, long ms) {
    said[said_to] = (struct segment){first, second, ms < 0 ? -1 : ms * rate / 1000};
    said_to = (said_to + 1) % 128;
}

static double level(double hertz, uint32_t from, uint32_t count) {
    double turn = 2 * cos(2 * M_PI * hertz / rate), first = 0, second = 0;
    for (uint32_t i = 0; i < count; i++) {
        double next = heard[(from + i) % RING] + turn * first - second;
        second = first;
        first = next;
    }
    double power = (first * first + second * second - turn * first * second) * 4 / ((double)count * count);
    return power < 0.01 ? -99 : 10 * log10(power / (32767.0 * 32767.0)) + 3.14;
}

/* ---- keys and lamps ---- */

static uint8_t state[4];      /* the report as it is now */
static int is_changed;        /* to be sent */
static uint8_t lamps[8];
static int lamp_bytes;
static uint8_t cm109_column = 0x0f, cm109_key;
struct press { double at; uint8_t value; };
static struct press presses[64]; /* reports to come: state[1] (or the key of a CM109) at a time */
static int press_from, press_to;

static void press_at(double at, uint8_t value) {
    presses[press_to] = (struct press){at, value};
    press_to = (press_to + 1) % 64;
}

static double last_press(void) { return press_from == press_to ? now_ms() : presses[(press_to + 63) % 64].at; }

static void apply_presses(void) {
    while (press_from != press_to && presses[press_from].at <= now_ms()) {
        if (kind == CM109) cm109_key = presses[press_from].value;
        else state[1] = presses[press_from].value, is_changed = 1;
        press_from = (press_from + 1) % 64;
    }
}

static void serve_keys(void) {
    struct transfer *transfer = queue[KEYS];
    if (!transfer) return;
    if (kind == CM109) {
        if (transfer->due > now_ms() + 0.01) return;
        /* The key matrix: rows are read back while a column is driven. */
        uint8_t row = cm109_key & 0xf0, column = cm109_key & 0x0f;
        uint8_t read = !cm109_key ? cm109_column : cm109_column == 0x0f ? row | 0x0f : column & cm109_column ? row | cm109_column : cm109_column;
        uint8_t bytes[4] = {0, read, 0, 0};
        queue[KEYS] = transfer->next;
        answer(transfer->sequence, 0, 4, bytes, 4, 0, NULL);
        free_transfer(transfer);
    } else if (is_changed) {
        is_changed = 0;
        queue[KEYS] = transfer->next;
        answer(transfer->sequence, 0, 2, state, 2, 0, NULL);
        free_transfer(transfer);
    }
}

static void control(uint32_t sequence, const uint8_t *setup, const uint8_t *data) {
    int value = setup[2] | setup[3] << 8, length = setup[6] | setup[7] << 8, index = setup[4] | setup[5] << 8;
    uint8_t bytes[512];
    int count = 0, is_in = setup[0] & 0x80;
    if (setup[0] == 0x80 && setup[1] == 6) {
        static const char *const texts[] = {"", "Partyline Lab", "", ""};
        int type = value >> 8, number = value & 255;
        if (type == 1) memcpy(bytes, device, (size_t)(count = sizeof device));
        else if (type == 2) memcpy(bytes, configuration, (size_t)(count = sizeof configuration));
        else if (type == 3 && number == 0) memcpy(bytes, "\4\3\11\4", 4), count = 4;
        else if (type == 3 && number < 4) {
            const char *text = number == 2 ? (kind == DESK ? "Polycom CX300" : kind == HEADSET ? "Jabra PRO 930" : "USB Phone") : number == 3 ? serial : texts[number];
            count = 2 + 2 * (int)strlen(text);
            bytes[0] = (uint8_t)count, bytes[1] = 3;
            for (int i = 0; text[i]; i++) bytes[2 + 2 * i] = (uint8_t)text[i], bytes[3 + 2 * i] = 0;
        } else return answer(sequence, -EPIPE, 0, NULL, 0, 0, NULL);
    } else if (setup[0] == 0x81 && setup[1] == 6 && value >> 8 == 0x22) {
        memcpy(bytes, report, (size_t)(count = report_length));
    } else if ((setup[0] & 0x7f) == 0x22 && value >> 8 == 1) {
        for (int i = 0; i < 3; i++) bytes[i] = (uint8_t)(rate >> (8 * i));
        count = 3;
    } else if (setup[0] == 0x21 && setup[1] == 9 && data) {
        lamp_bytes = length < 8 ? length : 8;
        memcpy(lamps, data, (size_t)lamp_bytes);
        if (kind == CM109 && length >= 2) cm109_column = data[1] & 0x0f;
    } else if (setup[0] == 0xa1 && setup[1] == 1) {
        memcpy(bytes, state, 2), count = 2;
    } else if (setup[0] == 0x01 && setup[1] == 11) {
        if (index == 1 || index == 2) next_due[index - 1] = 0;
    } else if (setup[0] == 0x80 && setup[1] == 0) {
        bytes[0] = bytes[1] = 0, count = 2;
    } else if (is_in) return answer(sequence, -EPIPE, 0, NULL, 0, 0, NULL);
    if (count > length) count = length;
    answer(sequence, 0, is_in ? count : length, bytes, is_in ? count : 0, 0, NULL);
}

static void finish_isochronous(struct transfer *transfer) {
    static uint8_t buffer[65536];
    static int remainder;
    int total = 0;
    for (int i = 0; i < transfer->packets; i++) {
        int length = (int)ntohl(transfer->table[i].length), offset = (int)ntohl(transfer->table[i].offset), actual = length;
        if (transfer->is_in) {
            remainder += rate;
            actual = remainder / 1000 * 2;
            remainder %= 1000;
            if (actual > length) actual = length;
            for (int s = 0; s < actual / 2; s++) {
                int16_t sample = mouth();
                memcpy(buffer + total + 2 * s, &sample, 2);
            }
        } else {
            for (int s = 0; s < length / 2; s++) memcpy(&heard[heard_count++ % RING], transfer->data + offset + 2 * s, 2);
        }
        total += actual;
        transfer->table[i].actual = htonl((uint32_t)actual);
        transfer->table[i].status = 0;
    }
    answer(transfer->sequence, 0, transfer->is_in ? total : transfer->length, buffer, transfer->is_in ? total : 0, transfer->packets, transfer->table);
    free_transfer(transfer);
}

static void unplug(void) {
    if (line >= 0) close(line);
    line = -1;
    said_from = said_to;
    for (int i = 0; i < QUEUES; i++)
        while (queue[i]) {
            struct transfer *next = queue[i]->next;
            free_transfer(queue[i]);
            queue[i] = next;
        }
}

static int plug(void) {
    int pair[2];
    if (line >= 0) return 0;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) return -1;
    char text[64];
    int length = snprintf(text, sizeof text, "%d %d %d 2", port, pair[0], port + 2);
    int attach = open("/sys/devices/platform/vhci_hcd.0/attach", O_WRONLY);
    ssize_t written = attach < 0 ? -1 : write(attach, text, (size_t)length);
    if (attach >= 0) close(attach);
    close(pair[0]);
    if (written != length) return close(pair[1]), -1;
    memset(state, 0, sizeof state);
    if (kind != CM109) state[0] = 1;
    if (kind == DESK) state[1] = 0xf0;
    cm109_key = 0, cm109_column = 0x0f, is_changed = 0;
    line = pair[1];
    return 0;
}

static void take_message(void) {
    struct header header;
    if (all(0, &header, sizeof header) != 0) return unplug();
    uint32_t sequence = ntohl(header.sequence), command = ntohl(header.command);
    int is_in = (int)ntohl(header.direction), endpoint = (int)ntohl(header.endpoint);
    if (command == 1) {
        int length = (int)ntohl((uint32_t)header.submit.length), packets = (int)ntohl((uint32_t)header.submit.packets);
        uint8_t *data = NULL;
        if (!is_in && length > 0 && (!(data = malloc((size_t)length)) || all(0, data, (size_t)length) != 0)) return free(data), unplug();
        if (endpoint == 0) return control(sequence, header.submit.setup, data), free(data);
        struct transfer *transfer = calloc(1, sizeof *transfer);
        *transfer = (struct transfer){.sequence = sequence, .is_in = is_in, .length = length, .data = data, .due = now_ms() + 8};
        int number = endpoint == 1 ? is_in : KEYS;
        if (endpoint == 1) {
            transfer->packets = packets;
            transfer->table = malloc((size_t)packets * sizeof *transfer->table);
            if (all(0, transfer->table, (size_t)packets * sizeof *transfer->table) != 0) return free_transfer(transfer), unplug();
            double begin = next_due[number] > now_ms() - 50 ? next_due[number] : now_ms();
            transfer->due = next_due[number] = begin + packets;
        }
        struct transfer **end = &queue[number];
        while (*end) end = &(*end)->next;
        *end = transfer;
    } else if (command == 2) {
        uint32_t unlinked = ntohl((uint32_t)header.submit.flags);
        int status = 0;
        for (int i = 0; i < QUEUES; i++)
            for (struct transfer **at = &queue[i]; *at; at = &(*at)->next)
                if ((*at)->sequence == unlinked) {
                    struct transfer *gone = *at;
                    *at = gone->next;
                    free_transfer(gone);
                    status = -ECONNRESET;
                    break;
                }
        struct header reply = {0};
        reply.command = htonl(4);
        reply.sequence = htonl(sequence);
        reply.answer.status = (int32_t)htonl((uint32_t)status);
        all(1, &reply, sizeof reply);
    }
}

/* ---- the person ---- */

static struct { int is_running, is_steady; double hertz, until, give_up; uint32_t from, count; } measure;
static double answer_at; /* "ok" is due then; 0: no command is being worked on */

static void print(const char *text) {
    printf("%s\n", text);
    fflush(stdout);
}

static void finish_measure(void) {
    char text[96];
    if (heard_count - measure.from < measure.count) {
        if (now_ms() < measure.give_up) return;
        measure.is_running = 0;
        return print("nothing");
    }
    measure.is_running = 0;
    if (!measure.is_steady) {
        snprintf(text, sizeof text, "%.1f", level(measure.hertz, measure.from, measure.count));
        return print(text);
    }
    double softest = 99, loudest = -99;
    uint32_t block = (uint32_t)rate / 200;
    for (uint32_t at = 0; at + block <= measure.count; at += block) {
        double now = level(measure.hertz, measure.from + at, block);
        if (now < softest) softest = now;
        if (now > loudest) loudest = now;
    }
    snprintf(text, sizeof text, "%.1f %.1f", softest, loudest);
    print(text);
}

static uint8_t cm109_code(char key) {
    static const char keys[] = "0123456789*#GR";
    static const uint8_t codes[] = {0x82, 0x14, 0x12, 0x11, 0x24, 0x22, 0x21, 0x44, 0x42, 0x41, 0x84, 0x81, 0x88, 0x48};
    const char *at = strchr(keys, key);
    return key && at ? codes[at - keys] : 0;
}

static void press_key(char key) {
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

static void dial_tones(const char *digits) {
    static const double low[] = {697, 770, 852, 941}, high[] = {1209, 1336, 1477, 1633};
    static const char pad[] = "123A456B789C*0#D";
    for (; *digits; digits++) {
        const char *at = strchr(pad, *digits);
        if (!at) continue;
        say(low[(at - pad) / 4], high[(at - pad) % 4], 100);
        say(0, 0, 100);
    }
}

static void command(char *text) {
    char word[32] = "", argument[64] = "", second[32] = "";
    sscanf(text, "%31s %63s %31s", word, argument, second);
    char out[64] = "";
    answer_at = 0;
    if (!strcmp(word, "plug")) return print(plug() == 0 ? "ok" : "failed");
    if (!strcmp(word, "unplug")) return unplug(), print("ok");
    if (!strcmp(word, "hook")) press_at(now_ms(), (uint8_t)((state[1] & 0xf0) | (atoi(argument) != 0)));
    else if (!strcmp(word, "button")) press_at(now_ms(), 1), press_at(now_ms() + 80, 0);
    else if (!strcmp(word, "key")) for (char *at = argument; *at; at++) press_key(*at);
    else if (!strcmp(word, "dtmf")) {
        dial_tones(argument);
        answer_at = now_ms() + 200.0 * (double)strlen(argument);
        return;
    } else if (!strcmp(word, "tone")) say(atof(argument), 0, atol(second) == 0 ? -1 : atol(second));
    else if (!strcmp(word, "quiet")) said_from = said_to;
    else if (!strcmp(word, "wait")) return (void)(answer_at = now_ms() + atof(argument));
    else if (!strcmp(word, "level") || !strcmp(word, "steady")) {
        double ms = atof(second);
        measure.is_running = 1, measure.is_steady = word[0] == 's', measure.hertz = atof(argument);
        measure.from = heard_count, measure.count = (uint32_t)(ms * rate / 1000);
        measure.give_up = now_ms() + ms * 2 + 500;
        return;
    } else if (!strcmp(word, "lamps")) {
        for (int i = 0; i < lamp_bytes; i++) sprintf(out + 2 * i, "%02x", lamps[i]);
        return print(lamp_bytes ? out : "none");
    } else if (!strcmp(word, "rate")) return snprintf(out, sizeof out, "%d", rate), print(out);
    else return print("unknown");
    answer_at = last_press();
}

int main(int count, char **arguments) {
    if (count != 5) return fprintf(stderr, "usage: usbphone desk|headset|cm109 PORT SERIAL RATE\n"), 64;
    kind = !strcmp(arguments[1], "desk") ? DESK : !strcmp(arguments[1], "headset") ? HEADSET : CM109;
    port = atoi(arguments[2]), serial = arguments[3], rate = atoi(arguments[4]);
    describe();
    struct sched_param priority = {.sched_priority = 60};
    sched_setscheduler(0, SCHED_FIFO, &priority);
    char input[256];
    size_t filled = 0;
    for (;;) {
        double now = now_ms(), end = now + 1000;
        for (int i = 0; i < QUEUES; i++)
            if (queue[i] && (i != KEYS || kind == CM109) && queue[i]->due < end) end = queue[i]->due;
        if (press_from != press_to && presses[press_from].at < end) end = presses[press_from].at;
        if (answer_at > 0 && answer_at < end) end = answer_at;
        if (measure.is_running && now + 10 < end) end = now + 10;
        double wait = end > now ? end - now : 0;
        struct timespec timeout = {(time_t)(wait / 1e3), (long)(fmod(wait, 1e3) * 1e6)};
        struct pollfd polls[2] = {{answer_at > 0 || measure.is_running ? -1 : 0, POLLIN, 0}, {line, POLLIN, 0}};
        ppoll(polls, 2, &timeout, NULL);
        for (int i = TO_US; i <= FROM_US; i++)
            while (queue[i] && queue[i]->due <= now_ms() + 0.01) {
                struct transfer *transfer = queue[i];
                queue[i] = transfer->next;
                finish_isochronous(transfer);
            }
        apply_presses();
        serve_keys();
        if (measure.is_running) finish_measure();
        if (answer_at > 0 && answer_at <= now_ms()) answer_at = 0, print("ok");
        if (line >= 0 && polls[1].revents) take_message();
        if (polls[0].revents) {
            ssize_t got = read(0, input + filled, sizeof input - 1 - filled);
            if (got <= 0) return 0;
            filled += (size_t)got;
            input[filled] = 0;
            char *end_of_line = strchr(input, '\n');
            if (end_of_line) {
                *end_of_line = 0;
                size_t used = (size_t)(end_of_line - input) + 1;
                char one[256];
                memcpy(one, input, used);
                memmove(input, input + used, filled - used);
                filled -= used;
                command(one);
            } else if (filled >= sizeof input - 1) filled = 0;
        }
    }
}
