/* SPDX-License-Identifier: Apache-2.0
 *
 * Device nodes without a device behind them, by the kernel's own ways of making them:
 *
 *     nodes cm108     /dev/uhid (linux/uhid.h): the HID half of a C-Media sound stick (0d8c:013c), a telephone port on its pins
 *     nodes cm108-fxo the same (0d8c:013a), a line interface on its pins
 *     nodes box       /dev/uinput (linux/uinput.h): a box with a hook switch (KEY_PHONE), number keys and a bell
 *
 * Commands on standard input, one answer a line: hook 0|1, key DIGITS (box; 100 ms each), told (what it was told last: of a cm108 the
 * output report in hexadecimal, of a box its bell, 0 or 1), free PATH (whether somebody else can have that input device), wait MS.
 * Of a cm108-fxo: ring MS (25 Hz on volume-down), other 0|1 (another phone has the line: volume-up), seized (0 or 1, by GPIO 3),
 * dialled (the digits of the pulses since it was seized: breaks below 200 ms, 400 ms between digits). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <linux/uhid.h>
#include <linux/uinput.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* C-Media's: volume up, down and mute as buttons of the consumer page, three bytes of pins; four bytes out. */
static const uint8_t report[] = {
    0x05, 0x0c, 0x09, 0x01, 0xa1, 0x01, 0x15, 0, 0x25, 1, 0x09, 0xe9, 0x09, 0xea, 0x09, 0xe2, 0x75, 1, 0x95, 3, 0x81, 2, 0x95, 5, 0x81, 1,
    0x06, 0x00, 0xff, 0x26, 0xff, 0, 0x09, 1, 0x75, 8, 0x95, 3, 0x81, 2, 0x09, 2, 0x95, 4, 0x91, 2, 0xc0};

static int node, is_box, is_fxo;
static char told[160] = "none";
/* A cm108-fxo: its hook relay, and what the exchange counts. */
static int is_drawn, pulses, buttons;
static long long changed;
static char dialled[32];

static void event(uint16_t type, uint16_t code, int32_t value) {
    struct input_event one = {.type = type, .code = code, .value = value};
    if (write(node, &one, sizeof one) != sizeof one) perror("uinput");
}

static void key(uint16_t code, int is_down) {
    event(EV_KEY, code, is_down);
    event(EV_SYN, SYN_REPORT, 0);
}

static long long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void end_digit(void) {
    size_t length = strlen(dialled);
    if (pulses && length < sizeof dialled - 1) dialled[length] = (char)('0' + pulses % 10), dialled[length + 1] = 0;
    pulses = 0;
}

static void relay(int draws) {
    if (draws == is_drawn) return;
    long long lasted = now_ms() - changed;
    changed = now_ms();
    is_drawn = draws;
    if (!draws && lasted > 400) end_digit();
    if (draws && lasted < 200) pulses++;
    else if (draws) dialled[0] = 0, pulses = 0;
}

static const char *digits(void) {
    if (is_drawn && now_ms() - changed > 400) end_digit();
    return dialled;
}

static void pause_ms(long ms) { nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL); }

static int open_stick(void) {
    struct uhid_event made = {.type = UHID_CREATE2};
    strcpy((char *)made.u.create2.name, "C-Media Electronics Inc. USB Audio Device");
    made.u.create2.rd_size = sizeof report, made.u.create2.bus = BUS_USB;
    made.u.create2.vendor = 0x0d8c, made.u.create2.product = is_fxo ? 0x013a : 0x013c;
    memcpy(made.u.create2.rd_data, report, sizeof report);
    if ((node = open("/dev/uhid", O_RDWR | O_CLOEXEC)) < 0) return -1;
    return write(node, &made, sizeof made) == sizeof made ? 0 : -1;
}

static int open_box(void) {
    struct uinput_setup made = {.id = {BUS_USB, 0x1209, 0x0001, 1}};
    strcpy(made.name, "Partyline Lab hook box");
    if ((node = open("/dev/uinput", O_RDWR | O_CLOEXEC)) < 0) return -1;
    ioctl(node, UI_SET_EVBIT, EV_KEY), ioctl(node, UI_SET_EVBIT, EV_SND), ioctl(node, UI_SET_SNDBIT, SND_BELL);
    ioctl(node, UI_SET_KEYBIT, KEY_PHONE);
    for (int i = 0; i < 12; i++) ioctl(node, UI_SET_KEYBIT, KEY_NUMERIC_0 + i);
    return ioctl(node, UI_DEV_SETUP, &made) < 0 ? -1 : ioctl(node, UI_DEV_CREATE);
}

/* What the kernel tells. */
static void take(void) {
    if (is_box) {
        struct input_event one;
        if (read(node, &one, sizeof one) == sizeof one && one.type == EV_SND && one.code == SND_BELL) sprintf(told, "%d", one.value);
        return;
    }
    struct uhid_event one = {0};
    if (read(node, &one, sizeof one) <= 0 || one.type != UHID_OUTPUT) return;
    for (int i = 0; i < one.u.output.size && i < 64; i++) sprintf(told + 2 * i, "%02x", one.u.output.data[i]);
    /* Report number, 0, levels, directions. */
    if (is_fxo && one.u.output.size >= 4) relay((one.u.output.data[2] & one.u.output.data[3] & 4) != 0);
}

static void press(int now) {
    struct uhid_event one = {.type = UHID_INPUT2, .u.input2 = {.size = 4, .data = {(uint8_t)now}}};
    if (write(node, &one, sizeof one) != sizeof one) perror("uhid");
    buttons = now;
}

static void ring(long ms) {
    for (long at = 0; at < ms; at += 20) {
        press(buttons ^ 2);
        pause_ms(20);
    }
    press(buttons & ~2);
}

static void hook(int is_off) {
    if (is_box) return key(KEY_PHONE, is_off);
    press(is_off ? 2 : 0);
}

static const char *is_free(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return "missing";
    int result = ioctl(fd, EVIOCGRAB, 1);
    const char *words = result == 0 ? "free" : errno == EBUSY ? "taken" : "failed";
    close(fd);
    return words;
}

static void obey(const char *line) {
    char word[16] = "", argument[64] = "";
    sscanf(line, "%15s %63s", word, argument);
    const char *answer = "ok";
    if (!strcmp(word, "hook")) hook(atoi(argument));
    else if (!strcmp(word, "wait")) pause_ms(atol(argument));
    else if (!strcmp(word, "told")) answer = told;
    else if (is_fxo && !strcmp(word, "ring")) ring(atol(argument));
    else if (is_fxo && !strcmp(word, "other")) press((buttons & ~1) | (atoi(argument) ? 1 : 0));
    else if (is_fxo && !strcmp(word, "seized")) answer = is_drawn ? "1" : "0";
    else if (is_fxo && !strcmp(word, "dialled")) answer = digits();
    else if (!strcmp(word, "free")) answer = is_free(argument);
    else if (!strcmp(word, "key") && is_box) {
        static const char keys[] = "0123456789*#";
        for (const char *at = argument; *at; at++) {
            const char *found = strchr(keys, *at);
            if (!found) continue;
            key((uint16_t)(KEY_NUMERIC_0 + (found - keys)), 1);
            pause_ms(100);
            key((uint16_t)(KEY_NUMERIC_0 + (found - keys)), 0);
            pause_ms(100);
        }
    } else answer = "unknown";
    printf("%s\n", answer);
    fflush(stdout);
}

int main(int count, char **arguments) {
    is_box = count == 2 && !strcmp(arguments[1], "box");
    is_fxo = count == 2 && !strcmp(arguments[1], "cm108-fxo");
    if (count != 2 || (is_box ? open_box() : open_stick()) < 0) return perror("nodes cm108|cm108-fxo|box"), 1;
    for (;;) {
        struct pollfd polls[2] = {{0, POLLIN, 0}, {node, POLLIN, 0}};
        poll(polls, 2, -1);
        if (polls[1].revents) take();
        char line[128];
        /* One command at a time: whoever asks waits for the answer. */
        if (polls[0].revents && !polls[1].revents) {
            ssize_t got = read(0, line, sizeof line - 1);
            if (got <= 0) return 0;
            line[got] = 0;
            obey(line);
        }
    }
}
