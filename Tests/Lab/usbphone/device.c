/* SPDX-License-Identifier: Apache-2.0
 *
 * The device end of the wire: the USB/IP protocol on a socket pair whose other end the kernel's vhci_hcd (usbip-core) has, so
 * the unmodified drivers snd-usb-audio, usbhid and cm109 see a telephone that is plugged in. USB 2.0 chapter 9 (requests), Audio
 * Class 1.0. Isochronous transfers end when their time has passed. */
#define _GNU_SOURCE
#include "phone.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

double now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

int line = -1;

static int all(int writing, void *bytes, size_t count) {
    for (char *at = bytes; count > 0;) {
        ssize_t moved = writing ? write(line, at, count) : read(line, at, count);
        if (moved <= 0) return -1;
        at += moved;
        count -= (size_t)moved;
    }
    return 0;
}

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

static void control(uint32_t sequence, const uint8_t *setup, const uint8_t *data) {
    int value = setup[2] | setup[3] << 8, length = setup[6] | setup[7] << 8, index = setup[4] | setup[5] << 8;
    uint8_t bytes[512];
    int count = 0, is_in = setup[0] & 0x80;
    if (setup[0] == 0x80 && setup[1] == 6) {
        static const char *const texts[] = {"", "Partyline Lab", "", ""};
        int type = value >> 8, number = value & 255;
        if (type == 1) memcpy(bytes, device, (size_t)(count = device_length));
        else if (type == 2) memcpy(bytes, configuration, (size_t)(count = configuration_length));
        else if (type == 3 && number == 0) memcpy(bytes, "\4\3\11\4", 4), count = 4;
        else if (type == 3 && number < 4) {
            const char *text = number == 2 ? product : number == 3 ? serial : texts[number];
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
        take_output(data, length);
    } else if (setup[0] == 0xa1 && setup[1] == 1 && setup[3] == 3) {
        count = feature(bytes, length);
        if (count == 0) return answer(sequence, -EPIPE, 0, NULL, 0, 0, NULL);
    } else if (setup[0] == 0xa1 && setup[1] == 1) {
        memcpy(bytes, key_state(), 2), count = 2;
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
            hear(transfer->data + offset, length / 2);
        }
        total += actual;
        transfer->table[i].actual = htonl((uint32_t)actual);
        transfer->table[i].status = 0;
    }
    answer(transfer->sequence, 0, transfer->is_in ? total : transfer->length, buffer, transfer->is_in ? total : 0, transfer->packets, transfer->table);
    free_transfer(transfer);
}

void unplug(void) {
    if (line >= 0) close(line);
    line = -1;
    say_nothing();
    for (int i = 0; i < QUEUES; i++)
        while (queue[i]) {
            struct transfer *next = queue[i]->next;
            free_transfer(queue[i]);
            queue[i] = next;
        }
}

int plug(void) {
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
    lie_down();
    line = pair[1];
    return 0;
}

void take_message(void) {
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

/* ---- what is due ---- */

void serve_transfers(void) {
    for (int i = TO_US; i <= FROM_US; i++)
        while (queue[i] && queue[i]->due <= now_ms() + 0.01) {
            struct transfer *transfer = queue[i];
            queue[i] = transfer->next;
            finish_isochronous(transfer);
        }
}

double next_transfer(double end) {
    for (int i = 0; i < QUEUES; i++)
        if (queue[i] && (i != KEYS || is_scanned()) && queue[i]->due < end) end = queue[i]->due;
    return end;
}

double report_due(void) { return queue[KEYS] ? queue[KEYS]->due : 1e18; }

int send_report(const void *bytes, int count) {
    struct transfer *transfer = queue[KEYS];
    if (!transfer) return 0;
    queue[KEYS] = transfer->next;
    answer(transfer->sequence, 0, count, bytes, count, 0, NULL);
    free_transfer(transfer);
    return 1;
}
