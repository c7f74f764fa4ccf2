// SPDX-License-Identifier: Apache-2.0
//
// ALSA PCM plugin "vline": the audio of a virtual line, as a sound card would give it. Loaded by alsa-lib for
//     pcm.NAME { type vline path "SOCKET OF THE LINE" }
// S16 mono at the line's rate, periods from 2.5 ms (or 20 frames), pointer exact to the frame. Not done: pause, resume,
// snd_pcm_link (alsa-lib has none for plugins; both directions run on one clock, so their positions are comparable anyway).

#define PIC 1
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "pcm_vline.h"
#include "vline_wire.h"

struct line_pcm {
    snd_pcm_ioplug_t io;
    struct vline_client client;
    struct vline_stream *stream;
    int timer;
    /* The application wants the stream to run on through an xrun (stop threshold at the boundary). */
    int is_free_running;
    snd_pcm_uframes_t boundary, least_avail;
    /* What was written before the start, which has no place on the card's clock yet. */
    int16_t *primed;
    /* Positions of the stream once it has stopped. */
    int64_t stopped_at;
    int is_running;
};

static int is_playback(const struct line_pcm *line) { return line->io.stream == SND_PCM_STREAM_PLAYBACK; }

static int64_t position(const struct line_pcm *line) {
    if (!line->is_running) return line->stopped_at;
    int64_t frames = vline_frame(line->client.page, vline_monotonic()) - atomic_load(&line->stream->start);
    return frames > 0 ? frames : 0;
}

static int64_t application(const struct line_pcm *line) { return (int64_t)line->io.appl_ptr; }

static void arm(const struct line_pcm *line, int64_t when) {
    struct itimerspec timer = {0};
    if (when <= 0) when = 1;
    timer.it_value.tv_sec = when / 1000000000;
    timer.it_value.tv_nsec = when % 1000000000;
    timerfd_settime(line->timer, TFD_TIMER_ABSTIME, &timer, NULL);
}

static void disarm(const struct line_pcm *line) {
    struct itimerspec never = {0};
    timerfd_settime(line->timer, 0, &never, NULL);
}

/* The next moment at which there is enough for the application: a period boundary, as a card's interrupts come. */
static void arm_next(const struct line_pcm *line) {
    if (line->client.page->is_manual) return;
    int64_t period = (int64_t)line->io.period_size, now = position(line);
    int64_t next = (now / period + 1) * period;
    int64_t when = vline_time_of_frame(line->client.page, atomic_load(&line->stream->start) + next);
    if (when != INT64_MAX) arm(line, when);
}

static int line_start(snd_pcm_ioplug_t *io) {
    struct line_pcm *line = io->private_data;
    if (vline_is_gone(&line->client)) return -ENODEV;
    int64_t start = vline_frame(line->client.page, vline_monotonic());
    atomic_store(&line->stream->start, start);
    if (is_playback(line)) vline_ring_write(line->stream, start, line->primed, application(line), 1);
    atomic_store(&line->stream->end, start + application(line));
    atomic_fetch_add(&line->stream->starts, 1);
    atomic_store(&line->stream->is_running, 1);
    line->is_running = 1;
    arm_next(line);
    return 0;
}

static int line_stop(snd_pcm_ioplug_t *io) {
    struct line_pcm *line = io->private_data;
    line->stopped_at = position(line);
    line->is_running = 0;
    atomic_store(&line->stream->is_running, 0);
    disarm(line);
    return 0;
}

static int line_prepare(snd_pcm_ioplug_t *io) {
    struct line_pcm *line = io->private_data;
    if (vline_is_gone(&line->client)) return -ENODEV;
    line_stop(io);
    line->stopped_at = 0;
    /* Ready to be written at once. */
    if (is_playback(line)) arm(line, 1);
    return 0;
}

static snd_pcm_sframes_t line_pointer(snd_pcm_ioplug_t *io) {
    struct line_pcm *line = io->private_data;
    if (vline_is_gone(&line->client)) {
        snd_pcm_ioplug_set_state(io, SND_PCM_STATE_DISCONNECTED);
        return (snd_pcm_sframes_t)io->hw_ptr;
    }
    int64_t now = position(line), application_end = application(line);
    if (line->is_running && is_playback(line) && now >= application_end) {
        if (io->state == SND_PCM_STATE_DRAINING) {
            now = application_end;
        } else if (!line->is_free_running && now > application_end) {
            atomic_fetch_add(&line->stream->xruns, 1);
            line_stop(io);
            return -EPIPE;
        }
    } else if (line->is_running && !is_playback(line) && now > application_end + (int64_t)io->buffer_size) {
        if (!line->is_free_running) {
            atomic_fetch_add(&line->stream->xruns, 1);
            line_stop(io);
            return -EPIPE;
        }
    }
    return (snd_pcm_sframes_t)((snd_pcm_uframes_t)now % line->boundary);
}

static snd_pcm_sframes_t line_transfer(
    snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas, snd_pcm_uframes_t offset, snd_pcm_uframes_t count) {
    struct line_pcm *line = io->private_data;
    if (vline_is_gone(&line->client)) return -ENODEV;
    int64_t stride = areas->step / 16, at = application(line), frame = atomic_load(&line->stream->start) + at;
    int16_t *samples = (int16_t *)areas->addr + areas->first / 16 + (int64_t)offset * stride;
    if (!is_playback(line)) {
        int32_t loop = atomic_load(&line->client.page->loop_frames);
        const struct vline_stream *source = loop < 0 ? line->stream : &line->client.page->streams[VLINE_FROM_BOX];
        vline_ring_read(source, frame - (loop > 0 ? loop : 0), samples, (int64_t)count, stride);
    } else if (line->is_running) {
        vline_ring_write(line->stream, frame, samples, (int64_t)count, stride);
    } else {
        for (snd_pcm_uframes_t i = 0; i < count && (snd_pcm_uframes_t)at + i < io->buffer_size; i++)
            line->primed[at + (int64_t)i] = samples[(int64_t)i * stride];
    }
    if (line->is_running) atomic_store(&line->stream->end, frame + (int64_t)count);
    return (snd_pcm_sframes_t)count;
}

static int line_delay(snd_pcm_ioplug_t *io, snd_pcm_sframes_t *delay) {
    struct line_pcm *line = io->private_data;
    if (vline_is_gone(&line->client)) return -ENODEV;
    int64_t ahead = application(line) - position(line);
    *delay = (snd_pcm_sframes_t)(is_playback(line) ? ahead : -ahead);
    return 0;
}

static int line_hw_params(snd_pcm_ioplug_t *io, snd_pcm_hw_params_t *params) {
    struct line_pcm *line = io->private_data;
    (void)params;
    int16_t *primed = calloc(io->buffer_size, sizeof *primed);
    if (!primed) return -ENOMEM;
    free(line->primed);
    line->primed = primed;
    line->least_avail = io->period_size;
    line->boundary = io->buffer_size;
    atomic_store(&line->stream->period_frames, (int32_t)io->period_size);
    atomic_store(&line->stream->buffer_frames, (int32_t)io->buffer_size);
    return 0;
}

static int line_sw_params(snd_pcm_ioplug_t *io, snd_pcm_sw_params_t *params) {
    struct line_pcm *line = io->private_data;
    snd_pcm_uframes_t boundary = 0, stop = 0, least = 0;
    snd_pcm_sw_params_get_boundary(params, &boundary);
    snd_pcm_sw_params_get_stop_threshold(params, &stop);
    snd_pcm_sw_params_get_avail_min(params, &least);
    if (boundary) line->boundary = boundary;
    line->is_free_running = boundary && stop >= boundary;
    line->least_avail = least ? least : 1;
    return 0;
}

/* Two descriptors: the timer of the next period, and the plug. */
static int line_poll_count(snd_pcm_ioplug_t *io) {
    (void)io;
    return 2;
}

static int line_poll_descriptors(snd_pcm_ioplug_t *io, struct pollfd *descriptors, unsigned int space) {
    struct line_pcm *line = io->private_data;
    if (space < 2) return -EINVAL;
    descriptors[0] = (struct pollfd){.fd = line->timer, .events = POLLIN | POLLERR};
    descriptors[1] = (struct pollfd){.fd = line->client.fd, .events = POLLIN | POLLERR | POLLHUP};
    return 2;
}

static void clear_wakeups(struct line_pcm *line) {
    uint64_t expirations;
    struct vline_message message;
    if (read(line->timer, &expirations, sizeof expirations) < 0) expirations = 0;
    while (vline_receive(&line->client, &message) > 0) {}
}

static int line_poll_revents(snd_pcm_ioplug_t *io, struct pollfd *descriptors, unsigned int count, unsigned short *revents) {
    struct line_pcm *line = io->private_data;
    *revents = 0;
    unsigned short ready = is_playback(line) ? POLLOUT : POLLIN;
    if (vline_is_gone(&line->client) || (count > 1 && descriptors[1].revents & (POLLHUP | POLLERR))) {
        snd_pcm_ioplug_set_state(io, SND_PCM_STATE_DISCONNECTED);
        *revents = POLLERR | POLLHUP | ready;
        return 0;
    }
    snd_pcm_sframes_t avail = snd_pcm_avail_update(io->pcm);
    if (avail < 0 || io->state == SND_PCM_STATE_XRUN) {
        *revents = POLLERR | ready;
    } else if (io->state == SND_PCM_STATE_PREPARED && !is_playback(line)) {
        clear_wakeups(line);
    } else if (io->state == SND_PCM_STATE_DRAINING) {
        /* snd_pcm_drain waits for the end, which avail_update above recognises. */
        clear_wakeups(line);
        arm_next(line);
    } else if ((snd_pcm_uframes_t)avail >= line->least_avail) {
        /* The timer stays readable until the application has taken what is there: poll is level-triggered. */
        *revents = ready;
    } else {
        clear_wakeups(line);
        if (line->is_running) arm_next(line);
    }
    return 0;
}

static int line_close(snd_pcm_ioplug_t *io) {
    struct line_pcm *line = io->private_data;
    if (line->is_running && !vline_is_gone(&line->client)) line_stop(io);
    vline_disconnect(&line->client);
    close(line->timer);
    free(line->primed);
    free(line);
    return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
    .start = line_start,
    .stop = line_stop,
    .pointer = line_pointer,
    .transfer = line_transfer,
    .close = line_close,
    .hw_params = line_hw_params,
    .sw_params = line_sw_params,
    .prepare = line_prepare,
    .poll_descriptors_count = line_poll_count,
    .poll_descriptors = line_poll_descriptors,
    .poll_revents = line_poll_revents,
    .delay = line_delay,
};

static int constrain(struct line_pcm *line) {
    static const unsigned int access[] = {SND_PCM_ACCESS_RW_INTERLEAVED, SND_PCM_ACCESS_MMAP_INTERLEAVED};
    static const unsigned int format[] = {SND_PCM_FORMAT_S16_LE};
    unsigned int rate = (unsigned int)line->client.page->sample_rate;
    int result = snd_pcm_ioplug_set_param_list(&line->io, SND_PCM_IOPLUG_HW_ACCESS, 2, access);
    if (result >= 0) result = snd_pcm_ioplug_set_param_list(&line->io, SND_PCM_IOPLUG_HW_FORMAT, 1, format);
    if (result >= 0) result = snd_pcm_ioplug_set_param_list(&line->io, SND_PCM_IOPLUG_HW_RATE, 1, &rate);
    if (result >= 0) result = snd_pcm_ioplug_set_param_minmax(&line->io, SND_PCM_IOPLUG_HW_CHANNELS, 1, 1);
    if (result >= 0) result = snd_pcm_ioplug_set_param_minmax(&line->io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 40, 65536);
    if (result >= 0) result = snd_pcm_ioplug_set_param_minmax(&line->io, SND_PCM_IOPLUG_HW_PERIODS, 2, 256);
    /* Two seconds at most: the ring holds 5.4 s at 48 kHz. */
    if (result >= 0) result = snd_pcm_ioplug_set_param_minmax(&line->io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 80, 2 * 2 * rate);
    return result;
}

SND_PCM_PLUGIN_DEFINE_FUNC(vline) {
    (void)root;
    const char *path = NULL;
    snd_config_iterator_t i, next;
    snd_config_for_each(i, next, conf) {
        snd_config_t *entry = snd_config_iterator_entry(i);
        const char *id;
        if (snd_config_get_id(entry, &id) < 0) continue;
        if (strcmp(id, "path") == 0) snd_config_get_string(entry, &path);
    }
    if (!path) return -EINVAL;
    struct line_pcm *line = calloc(1, sizeof *line);
    if (!line) return -ENOMEM;
    int is_capture = stream == SND_PCM_STREAM_CAPTURE;
    int result = vline_connect(path, is_capture ? VLINE_CLIENT_CAPTURE : VLINE_CLIENT_PLAYBACK, &line->client);
    if (result < 0) return free(line), result;
    line->stream = &line->client.page->streams[is_capture ? VLINE_TO_BOX : VLINE_FROM_BOX];
    line->boundary = 1;
    line->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    line->io.version = SND_PCM_IOPLUG_VERSION;
    line->io.name = "Virtual line";
    line->io.callback = &callbacks;
    line->io.private_data = line;
    line->io.poll_fd = line->timer;
    line->io.poll_events = POLLIN;
    line->io.flags = SND_PCM_IOPLUG_FLAG_MONOTONIC | SND_PCM_IOPLUG_FLAG_BOUNDARY_WA;
    result = line->timer < 0 ? -errno : snd_pcm_ioplug_create(&line->io, name, stream, mode);
    if (result < 0) {
        vline_disconnect(&line->client);
        if (line->timer >= 0) close(line->timer);
        free(line);
        return result;
    }
    result = constrain(line);
    if (result < 0) return snd_pcm_ioplug_delete(&line->io), result;
    *pcmp = line->io.pcm;
    return 0;
}
SND_PCM_PLUGIN_SYMBOL(vline)
