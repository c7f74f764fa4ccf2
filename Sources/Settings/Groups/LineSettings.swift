// SPDX-License-Identifier: Apache-2.0

/// A telephone line of the box: a file of `lines.d`, or a `[[line]]` in one.
package struct LineSettings: SettingGroup {
    /// The name of the file without ".toml" where none is set.
    package var name = ""
    package var preset = "alsa-fxs"
    package var pcm = ""
    package var ctl = ""
    /// "06e6:c200".
    package var usb: String?
    package var serial: String?
    package var usbPort: String?
    package var hid: String?
    package var event: String?
    package var tty: String?
    package var host: String?
    package var password: String?
    package var passwordFile: String?
    package var landlinePort: Int?
    package var pingSeconds = 30
    package var `extension`: String?
    /// Nil: as the preset has it.
    package var sampleRate: Int?
    /// Nil: as `[mix] local_period_ms`.
    package var periodMilliseconds: Double?
    /// Dialled when the handset is lifted; nil: the caller dials.
    package var route: String?
    /// Lines with the same word stand in one acoustic room.
    package var sameRoom: String?
    package var hasPulseDial = false
    package var takesWaitingCalls = true
    /// Nil: as the country has it.
    package var callerID: String?
    package var offHookControl = "Off-hook Switch"
    package var ringControl = "Ring Switch"
    package var gpioHook: String?
    package var gpioRingMode: String?
    package var gpioReverse: String?
    package var ringHertz = 25
    package var gpioSeize: String?
    package var gpioRing: String?
    package var gpioLoop: String?
    package var gpioPolarity: String?
    package var gpioInUse: String?
    package var modemCountry: String?
    package var answerAfterRings = 1
    package var dialling = "dtmf"
    package var needsDialTone = false
    package var polarityReleases = true
    package var silenceSeconds = 0
    package var longestCallMinutes = 240
    package var echoTailMilliseconds = 64
    package var rxGainDB = 0.0
    package var txGainDB = 0.0
    package var isRequired = false

    package init() {}

    /// The words of `preset`; the table of the presets themselves is that of the lines (a test compares).
    package static let presets = [
        "alsa-fxs", "alsa-fxo", "usb-fxs", "hid-phone", "evdev-phone", "cm108", "gpio-fxs", "gpio-fxo", "cm108-fxo",
        "v253", "modem-ctl",
    ]

    /// A SIP gateway is a phone and a trunk: `Loading.readGateways`.
    package static let gateway = "sip-gw"

    private static func isPortByte(_ byte: UInt8) -> Bool { (48...57).contains(byte) || byte == 45 || byte == 46 }

    static let keys: [SettingKey<LineSettings>] = [
        SettingKey(
            "name", \.name, .name, example: "\"hall\"",
            "Name of the line in reports and commands; where it is left out, that of the file."),
        SettingKey(
            "preset", \.preset, .word([gateway] + presets),
            "The sort of line. sip-gw: a SIP gateway with a telephone socket, a landline socket, or both (Grandstream HT813; "
                + "docs/lines.md says how it is set up). alsa-fxs: a phone on a sound card whose hook switch and bell are mixer controls. alsa-fxo: "
                + "a landline of that kind. usb-fxs: a "
                + "telephone socket on a USB stick (magicJack). hid-phone: a USB desk phone, headset or speakerphone. "
                + "evdev-phone: a USB phone with a CM109 or a Yealink. cm108: a port on the pins of a C-Media sound "
                + "stick. gpio-fxs: a line module on GPIO lines. Landlines: gpio-fxo (a line interface on GPIO lines), "
                + "cm108-fxo (one on the pins of a C-Media sound stick), v253 (a USB voice modem), modem-ctl (a laptop's soft modem)."
        ),
        SettingKey(
            "pcm", \.pcm, .device, example: "\"hw:CARD=Phone\"",
            "The ALSA device for audio, as \"aplay -L\" names it. alsa-fxs and gpio-fxs need it; the others take the card "
                + "of their USB device."),
        SettingKey(
            "ctl", \.ctl, .device, example: "\"hw:CARD=Phone\"",
            "alsa-fxs: the ALSA device with the mixer controls, as \"amixer -D\" takes it."),
        SettingKey(
            "usb", \.usb, .optional(.usbID), example: "\"06e6:c200\"",
            "The USB device of this line by vendor and product, as \"lsusb\" shows them. Card numbers mean nothing."),
        SettingKey(
            "serial", \.serial, .optional(.text("a serial number")), example: "\"A1B2C3\"",
            "The serial number of the USB device, where there are several of a kind."),
        SettingKey(
            "usb_port", \.usbPort,
            .optional(.text("a USB port such as \"1-1.2\"", maximum: 32) { $0.utf8.allSatisfy(Self.isPortByte) }),
            example: "\"1-1.2\"",
            "The port it is plugged into, where several of a kind have no serial number (\"partyline lines\" and the log "
                + "name it)."),
        SettingKey(
            "hid", \.hid, .optional(.node), example: "\"/dev/hidraw0\"",
            "The HID node, where it is not that of the USB device."),
        SettingKey(
            "event", \.event, .optional(.node), example: "\"/dev/input/event5\"",
            "The input device, where it is not that of the USB device."),
        SettingKey(
            "tty", \.tty, .optional(.node), example: "\"/dev/ttyACM0\"",
            "The serial line of a modem, where it is not that of the USB device."),
        SettingKey(
            "host", \.host,
            .optional(.text("a numeric address", maximum: 45) { AddressBlock.isAddress($0) }),
            example: "\"192.168.1.30\"", "sip-gw: the gateway's fixed address."),
        SettingKey(
            "password", \.password, .optional(.secret), example: "\"a-long-and-random-text\"",
            "sip-gw: what the telephone socket registers with, under the name of the line."),
        SettingKey(
            "password_file", \.passwordFile, .optional(.text("the path of a file")), example: "\"secrets/parlour\"",
            "sip-gw: a file that holds nothing but that password; a relative path begins in the folder of the configuration."
        ),
        SettingKey(
            "landline_port", \.landlinePort, .optional(.integer(1...65_535)), example: "5062",
            "sip-gw: the SIP port of the landline socket, which is another than the telephone's; where it is left out there "
                + "is none."),
        SettingKey(
            "ping_seconds", \.pingSeconds, .integer(0...600), unit: "s, 0: never",
            "sip-gw: how often the landline socket is asked whether it is there (OPTIONS, which some gateways do not answer)."
        ),
        SettingKey(
            "extension", \.extension, .optional(.digits(1...8)), example: "\"21\"",
            "The number under which the other phones call this one."),
        SettingKey(
            "rate", \.sampleRate, .optional(.integer(oneOf: [8_000, 16_000, 48_000])), unit: "Hz", example: "16000",
            "Sampling rate of the card; the nearest that it knows is taken. Where it is left out, as the preset has it."
        ),
        SettingKey(
            "period_ms", \.periodMilliseconds, .optional(.number(oneOf: [2.5, 5])), unit: "ms, 2.5 or 5", example: "5",
            "How often the card is served; where it is left out, as [mix] local_period_ms."),
        SettingKey(
            "route", \.route,
            .optional(.text("a number or a conference id, such as \"conf_111\"", maximum: 64) { !$0.contains(" ") }),
            example: "\"conf_111\"",
            "Hot line: lifting the handset dials this, and goes through the rules with it."),
        SettingKey(
            "same_room", \.sameRoom, .optional(.name), example: "\"hall\"",
            "Lines with the same word here stand in one room of the house: they do not hear each other in a "
                + "conference, which would howl."),
        SettingKey(
            "pulse_dial", \.hasPulseDial, .boolean,
            "Whether a rotary telephone may be on this line. A recall (flash) is longer than 130 ms then."),
        SettingKey(
            "call_waiting", \.takesWaitingCalls, .boolean,
            "Whether a second call beeps in the first; otherwise its caller hears that this phone is busy."),
        SettingKey(
            "caller_id", \.callerID, .optional(.word(TonePlanSettings.callerIDKinds)), example: "\"bell202\"",
            "How the phone is told who calls; where it is left out, as the country's tone plan has it. v23-jp is not sent; a "
                + "landline with v23-jp is seized, unanswered, when short bursts of bell ask for it; it understands the other "
                + "kinds without being told."
        ),
        SettingKey(
            "off_hook_control", \.offHookControl, .control,
            "The mixer control that is on while the handset is "
                + "lifted."),
        SettingKey(
            "ring_control", \.ringControl, .control,
            "The mixer control that rings the bell; alsa-fxo: the one that tells of it. A landline without it hears its bell in "
                + "the audio, where its driver passes that on-hook."),
        SettingKey(
            "gpio_hook", \.gpioHook, .optional(.gpio), example: "\"slic-shk\"",
            "gpio-fxs: the GPIO line that tells of the lifted handset, by its name or as \"gpiochip0:17\"; with '!' in "
                + "front it is active low. The same holds for the other GPIO lines."),
        SettingKey(
            "gpio_ring_mode", \.gpioRingMode, .optional(.gpio), example: "\"slic-rm\"",
            "gpio-fxs: the GPIO line that switches to ringing."),
        SettingKey(
            "gpio_reverse", \.gpioReverse, .optional(.gpio), example: "\"slic-fr\"",
            "gpio-fxs: the GPIO line that is toggled at the ringing frequency."),
        SettingKey(
            "ring_hz", \.ringHertz, .integer(15...68), unit: "Hz",
            "gpio-fxs: the ringing frequency; 25 in Europe, 20 in America, 16 in Japan."),
        SettingKey(
            "gpio_seize", \.gpioSeize, .optional(.gpio), example: "\"fxo-oh\"",
            "gpio-fxo: the GPIO line that takes the line."),
        SettingKey(
            "gpio_ring", \.gpioRing, .optional(.gpio), example: "\"fxo-ri\"",
            "gpio-fxo: the GPIO line of the ring detector."),
        SettingKey(
            "gpio_loop", \.gpioLoop, .optional(.gpio), example: "\"fxo-lcs\"",
            "gpio-fxo: the GPIO line that tells that loop current flows."),
        SettingKey(
            "gpio_polarity", \.gpioPolarity, .optional(.gpio), example: "\"fxo-pol\"",
            "gpio-fxo: the GPIO line that tells that the polarity is reversed: the called party has answered, or the "
                + "far end has hung up."),
        SettingKey(
            "gpio_in_use", \.gpioInUse, .optional(.gpio), example: "\"fxo-liu\"",
            "gpio-fxo: the GPIO line that tells that another phone is on the line: a detector of its voltage, or one for "
                + "parallel phones. Where it is left out such a line is seized, and left again when voices are heard."),
        SettingKey(
            "modem_country", \.modemCountry,
            .optional(
                .text("two hexadecimal digits (T.35), such as \"42\"", maximum: 2) {
                    $0.utf8.count == 2 && $0.allSatisfy(\.isHexDigit)
                }),
            example: "\"42\"",
            "v253: the country that the modem is set to (T.35: 42 Germany, B4 Britain, B5 America, 00 Japan, 09 Australia)."
        ),
        SettingKey(
            "answer_after_rings", \.answerAfterRings, .integer(1...20), unit: "rings",
            "Landlines: a call is taken after so many rings; before that the telephones of the house may."),
        SettingKey(
            "dialling", \.dialling, .word(["dtmf", "pulse"]),
            "Landlines: how numbers are dialled. v253 only by dtmf: "
                + "voice modems make no pulses in a voice call."),
        SettingKey(
            "needs_dial_tone", \.needsDialTone, .boolean,
            "Landlines: whether a call fails when there is no dial tone. Otherwise the other landlines and "
                + "the trunks are tried, and where there are none it is dialled blindly after 4 s. Emergencies always are."
        ),
        SettingKey(
            "polarity_releases", \.polarityReleases, .boolean,
            "Landlines: whether a reversal of polarity in a call means that the far end has hung up."),
        SettingKey(
            "silence_seconds", \.silenceSeconds, .integer(0...86_400), unit: "s, 0: never",
            "Landlines: after so much silence of the far end the call is released. Listeners who are muted there are silent, "
                + "too."),
        SettingKey(
            "longest_call_minutes", \.longestCallMinutes, .integer(1...1_440), unit: "min",
            "Landlines: no call takes longer."),
        SettingKey(
            "echo_tail_ms", \.echoTailMilliseconds, .integer(0...256), unit: "ms, 0: off",
            "Landlines: echoes of our own that come back within so long are taken out."),
        SettingKey(
            "rx_gain_db", \.rxGainDB, .number(-24...24), unit: "dB",
            "What comes from the telephone, or from the landline, is made so much louder (softer: below 0). Dial tone should come in at "
                + "about -20 dBm0, as \"partyline line NAME test\" tells. With too much of both gains a landline howls: their sum "
                + "stays 6 dB below the echo return loss."),
        SettingKey(
            "tx_gain_db", \.txGainDB, .number(-24...24), unit: "dB",
            "The same for what the telephone, or the landline, is sent. Telephone exchanges send a telephone about 7 dB less than "
                + "they get, where its interface does not do that itself."),
        SettingKey(
            "required", \.isRequired, .boolean,
            "Whether the daemon refuses to start without this line. Otherwise it waits for the device."),
    ]
}

extension SettingKind<String> {
    fileprivate static let device = text("the name of an ALSA device, such as \"hw:CARD=Phone\"")
    fileprivate static let node = text("the path of a device node, such as \"/dev/hidraw0\"") { $0.hasPrefix("/") }
    fileprivate static let usbID = text("vendor and product, such as \"06e6:c200\"", maximum: 9) { text in
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { $0.utf8.count == 4 && $0.allSatisfy(\.isHexDigit) }
    }
    fileprivate static let gpio = text("the name of a GPIO line, or \"gpiochip0:17\"", maximum: 64) {
        !$0.contains(" ")
    }
    fileprivate static let control = text("the name of a mixer control (up to 43 characters)", maximum: 43)
}
