// SPDX-License-Identifier: Apache-2.0

/// `[scenarios]`: the processes in which scripts run.
package struct ScenarioSettings: SettingGroup {
    package var workers = 2
    package var memoryMegabytes = 512
    /// 0: by the box's memory.
    package var ready = 0

    package init() {}

    static let keys: [SettingKey<ScenarioSettings>] = [
        SettingKey(
            "workers", \.workers, .integer(1...16), unit: "processes",
            "Processes that run scripts, started beforehand. A broken script takes at most its own process along; "
                + "calls keep their audio."),
        SettingKey(
            "memory_megabytes", \.memoryMegabytes, .integer(64...16_384), unit: "MB",
            "A script process that is larger is replaced."),
        SettingKey(
            "ready", \.ready, .integer(0...1000), unit: "sessions",
            "So many callers who come in one moment find everything ready for them in each script process: some 2 MB each, for a "
                + "while up to twice as many. Whoever comes beyond that waits some milliseconds longer, one behind the other. "
                + "0: as the box's memory allows, 4 with 256 MB, 10 with 1 GB, 12 from there on (of two processes)."),
    ]
}

/// `[log]`: what is written on standard error.
package struct LogSettings: SettingGroup {
    /// A level of swift-log.
    package var level = "info"

    package init() {}

    static let keys: [SettingKey<LogSettings>] = [
        SettingKey(
            "level", \.level, .word(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
            "The least important that is still written: trace, debug, info, notice, warning, error or critical.")
    ]
}

/// `[control]`: the socket of the command line.
package struct ControlSettings: SettingGroup {
    package var socket = "control.sock"
    package var accessListen: ListenAddress?
    package var accessURL: String?

    package init() {}

    static let keys: [SettingKey<ControlSettings>] = [
        SettingKey(
            "socket", \.socket, .name,
            "Name of the socket in the state folder through which the command line speaks to the daemon. Its "
                + "group may use it."),
        SettingKey(
            "access_listen", \.accessListen, .optional(.listenAddress), unit: "host:port",
            example: "\"127.0.0.1:8088\"",
            "Where other programs reach running sessions over http, each at its accessURL with a secret in it; without "
                + "it they are reached through the socket alone. Beyond this box put a proxy with https before it."),
        SettingKey(
            "access_url", \.accessURL,
            .optional(
                .text("the beginning of an address, such as \"https://box.example.org\"", maximum: 256) {
                    ($0.hasPrefix("http://") || $0.hasPrefix("https://")) && !$0.hasSuffix("/") && !$0.contains(" ")
                }),
            example: "\"https://box.example.org\"",
            "What the accessURL of sessions begins with, when that is not the address of access_listen."),
    ]
}
