// SPDX-License-Identifier: Apache-2.0
// RFC 3550 (RTP), RFC 4594 section 4.1 (EF for telephony).

/// `[rtp]`: the packets of audio.
package struct RTPSettings: SettingGroup {
    package var portMin = 10_000
    package var portMax = 19_999
    package var dscp = 46
    package var timeoutSeconds = 60
    package var packetMilliseconds = 20
    package var opusKilobitsPerSecond = 32
    package var opusSavesSilence = false
    package var isComfortNoise = true

    package init() {}

    static let keys: [SettingKey<RTPSettings>] = [
        SettingKey(
            "port_min", \.portMin, .integer(1_024...65_534), unit: "UDP port",
            "Lowest port for audio. A call takes two neighbouring ports, an even one and the next."),
        SettingKey("port_max", \.portMax, .integer(1_025...65_535), unit: "UDP port", "Highest port for audio."),
        SettingKey(
            "dscp", \.dscp, .integer(0...63), unit: "DSCP",
            "Mark of outgoing audio packets for the network; 46 is \"expedited forwarding\", 0 is none."),
        SettingKey(
            "timeout_seconds", \.timeoutSeconds, .integer(5...86_400), unit: "s",
            "A call from which no audio has come for so long is over. One that shall send none (on hold) is asked so often, "
                + "by OPTIONS, whether it is still there."),
        SettingKey(
            "packet_ms", \.packetMilliseconds, .integer(10...60), unit: "ms",
            "Audio in each packet sent, where the far end has no wish of its own; 10 lowers the delay and doubles the "
                + "packets. GSM takes multiples of 20, Opus 10, 20, 40 and 60: the next lower one is used."),
        SettingKey(
            "opus_kbit_s", \.opusKilobitsPerSecond, .integer(24...64), unit: "kbit/s",
            "What Opus sends, unless the far end asks for less."),
        SettingKey(
            "opus_dtx", \.opusSavesSilence, .boolean,
            "Opus sends almost nothing while nobody is heard, where the far end asks for that (usedtx=1)."),
        SettingKey(
            "comfort_noise", \.isComfortNoise, .boolean,
            "Takes comfort noise (RFC 3389, payload type 13) and sends it instead of silence to those who offer it, with the "
                + "8 kHz codecs and G.722."),
    ]
}

/// `[mix]`: the mixer.
package struct MixSettings: SettingGroup {
    package var localPeriodMilliseconds = 5.0
    package var isSteering = true
    package var realTimePriority = 50
    package var maxPorts = 1_024

    package init() {}

    static let keys: [SettingKey<MixSettings>] = [
        SettingKey(
            "local_period_ms", \.localPeriodMilliseconds, .number(oneOf: [2.5, 5]), unit: "ms, 2.5 or 5",
            "How often the phones on sound cards are served. 2.5 lowers their delay by about 6 ms and costs more "
                + "processor time."),
        SettingKey(
            "steering", \.isSteering, .boolean,
            "Sends to SIP callers just behind the arrival of the packets of whoever is talking; off: at fixed "
                + "times, which costs about 10 ms of delay with packets of 20 ms."),
        SettingKey(
            "real_time_priority", \.realTimePriority, .integer(0...90), unit: "SCHED_FIFO, 0: off",
            "Priority of the mix thread before all ordinary work of the machine; needs the right to it (systemd unit: "
                + "LimitRTPRIO)."),
        SettingKey(
            "max_ports", \.maxPorts, .integer(16...8_192), unit: "ports",
            "Lines and SIP calls together that can have audio at the same time."),
    ]
}
