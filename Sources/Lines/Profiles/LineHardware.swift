// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A line's description and the nodes that it stands for now: what a profile opens its parts from. `lines` thread.
package struct LineHardware {
    let line: LineDescription
    let profile: LineProfile
    /// The device that the description matches; nil where it names its nodes itself.
    let unit: PluggedUnit?
    let isVirtualTime: Bool

    /// Finds the USB device of a line among those that are plugged in; an error that tells what is there instead.
    init(
        _ line: LineDescription, profile: LineProfile, units: [PluggedUnit], isVirtualTime: Bool
    ) throws(LineError) {
        self.line = line
        self.profile = profile
        self.isVirtualTime = isVirtualTime
        guard let match = line.match else {
            unit = nil
            return
        }
        let fitting = units.filter(match.fits)
        guard let first = fitting.first else {
            let there = units.prefix(8).map {
                "\($0.id)\($0.serial.isEmpty ? "" : " serial " + $0.serial) at \($0.port)"
            }
            throw LineError(
                code: ENODEV, device: match.words, stage: "find it among the USB devices",
                remedy: there.isEmpty
                    ? "plug it in; there is none that could be a telephone"
                    : "plug it in, or write one of those that are there: " + there.joined(separator: ", "))
        }
        guard fitting.count == 1 else {
            let ports = fitting.prefix(8).map(\.port).joined(separator: ", ")
            throw LineError(
                code: EINVAL, device: match.words, stage: "tell it from others of its kind",
                remedy: "write usb_port as well, one of: \(ports)")
        }
        unit = first
    }

    /// The card, at the line's rate or the nearest that it knows.
    func card() throws(LineError) -> ALSACard {
        let rate = line.sampleRate ?? profile.sampleRate
        let period = line.periodMilliseconds ?? profile.periodMilliseconds
        guard line.pcm.isEmpty else {
            return try ALSACard(
                device: line.pcm, sampleRate: rate, periodMilliseconds: period, isVirtualTime: isVirtualTime)
        }
        guard let card = unit?.card else { throw missing("a sound card", key: "pcm") }
        do throws(LineError) {
            return try ALSACard(
                device: "hw:CARD=\(card.id)", sampleRate: rate, periodMilliseconds: period,
                isVirtualTime: isVirtualTime)
        } catch {
            // Headsets that play at one rate and record at another need alsa-lib's converter.
            guard error.code == EINVAL else { throw error }
            return try ALSACard(
                device: "plughw:CARD=\(card.id)", sampleRate: rate, periodMilliseconds: period,
                isVirtualTime: isVirtualTime)
        }
    }

    func hidPath() throws(LineError) -> String {
        if let path = line.hid { return path }
        guard let unit else { throw missing("a HID node", key: "hid") }
        guard let node = unit.telephonyNode ?? unit.hid.first else { throw missing("a HID node", key: "hid") }
        return node.path
    }

    func eventPath() throws(LineError) -> String {
        if let path = line.event { return path }
        guard let node = unit?.inputs.first else { throw missing("an input device", key: "event") }
        return node.path
    }

    func serialPath() throws(LineError) -> String {
        if let path = line.tty { return path }
        guard let path = unit?.serialLines.first else { throw missing("a serial line", key: "tty") }
        return path
    }

    func missing(_ what: String, key: String) -> LineError {
        guard let unit else {
            return LineError(
                code: EINVAL, device: line.name, stage: "find \(what)",
                remedy: "the preset \(profile.name) needs the key \(key), or usb = \"VENDOR:PRODUCT\"")
        }
        return LineError(
            code: ENODEV, device: "\(unit.id) at \(unit.port)", stage: "find \(what) on it",
            remedy: "it may come in a moment; otherwise write the key \(key), or take another preset")
    }
}
