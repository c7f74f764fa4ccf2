// SPDX-License-Identifier: Apache-2.0
//
// ALSA control plugin "vline": hook switch and bell of a virtual line, as a sound card's mixer controls would be. Loaded by
// alsa-lib for
//     ctl.NAME { type vline path "SOCKET OF THE LINE" }
// Every handle has a connection of its own, so clients do not take each other's events; it is closed at once when the line
// is unplugged. On a real card the hook switch is read-only; here a client may lift the handset (amixer cset).

#define PIC 1
#include <alsa/asoundlib.h>
#include <alsa/control_external.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ctl_vline.h"
#include "vline_wire.h"

struct line_control {
    snd_ctl_ext_t ext;
    struct vline_client client;
};

static const char *const names[VLINE_CONTROLS] = {
    [VLINE_OFF_HOOK] = "Off-hook Switch", [VLINE_RING] = "Ring Switch", [VLINE_LOOP] = "Loop Current Switch",
    [VLINE_POLARITY] = "Polarity Reversed Switch", [VLINE_IN_USE] = "Line In Use Switch",
    [VLINE_CALLER_ID] = "Caller ID Switch"};

static int control_count(snd_ctl_ext_t *ext) {
    (void)ext;
    return VLINE_CONTROLS;
}

static int control_list(snd_ctl_ext_t *ext, unsigned int offset, snd_ctl_elem_id_t *id) {
    (void)ext;
    if (offset >= VLINE_CONTROLS) return -EINVAL;
    snd_ctl_elem_id_set_interface(id, SND_CTL_ELEM_IFACE_MIXER);
    snd_ctl_elem_id_set_name(id, names[offset]);
    return 0;
}

static snd_ctl_ext_key_t control_find(snd_ctl_ext_t *ext, const snd_ctl_elem_id_t *id) {
    (void)ext;
    unsigned int number = snd_ctl_elem_id_get_numid(id);
    if (number > 0 && number <= VLINE_CONTROLS) return number - 1;
    if (snd_ctl_elem_id_get_interface(id) != SND_CTL_ELEM_IFACE_MIXER || snd_ctl_elem_id_get_index(id) != 0)
        return SND_CTL_EXT_KEY_NOT_FOUND;
    for (unsigned int i = 0; i < VLINE_CONTROLS; i++)
        if (strcmp(snd_ctl_elem_id_get_name(id), names[i]) == 0) return i;
    return SND_CTL_EXT_KEY_NOT_FOUND;
}

static int control_attribute(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key, int *type, unsigned int *access, unsigned int *count) {
    (void)ext, (void)key;
    *type = SND_CTL_ELEM_TYPE_BOOLEAN;
    *access = SND_CTL_EXT_ACCESS_READWRITE;
    *count = 1;
    return 0;
}

static int control_range(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key, long *least, long *most, long *step) {
    (void)ext, (void)key;
    *least = 0;
    *most = 1;
    *step = 0;
    return 0;
}

static int control_read(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key, long *value) {
    struct line_control *line = ext->private_data;
    if (vline_is_gone(&line->client)) return -ENODEV;
    *value = atomic_load(&line->client.page->controls[key]);
    return 0;
}

static int control_write(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key, long *value) {
    struct line_control *line = ext->private_data;
    if (vline_is_gone(&line->client)) return -ENODEV;
    int wanted = *value != 0;
    if (atomic_exchange(&line->client.page->controls[key], wanted) == wanted) return 0;
    struct vline_message message = {VLINE_MESSAGE_CONTROL, (uint32_t)key};
    return send(line->client.fd, &message, sizeof message, MSG_NOSIGNAL) == sizeof message ? 1 : -ENODEV;
}

static void control_subscribe(snd_ctl_ext_t *ext, int subscribe) { (void)ext, (void)subscribe; }

static int control_event(snd_ctl_ext_t *ext, snd_ctl_elem_id_t *id, unsigned int *mask) {
    struct line_control *line = ext->private_data;
    struct vline_message message;
    int result = vline_receive(&line->client, &message);
    if (result <= 0) return result < 0 ? result : -EAGAIN;
    if (message.what != VLINE_MESSAGE_CONTROL || message.value >= VLINE_CONTROLS) return -EAGAIN;
    control_list(ext, message.value, id);
    snd_ctl_elem_id_set_numid(id, message.value + 1);
    *mask = SND_CTL_EVENT_MASK_VALUE;
    return 1;
}

static int control_revents(snd_ctl_ext_t *ext, struct pollfd *descriptors, unsigned int count, unsigned short *revents) {
    struct line_control *line = ext->private_data;
    *revents = count > 0 ? (unsigned short)descriptors[0].revents : 0;
    if (vline_is_gone(&line->client)) *revents |= POLLERR | POLLHUP;
    return 0;
}

static void control_close(snd_ctl_ext_t *ext) {
    struct line_control *line = ext->private_data;
    vline_disconnect(&line->client);
    free(line);
}

static const snd_ctl_ext_callback_t callbacks = {
    .close = control_close,
    .elem_count = control_count,
    .elem_list = control_list,
    .find_elem = control_find,
    .get_attribute = control_attribute,
    .get_integer_info = control_range,
    .read_integer = control_read,
    .write_integer = control_write,
    .subscribe_events = control_subscribe,
    .read_event = control_event,
    .poll_revents = control_revents,
};

SND_CTL_PLUGIN_DEFINE_FUNC(vline) {
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
    struct line_control *line = calloc(1, sizeof *line);
    if (!line) return -ENOMEM;
    int result = vline_connect(path, VLINE_CLIENT_CONTROL, &line->client);
    if (result < 0) return free(line), result;
    line->ext.version = SND_CTL_EXT_VERSION;
    strcpy(line->ext.id, "vline");
    strcpy(line->ext.driver, "vline");
    strcpy(line->ext.name, "Virtual line");
    strcpy(line->ext.longname, "Virtual line card");
    strcpy(line->ext.mixername, "vline");
    line->ext.poll_fd = line->client.fd;
    line->ext.callback = &callbacks;
    line->ext.private_data = line;
    result = snd_ctl_ext_create(&line->ext, name, mode);
    if (result < 0) {
        vline_disconnect(&line->client);
        free(line);
        return result;
    }
    *handlep = line->ext.handle;
    return 0;
}
SND_CTL_PLUGIN_SYMBOL(vline)
