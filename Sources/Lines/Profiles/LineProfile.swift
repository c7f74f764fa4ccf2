// SPDX-License-Identifier: Apache-2.0

package import Telephony

/// What a line is made of: five capabilities, each carried by a transport.
package enum LineCapability: String, Sendable, Hashable, CaseIterable {
    /// Samples both ways.
    case audio
    /// Taking the line (landline), or telling a phone that it is off-hook.
    case seize
    /// Hook switch (phone); ring, loop current, polarity (landline).
    case sense
    /// Digits that do not come as tones.
    case keys
    /// The bell of a phone.
    case ring
}

/// How a capability reaches the hardware.
package enum LineTransportKind: String, Sendable, Hashable, CaseIterable {
    case alsaPCM = "ALSA PCM"
    case alsaControl = "ALSA control"
    case evdev = "input device"
    /// By report descriptor.
    case hid = "HID"
    /// By known byte patterns.
    case hidMap = "HID bytes"
    case gpio = "GPIO"
    case v253 = "V.253 modem"
    /// In the audio itself.
    case inBand = "in-band"
}

/// A sort of line hardware: what it is made of, and the defaults that fit it. A row of `LineProfiles.all`.
package struct LineProfile: Sendable {
    package enum Side: Sendable, Hashable {
        /// Somebody sits at the other end.
        case phone
        /// The telephone network is at the other end.
        case landline
    }

    /// As `preset` names it in the settings.
    package var name: String
    package var words: String
    package var side = Side.phone
    package var capabilities: [LineCapability: LineTransportKind]
    package var offHookControl = "Off-hook Switch"
    package var ringControl = "Ring Switch"
    package var sampleRate = 48_000
    package var periodMilliseconds = 5.0
    package var hookTiming = HookStateMachine.Timing.standard
    /// The device makes the bell's cadence itself.
    package var makesCadence = false
    /// A telephone with a display on two wires may be on it: it is told who calls by data in its audio.
    package var showsCaller = false
    /// After the closing tone, for a receiver that was left beside its telephone; 0 for what has no receiver.
    package var howlerMilliseconds: Int64 = 0
    /// Whether a device that is plugged in is a line of this sort without a word in the settings.
    var recognises: @Sendable (PluggedUnit) -> Bool = { _ in false }
    /// Opens what carries the line's capabilities. One of them may have the audio as well; otherwise a sound card has it.
    var parts: @Sendable (LineHardware) throws(LineError) -> [any LineTransport]
    /// Makes hardware silent and puts it on-hook whose owner died; nil: opening its parts and dropping them does that.
    var putOnHook: (@Sendable (LineHardware) throws(LineError) -> Void)?

    func open(_ hardware: LineHardware) throws(LineError) -> any StationDevice {
        let transports = try parts(hardware)
        let (rx, tx) = (hardware.line.rxGainDB, hardware.line.txGainDB)
        if let audio = transports.compactMap(\.audio).first {
            return ComposedDevice(audio: audio, transports: transports, rxGainDB: rx, txGainDB: tx)
        }
        return ComposedDevice(audio: try hardware.card(), transports: transports, rxGainDB: rx, txGainDB: tx)
    }
}

/// Every sort of line there is: another one is another file with its row, and its name here.
package enum LineProfiles {
    package static let all: [LineProfile] = [
        alsaFXS, alsaFXO, usbFXS, hidPhone, evdevPhone, cm108, gpioFXS, gpioFXO, cm108FXO, v253,
        modemControl,
    ]

    package static func named(_ name: String) -> LineProfile? { all.first { $0.name == name } }

    /// What a plugged-in device is; the first row that knows it wins.
    static func recognising(_ unit: PluggedUnit) -> LineProfile? { all.first { $0.recognises(unit) } }
}
