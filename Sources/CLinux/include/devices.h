// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

/* Line hardware beside sound: what is reached by ioctl only. Everything is non-blocking unless said otherwise; results are
   0 or a count, or a negative errno. */

/* Opens a character device for reading and writing, non-blocking, close-on-exec, never as controlling terminal; refuses
   what is no character device (EINVAL). The descriptor or -errno. */
int partyline_device_open(const char *path);

/* hidraw: the report descriptor (at most 4096 bytes), its length or -errno. */
int partyline_hid_descriptor(int fd, uint8_t *bytes, int capacity);
/* Feature reports, the first byte is the report's number. These wait for the device (some milliseconds; a sick one up to 5 s). */
int partyline_hid_set_feature(int fd, const uint8_t *bytes, int count);
int partyline_hid_get_feature(int fd, uint8_t *bytes, int count);

/* evdev */
struct partyline_input { uint16_t type, code; int32_t value; };
/* Takes the device for us alone (EVIOCGRAB). */
int partyline_input_grab(int fd);
/* Events that are there; count, 0 for none, or -errno. */
int partyline_input_read(int fd, struct partyline_input *events, int capacity);
int partyline_input_write(int fd, uint16_t type, uint16_t code, int32_t value);
/* Whether the device can send, or be sent, this event. */
int partyline_input_has(int fd, uint16_t type, uint16_t code);
/* Whether a key or switch is pressed now. */
int partyline_input_is_down(int fd, uint16_t type, uint16_t code);

/* GPIO character device, kernel interface version 2. */
struct partyline_gpio_chip { char name[32], label[32]; uint32_t lines; };
int partyline_gpio_chip_info(int fd, struct partyline_gpio_chip *info);
/* The name of a line (may be empty) and whether somebody uses it already. */
int partyline_gpio_line_name(int fd, uint32_t line, char name[32], int *is_used);
enum { PARTYLINE_GPIO_OUTPUT = 1, PARTYLINE_GPIO_ACTIVE_LOW = 2, PARTYLINE_GPIO_PULL_UP = 4 };
/* One line: an output with its initial value, or an input that tells of both edges. Its descriptor or -errno. */
int partyline_gpio_request(int chip, uint32_t line, int flags, int value, uint32_t debounce_us);
int partyline_gpio_get(int fd);
int partyline_gpio_set(int fd, int value);
struct partyline_gpio_edge { int64_t time_ns; int rises; };
int partyline_gpio_edges(int fd, struct partyline_gpio_edge *edges, int capacity);

/* Serial lines: raw, 8 bits, no flow control, no echo. 0 or -errno (ENOTTY: none). */
int partyline_serial_raw(int fd);
/* Bytes that a serial line has not sent yet; 0 where that is not known. */
int partyline_serial_unsent(int fd);
/* A new pseudo-terminal: the master's descriptor (non-blocking), and in `path` (at most `capacity` bytes) what the other side
   opens. Or -errno. */
int partyline_pty_open(char *path, int capacity);

/* Uevents of the kernel and of udev: a netlink socket, or -errno where the system has none. */
int partyline_uevents(void);
/* Takes what has come in; 1 when something of it was about devices that telephones are made of (or was lost). */
int partyline_uevents_drain(int fd);
