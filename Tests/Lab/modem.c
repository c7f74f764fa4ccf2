/* SPDX-License-Identifier: Apache-2.0
 *
 * A voice modem (ITU-T V.253, 8-bit unsigned samples) behind a serial line of a USB gadget, with a telephone line behind it:
 *
 *     modem /dev/ttyGS0
 *
 * Commands on standard input, one answer a line on standard output: ring NUMBER (one RING with who calls), hook (0 or 1), dtmf DIGITS
 * (of the caller), level HZ MS (what the caller hears of that frequency, in dBm0), tone HZ MS (0: for ever), busy (busy tone for
 * three seconds), quiet, reset (it was pulled out), wait MS. */
#define _GNU_SOURCE
#include "usbphone/phone.h"
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

int rate = 8000;
static int port_fd, is_off_hook, is_duplex, is_shielded, echoes = 1;
static char command[128] = "";
static struct { double hertz, until; uint32_t from; int is_running; } measure;
static double answer_at;

double now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void put(const void *bytes, size_t count) {
    for (const char *at = bytes; count > 0;) {
        ssize_t moved = write(port_fd, at, count);
        if (moved <= 0) return;
        at += moved, count -= (size_t)moved;
    }
}

static void result(const char *text) {
    char line[160];
    put(line, (size_t)snprintf(line, sizeof line, "\r\n%s\r\n", text));
}

static void obey(void) {
    if (echoes) put(command, strlen(command)), put("\r", 1);
    if (!*command) return;
    if (!strcmp(command, "ATE0V1") || !strcmp(command, "ATE0Q0V1")) echoes = 0;
    else if (!strcmp(command, "AT&F0")) echoes = 1;
    else if (!strcmp(command, "AT+VSM=?")) result("1,\"UNSIGNED PCM\",8,0,8000,0,0");
    else if (!strcmp(command, "AT+VLS=1")) is_off_hook = 1;
    else if (!strcmp(command, "AT+VLS=0") || !strcmp(command, "ATH")) is_off_hook = 0;
    else if (!strcmp(command, "AT+VTR")) {
        if (!is_off_hook) return result("ERROR");
        is_duplex = 1, is_shielded = 0;
        return result("CONNECT");
    }
    result("OK");
}

static void take(uint8_t byte) {
    if (is_duplex) {
        if (!is_shielded && byte == 0x10) return (void)(is_shielded = 1);
        int is_code = is_shielded && byte != 0x10;
        is_shielded = 0;
        if (is_code) {
            /* DLE '^': the end of duplex, Conexant's way. */
            if (byte == '^') is_duplex = 0, put("\x10\x03", 2), result("OK");
            return;
        }
        int16_t sample = (int16_t)((byte - 128) * 256);
        hear((const uint8_t *)&sample, 1);
    } else if (byte == 13) {
        obey();
        command[0] = 0;
    } else if (byte >= 32 && strlen(command) < sizeof command - 1) {
        strncat(command, (char *)&byte, 1);
    }
}

/* 20 ms of the line. */
static void send_samples(void) {
    uint8_t bytes[320];
    size_t count = 0;
    for (int i = 0; i < 160; i++) {
        uint8_t byte = (uint8_t)(mouth() / 256 + 128);
        if (byte == 0x10) bytes[count++] = 0x10;
        bytes[count++] = byte;
    }
    put(bytes, count);
}

static void print(const char *text) {
    printf("%s\n", text);
    fflush(stdout);
}

static void person(const char *text) {
    char word[16] = "", first[64] = "", second[32] = "", out[96];
    sscanf(text, "%15s %63s %31s", word, first, second);
    if (!strcmp(word, "ring")) {
        result("RING");
        snprintf(out, sizeof out, "NMBR = %s", first);
        result(out);
    } else if (!strcmp(word, "hook")) return print(is_off_hook ? "1" : "0");
    else if (!strcmp(word, "reset")) is_off_hook = is_duplex = 0, echoes = 1, command[0] = 0;
    else if (!strcmp(word, "dtmf")) dial_tones(first), answer_at = now_ms() + 200.0 * (double)strlen(first);
    else if (!strcmp(word, "tone")) say(atof(first), 0, atol(second) ? atol(second) : -1);
    else if (!strcmp(word, "quiet")) say_nothing();
    else if (!strcmp(word, "busy")) for (int i = 0; i < 4; i++) say(425, 0, 480), say(0, 0, 480);
    else if (!strcmp(word, "wait")) answer_at = now_ms() + atof(first);
    else if (!strcmp(word, "level")) {
        measure.hertz = atof(first), measure.from = heard_count, measure.until = now_ms() + atof(second), measure.is_running = 1;
        return;
    } else return print("unknown");
    if (answer_at == 0) print("ok");
}

static int open_port(const char *path) {
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return -1;
    struct termios settings;
    tcgetattr(fd, &settings);
    cfmakeraw(&settings);
    tcsetattr(fd, TCSANOW, &settings);
    return fd;
}

int main(int count, char **arguments) {
    if (count != 2 || (port_fd = open_port(arguments[1])) < 0) return perror("modem PORT"), 1;
    double due = 0;
    for (;;) {
        if (!is_duplex) due = now_ms() + 20;
        double end = is_duplex ? due : now_ms() + 100;
        if (answer_at > 0 && answer_at < end) end = answer_at;
        double wait = end > now_ms() ? end - now_ms() : 0;
        struct timespec timeout = {(time_t)(wait / 1e3), (long)(fmod(wait, 1e3) * 1e6)};
        struct pollfd polls[2] = {{answer_at > 0 || measure.is_running ? -1 : 0, POLLIN, 0}, {port_fd, POLLIN, 0}};
        ppoll(polls, 2, &timeout, NULL);
        uint8_t bytes[512];
        ssize_t got = polls[1].revents & POLLIN ? read(port_fd, bytes, sizeof bytes) : 0;
        for (ssize_t i = 0; i < got; i++) take(bytes[i]);
        /* The wire was pulled out: the kernel has hung up on this descriptor for good. */
        if (polls[1].revents & POLLHUP) {
            nanosleep(&(struct timespec){0, 20000000}, NULL);
            int again = open_port(arguments[1]);
            if (again >= 0) close(port_fd), port_fd = again;
        }
        while (is_duplex && due <= now_ms()) send_samples(), due += 20;
        if (answer_at > 0 && answer_at <= now_ms()) answer_at = 0, print("ok");
        if (measure.is_running && measure.until <= now_ms()) {
            char text[32];
            snprintf(text, sizeof text, "%.1f", level(measure.hertz, measure.from, heard_count - measure.from));
            measure.is_running = 0;
            print(heard_count == measure.from ? "nothing" : text);
        }
        if (!(polls[0].revents & (POLLIN | POLLHUP))) continue;
        char line[128];
        ssize_t typed = read(0, line, sizeof line - 1);
        if (typed <= 0) return 0;
        line[typed] = 0;
        person(line);
    }
}
