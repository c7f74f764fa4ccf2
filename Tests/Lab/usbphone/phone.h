/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the user-space USB telephone share. One thread, one telephone: their state is the program's (what was
 * heard is measured in a thread beside it).
 *
 *     person.c (commands, measurements) --> keys.c, sound.c --> device.c (USB/IP to the kernel's vhci_hcd)
 *                                                                  |
 *                                                            descriptors.c */
#pragma once
#include <stdint.h>

/* Polycom CX300, Jabra PRO 930, CM109, magicJack of today and of the first sort (state to be polled), Yealink P1K. */
enum kind { DESK, HEADSET, CM109, TIGER, SILVER, YEALINK };
extern enum kind kind;
extern int port, rate; /* of the controller, 0 to 7; samples a second */
extern const char *serial, *product;

/* ---- descriptors.c ---- */
extern const uint8_t *report, *device, *configuration;
extern int report_length, device_length, configuration_length;
/* Fills them in for `kind` and `rate`. */
void describe(void);

/* ---- device.c ---- */
extern int line; /* our end of the socket pair; -1: unplugged */
double now_ms(void);
int plug(void);
void unplug(void);
/* A message of the kernel's is there. */
void take_message(void);
/* Ends what is due; returns when it is to be called again, at the latest at `end`. */
void serve_transfers(void);
double next_transfer(double end);
/* Answers the waiting interrupt transfer; 0: none waits. */
int send_report(const void *bytes, int count);
double report_due(void);

/* ---- sound.c ---- */
extern uint32_t heard_count;
void hear(const uint8_t *bytes, int samples);
int16_t mouth(void);
/* One or two frequencies at -10 dBm0 each; 0: silence; negative ms: for ever. */
void say(double first, double second, long ms);
void say_nothing(void);
void dial_tones(const char *digits);
/* One sample of the last five seconds and more. */
int16_t heard(uint32_t at);
/* In dBm0, of one frequency in so many samples from that one on. */
double level(double hertz, uint32_t from, uint32_t count);

/* ---- keys.c ---- */
extern uint8_t lamps[8];
extern int lamp_bytes;
void lie_down(void);
const uint8_t *key_state(void);
/* A feature report of so many bytes; 0: the telephone has none of that length. */
int feature(uint8_t *bytes, int count);
/* It reports at every poll, not only what is new. */
int is_scanned(void);
void take_output(const uint8_t *bytes, int count);
void set_hook(int is_off);
void press_button(void);
void press_key(char key);
double last_press(void);
/* 0: none waits. */
double next_press(void);
void apply_presses(void);
void serve_keys(void);
