/* SPDX-License-Identifier: Apache-2.0
 *
 * A USB telephone in user space, and the person who uses it.
 *
 *     usbphone KIND PORT SERIAL RATE       KIND: desk, headset, cm109, tiger, silver, yealink; PORT: of the controller, 0 to 7
 *
 * Commands on standard input, one answer a line on standard output ("ok", or what was asked for):
 *     plug, unplug              hook 0|1 (desk, magicJacks)      button (headset)     key K (one press of 100 ms; cm109: also G, R)
 *     dtmf DIGITS               tone HZ MS (0: for ever)                  quiet
 *     level HZ MS               level of one frequency in what is heard during the next MS, in dBm0
 *     steady HZ MS              softest and loudest 5 ms of it, and the longest gap in ms (from 2 on)
 *     dump PATH                 what was measured last, as it was heard, into a file
 *     lamps                     last output report, in hexadecimal        wait MS        rate */
#define _GNU_SOURCE
#include "phone.h"
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct { int is_running, is_steady, is_taken; double hertz, until, give_up; uint32_t from, count; } measure;
static atomic_int is_computed;
static double answer_at; /* "ok" is due then; 0: no command is being worked on */

static void print(const char *text) {
    printf("%s\n", text);
    fflush(stdout);
}

/* How a block of 5 ms falls on a gap says little of it: so 2.5 ms that slide on by a quarter of one. They fall by 12 dB when more
 * than 1.9 ms of them are silent. */
static double longest_gap(double limit) {
    uint32_t window = (uint32_t)rate / 400, step = (uint32_t)rate / 4000, run = 0, longest = 0;
    for (uint32_t at = 0; at + window <= measure.count; at += step) {
        run = level(measure.hertz, measure.from + at, window) < limit ? run + 1 : 0;
        if (run > longest) longest = run;
    }
    return longest ? longest * 0.25 + 1.25 : 0;
}

static void dump(const char *path) {
    FILE *file = fopen(path, "wb");
    if (!file) return print("failed");
    for (uint32_t i = 0; i < measure.count; i++) {
        int16_t sample = heard(measure.from + i);
        fwrite(&sample, sizeof sample, 1, file);
    }
    fclose(file);
    print("ok");
}

/* Milliseconds of work, in which the exchange and the wire go first: a thread of the usual priority, which ends by answering. */
static void *compute(void *unused) {
    char text[96];
    if (!measure.is_steady) {
        snprintf(text, sizeof text, "%.1f", level(measure.hertz, measure.from, measure.count));
    } else {
        double softest = 99, loudest = -99;
        uint32_t block = (uint32_t)rate / 200;
        for (uint32_t at = 0; at + block <= measure.count; at += block) {
            double now = level(measure.hertz, measure.from + at, block);
            if (now < softest) softest = now;
            if (now > loudest) loudest = now;
        }
        snprintf(text, sizeof text, "%.1f %.1f %.1f", softest, loudest, longest_gap(loudest - 12));
    }
    print(text);
    atomic_store(&is_computed, 1);
    return unused;
}

static void watch_measure(void) {
    if (measure.is_taken) {
        if (atomic_load(&is_computed)) measure.is_running = 0;
        return;
    }
    if (heard_count - measure.from < measure.count) {
        if (now_ms() < measure.give_up) return;
        measure.is_running = 0;
        return print("nothing");
    }
    measure.is_taken = 1;
    atomic_store(&is_computed, 0);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
    pthread_attr_setschedpolicy(&attributes, SCHED_OTHER);
    pthread_attr_setschedparam(&attributes, &(struct sched_param){.sched_priority = 0});
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    if (pthread_create(&thread, &attributes, compute, NULL)) measure.is_running = 0, print("failed");
    pthread_attr_destroy(&attributes);
}

static void command(char *text) {
    char word[32] = "", argument[64] = "", second[32] = "";
    sscanf(text, "%31s %63s %31s", word, argument, second);
    char out[64] = "";
    answer_at = 0;
    if (!strcmp(word, "plug")) return print(plug() == 0 ? "ok" : "failed");
    if (!strcmp(word, "unplug")) return unplug(), print("ok");
    if (!strcmp(word, "hook")) set_hook(atoi(argument));
    else if (!strcmp(word, "button")) press_button();
    else if (!strcmp(word, "key")) for (char *at = argument; *at; at++) press_key(*at);
    else if (!strcmp(word, "dtmf")) {
        dial_tones(argument);
        answer_at = now_ms() + 200.0 * (double)strlen(argument);
        return;
    } else if (!strcmp(word, "tone")) say(atof(argument), 0, atol(second) == 0 ? -1 : atol(second));
    else if (!strcmp(word, "quiet")) say_nothing();
    else if (!strcmp(word, "wait")) return (void)(answer_at = now_ms() + atof(argument));
    else if (!strcmp(word, "level") || !strcmp(word, "steady")) {
        double ms = atof(second);
        measure.is_running = 1, measure.is_taken = 0, measure.is_steady = word[0] == 's', measure.hertz = atof(argument);
        measure.from = heard_count, measure.count = (uint32_t)(ms * rate / 1000);
        measure.give_up = now_ms() + ms * 2 + 500;
        return;
    } else if (!strcmp(word, "lamps")) {
        for (int i = 0; i < lamp_bytes; i++) sprintf(out + 2 * i, "%02x", lamps[i]);
        return print(lamp_bytes ? out : "none");
    } else if (!strcmp(word, "dump")) return dump(argument);
    else if (!strcmp(word, "rate")) return snprintf(out, sizeof out, "%d", rate), print(out);
    else return print("unknown");
    answer_at = last_press();
}

int main(int count, char **arguments) {
    if (count != 5) return fprintf(stderr, "usage: usbphone desk|headset|cm109|tiger|silver|yealink PORT SERIAL RATE\n"), 64;
    static const char *const kinds[] = {"desk", "headset", "cm109", "tiger", "silver", "yealink"};
    for (int i = 0; i < 6; i++)
        if (!strcmp(arguments[1], kinds[i])) kind = (enum kind)i;
    port = atoi(arguments[2]), serial = arguments[3], rate = atoi(arguments[4]);
    describe();
    struct sched_param priority = {.sched_priority = 60};
    sched_setscheduler(0, SCHED_FIFO, &priority);
    char input[256];
    size_t filled = 0;
    for (;;) {
        double now = now_ms(), end = now + 1000;
        end = next_transfer(end);
        if (next_press() > 0 && next_press() < end) end = next_press();
        if (answer_at > 0 && answer_at < end) end = answer_at;
        if (measure.is_running && now + 10 < end) end = now + 10;
        double wait = end > now ? end - now : 0;
        struct timespec timeout = {(time_t)(wait / 1e3), (long)(fmod(wait, 1e3) * 1e6)};
        struct pollfd polls[2] = {{answer_at > 0 || measure.is_running ? -1 : 0, POLLIN, 0}, {line, POLLIN, 0}};
        ppoll(polls, 2, &timeout, NULL);
        serve_transfers();
        apply_presses();
        serve_keys();
        if (measure.is_running) watch_measure();
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
