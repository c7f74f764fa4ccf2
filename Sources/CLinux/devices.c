// SPDX-License-Identifier: Apache-2.0
#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <linux/hidraw.h>
#include <linux/input.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

int partyline_device_open(const char *path) {
    int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return -errno;
    struct stat status;
    if (fstat(fd, &status) == 0 && S_ISCHR(status.st_mode)) return fd;
    close(fd);
    return -EINVAL;
}

static int result(int value) { return value < 0 ? -errno : value; }

int partyline_hid_descriptor(int fd, uint8_t *bytes, int capacity) {
    int size = 0;
    if (ioctl(fd, HIDIOCGRDESCSIZE, &size) < 0) return -errno;
    struct hidraw_report_descriptor descriptor = {.size = (uint32_t)size};
    if (size < 0 || size > HID_MAX_DESCRIPTOR_SIZE || size > capacity) return -EMSGSIZE;
    if (ioctl(fd, HIDIOCGRDESC, &descriptor) < 0) return -errno;
    memcpy(bytes, descriptor.value, (size_t)size);
    return size;
}

int partyline_hid_set_feature(int fd, const uint8_t *bytes, int count) {
    return result(ioctl(fd, HIDIOCSFEATURE((unsigned)count), bytes));
}

int partyline_hid_get_feature(int fd, uint8_t *bytes, int count) {
    return result(ioctl(fd, HIDIOCGFEATURE((unsigned)count), bytes));
}

int partyline_input_grab(int fd) { return result(ioctl(fd, EVIOCGRAB, 1)); }

int partyline_input_read(int fd, struct partyline_input *events, int capacity) {
    struct input_event raw[64];
    if (capacity > 64) capacity = 64;
    ssize_t got = read(fd, raw, (size_t)capacity * sizeof raw[0]);
    if (got < 0) return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    if (got == 0) return -ENODEV;
    int count = (int)((size_t)got / sizeof raw[0]);
    for (int i = 0; i < count; i++) events[i] = (struct partyline_input){raw[i].type, raw[i].code, raw[i].value};
    return count;
}

int partyline_input_write(int fd, uint16_t type, uint16_t code, int32_t value) {
    struct input_event event;
    memset(&event, 0, sizeof event);
    event.type = type;
    event.code = code;
    event.value = value;
    return write(fd, &event, sizeof event) == (ssize_t)sizeof event ? 0 : -errno;
}

static int bit_of(int fd, unsigned long request, const uint8_t *bits, int bytes, uint16_t code) {
    if (ioctl(fd, request, bits) < 0) return -errno;
    return code / 8 < bytes && (bits[code / 8] >> (code % 8) & 1);
}

int partyline_input_has(int fd, uint16_t type, uint16_t code) {
    uint8_t bits[128] = {0};
    return bit_of(fd, EVIOCGBIT(type, sizeof bits), bits, sizeof bits, code);
}

int partyline_input_is_down(int fd, uint16_t type, uint16_t code) {
    uint8_t bits[128] = {0};
    return bit_of(fd, type == EV_SW ? EVIOCGSW(sizeof bits) : EVIOCGKEY(sizeof bits), bits, sizeof bits, code);
}

int partyline_gpio_chip_info(int fd, struct partyline_gpio_chip *info) {
    struct gpiochip_info raw;
    memset(&raw, 0, sizeof raw);
    if (ioctl(fd, GPIO_GET_CHIPINFO_IOCTL, &raw) < 0) return -errno;
    memcpy(info->name, raw.name, sizeof info->name);
    memcpy(info->label, raw.label, sizeof info->label);
    info->name[31] = info->label[31] = 0;
    info->lines = raw.lines;
    return 0;
}

int partyline_gpio_line_name(int fd, uint32_t line, char name[32], int *is_used) {
    struct gpio_v2_line_info raw;
    memset(&raw, 0, sizeof raw);
    raw.offset = line;
    if (ioctl(fd, GPIO_V2_GET_LINEINFO_IOCTL, &raw) < 0) return -errno;
    memcpy(name, raw.name, 32);
    name[31] = 0;
    *is_used = (raw.flags & GPIO_V2_LINE_FLAG_USED) != 0;
    return 0;
}

int partyline_gpio_request(int chip, uint32_t line, int flags, int value, uint32_t debounce_us) {
    struct gpio_v2_line_request request;
    memset(&request, 0, sizeof request);
    request.offsets[0] = line;
    request.num_lines = 1;
    strcpy(request.consumer, "partyline");
    struct gpio_v2_line_config *config = &request.config;
    if (flags & PARTYLINE_GPIO_ACTIVE_LOW) config->flags |= GPIO_V2_LINE_FLAG_ACTIVE_LOW;
    if (flags & PARTYLINE_GPIO_OUTPUT) {
        config->flags |= GPIO_V2_LINE_FLAG_OUTPUT;
        config->attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
        config->attrs[0].attr.values = value != 0;
        config->attrs[0].mask = 1;
        config->num_attrs = 1;
    } else {
        config->flags |= GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING;
        if (flags & PARTYLINE_GPIO_PULL_UP) config->flags |= GPIO_V2_LINE_FLAG_BIAS_PULL_UP;
        if (debounce_us > 0) {
            config->attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_DEBOUNCE;
            config->attrs[0].attr.debounce_period_us = debounce_us;
            config->attrs[0].mask = 1;
            config->num_attrs = 1;
        }
    }
    if (ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &request) < 0) return -errno;
    fcntl(request.fd, F_SETFL, fcntl(request.fd, F_GETFL) | O_NONBLOCK);
    fcntl(request.fd, F_SETFD, FD_CLOEXEC);
    return request.fd;
}

int partyline_gpio_get(int fd) {
    struct gpio_v2_line_values values = {.mask = 1};
    if (ioctl(fd, GPIO_V2_LINE_GET_VALUES_IOCTL, &values) < 0) return -errno;
    return (int)(values.bits & 1);
}

int partyline_gpio_set(int fd, int value) {
    struct gpio_v2_line_values values = {.mask = 1, .bits = value != 0};
    return ioctl(fd, GPIO_V2_LINE_SET_VALUES_IOCTL, &values) < 0 ? -errno : 0;
}

int partyline_gpio_edges(int fd, struct partyline_gpio_edge *edges, int capacity) {
    struct gpio_v2_line_event raw[16];
    if (capacity > 16) capacity = 16;
    ssize_t got = read(fd, raw, (size_t)capacity * sizeof raw[0]);
    if (got < 0) return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    if (got == 0) return -ENODEV;
    int count = (int)((size_t)got / sizeof raw[0]);
    for (int i = 0; i < count; i++)
        edges[i] = (struct partyline_gpio_edge){(int64_t)raw[i].timestamp_ns, raw[i].id == GPIO_V2_LINE_EVENT_RISING_EDGE};
    return count;
}

int partyline_serial_raw(int fd) {
    struct termios settings;
    if (tcgetattr(fd, &settings) < 0) return -errno;
    cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL | CREAD;
    settings.c_cflag &= ~(unsigned)CRTSCTS;
    settings.c_iflag &= ~(unsigned)(IXON | IXOFF);
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    cfsetspeed(&settings, B115200);
    return tcsetattr(fd, TCSANOW, &settings) < 0 ? -errno : 0;
}

int partyline_serial_unsent(int fd) {
    int unsent = 0;
    return ioctl(fd, TIOCOUTQ, &unsent) < 0 ? 0 : unsent;
}

int partyline_pty_open(char *path, int capacity) {
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return -errno;
    if (grantpt(fd) == 0 && unlockpt(fd) == 0 && ptsname_r(fd, path, (size_t)capacity) == 0) return fd;
    int error = errno;
    close(fd);
    return -error;
}
