/* SPDX-License-Identifier: Apache-2.0
 *
 * A GPIO chip of four lines for a machine that has none, between a program and its C library (LD_PRELOAD):
 *
 *     GPIO_FOLDER/fxo-oh                     output: a file that keeps the last level, "0" or "1", whatever becomes of the program
 *     GPIO_FOLDER/fxo-ri, fxo-lcs, fxo-liu   inputs: FIFOs from which the program reads edges (struct gpio_v2_line_event)
 *
 * Linux GPIO character device, version 2 (linux/gpio.h): what partylined uses of it. Build: cc -shared -fPIC -o X.so gpiochip.c */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char *const names[] = {"fxo-oh", "fxo-ri", "fxo-lcs", "fxo-liu"};
enum { LINES = 4 };

typedef int opener(const char *, int, ...);

static int opened(const char *symbol, const char *path, int flags, mode_t mode) {
    opener *real = (opener *)dlsym(RTLD_NEXT, symbol);
    return real(strcmp(path, "/dev/gpiochip0") ? path : "/dev/null", flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened("open64", path, flags, mode);
}

static int set(int fd, int value) { return pwrite(fd, value ? "1" : "0", 1, 0) == 1 ? 0 : -1; }

static int request_line(struct gpio_v2_line_request *request) {
    const char *folder = getenv("GPIO_FOLDER");
    if (!folder || request->num_lines != 1 || request->offsets[0] >= LINES) return errno = EINVAL, -1;
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, names[request->offsets[0]]);
    int is_output = (request->config.flags & GPIO_V2_LINE_FLAG_OUTPUT) != 0;
    opener *real = (opener *)dlsym(RTLD_NEXT, "open");
    request->fd = is_output ? real(path, O_RDWR | O_CREAT, 0600) : real(path, O_RDWR | O_NONBLOCK, 0);
    if (request->fd < 0) return -1;
    return is_output ? set(request->fd, (int)(request->config.attrs[0].attr.values & 1)) : 0;
}

int ioctl(int fd, unsigned long number, ...) {
    va_list rest;
    va_start(rest, number);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    switch (number) {
    case GPIO_GET_CHIPINFO_IOCTL: {
        struct gpiochip_info *info = argument;
        strcpy(info->name, "gpiochip0"), strcpy(info->label, "lab");
        info->lines = LINES;
        return 0;
    }
    case GPIO_V2_GET_LINEINFO_IOCTL: {
        struct gpio_v2_line_info *info = argument;
        if (info->offset >= LINES) return errno = EINVAL, -1;
        strcpy(info->name, names[info->offset]);
        return 0;
    }
    case GPIO_V2_GET_LINE_IOCTL: return request_line(argument);
    case GPIO_V2_LINE_SET_VALUES_IOCTL: return set(fd, (int)(((struct gpio_v2_line_values *)argument)->bits & 1));
    case GPIO_V2_LINE_GET_VALUES_IOCTL: ((struct gpio_v2_line_values *)argument)->bits = 0; return 0;
    default: return ((int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl"))(fd, number, argument);
    }
}
