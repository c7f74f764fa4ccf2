// SPDX-License-Identifier: Apache-2.0
// Linux GPIO character device, version 2 of its interface (linux/gpio.h).
import CLinux
import Glibc

/// One GPIO line, requested; given back with this object. `lines` thread.
final class GPIOLine {
    let name: String
    let descriptor: Int32

    enum Use {
        /// Tells of both edges; changes shorter than this are not told.
        case input(debounceMicroseconds: UInt32)
        case output(initially: Bool)
    }

    /// By name ("slic-shk") or place ("gpiochip0:17"); with '!' in front active low. `folder`: "/dev".
    init(_ text: String, _ use: Use, folder: String = "/dev") throws(LineError) {
        let isLow = text.hasPrefix("!")
        name = isLow ? String(text.dropFirst()) : text
        let (chip, line) = try Self.find(name, in: folder)
        defer { partyline_close(chip) }
        var flags = isLow ? Int32(PARTYLINE_GPIO_ACTIVE_LOW) : 0
        let result: Int32
        switch use {
        case .input(let debounce): result = partyline_gpio_request(chip, line, flags, 0, debounce)
        case .output(let isOn):
            flags |= Int32(PARTYLINE_GPIO_OUTPUT)
            result = partyline_gpio_request(chip, line, flags, isOn ? 1 : 0, 0)
        }
        guard result >= 0 else {
            throw LineError(
                code: 0 &- result, device: "GPIO line \(name)", stage: "take it",
                remedy: result == -EBUSY
                    ? "another program or driver has it: \"gpioinfo\" tells which" : "\"gpioinfo\" shows the lines")
        }
        descriptor = result
    }

    deinit { partyline_close(descriptor) }

    var isOn: Bool { partyline_gpio_get(descriptor) == 1 }
    func set(_ on: Bool) { _ = partyline_gpio_set(descriptor, on ? 1 : 0) }

    /// Edges since the last call, with the kernel's time in nanoseconds.
    func edges() throws(LineError) -> [partyline_gpio_edge] {
        var edges = [partyline_gpio_edge](repeating: partyline_gpio_edge(), count: 16)
        let count = partyline_gpio_edges(descriptor, &edges, Int32(edges.count))
        guard count >= 0 else {
            throw LineError(code: 0 &- count, device: "GPIO line \(name)", stage: "read it", remedy: "see dmesg")
        }
        return Array(edges.prefix(Int(count)))
    }

    // MARK: - Finding

    private static let mostChips = 64
    private static let mostLines: UInt32 = 1_024

    private static func find(_ name: String, in folder: String) throws(LineError) -> (chip: Int32, line: UInt32) {
        let parts = name.split(separator: ":")
        if parts.count == 2, let line = UInt32(parts[1]) {
            return (try openChip(String(parts[0]), of: name, line: line, in: folder), line)
        }
        var answer: (Int32, UInt32)?
        let refusal = each(in: folder) { chip, line, found in
            guard answer == nil, found == name else { return false }
            answer = (chip, line)
            return true
        }
        if let answer { return answer }
        // It may be on the chip that could not be looked at.
        guard refusal == 0 else { throw refused(refusal, name) }
        throw unknown(name, in: folder)
    }

    /// The chip, which has that line.
    private static func openChip(
        _ chipName: String, of name: String, line: UInt32, in folder: String
    ) throws(LineError) -> Int32 {
        let chip = partyline_device_open("\(folder)/\(chipName)")
        guard chip >= 0 else { throw chip == -ENOENT ? unknown(name, in: folder) : refused(0 &- chip, name) }
        var info = partyline_gpio_chip()
        let result = partyline_gpio_chip_info(chip, &info)
        guard result == 0, line < info.lines else {
            partyline_close(chip)
            guard result == 0 else { throw refused(0 &- result, name) }
            throw LineError(
                code: ENOENT, device: "GPIO line \(name)", stage: "find it",
                remedy: info.lines == 0
                    ? "\(chipName) has no lines: \"gpiodetect\" lists the chips"
                    : "\(chipName) has the lines 0 to \(info.lines - 1): \"gpioinfo\" shows them")
        }
        return chip
    }

    /// Its chip is there, and could not be opened.
    private static func refused(_ code: Int32, _ name: String) -> LineError {
        let remedy =
            switch code {
            case EACCES, EPERM:
                "the daemon's user has no right to it: switch on the rule for gpiochip in the last lines of "
                    + "70-partyline.rules, then \"udevadm control --reload\" and \"udevadm trigger\""
            case EINVAL, ENOTTY: "this is no GPIO chip: \"gpiodetect\" lists them"
            default: "see the kernel's messages (dmesg)"
            }
        return LineError(code: code, device: "GPIO line \(name)", stage: "open its chip", remedy: remedy)
    }

    /// Calls `keeps` with every named line; a chip for which it returns true stays open. EACCES or EPERM: there is a chip that this
    /// user may not open; otherwise 0.
    private static func each(in folder: String, _ keeps: (Int32, UInt32, String) -> Bool) -> Int32 {
        var refusal: Int32 = 0
        for number in 0..<mostChips {
            let chip = partyline_device_open("\(folder)/gpiochip\(number)")
            guard chip >= 0 else {
                if chip == -EACCES || chip == -EPERM { refusal = 0 &- chip }
                continue
            }
            var info = partyline_gpio_chip()
            var isKept = false
            if partyline_gpio_chip_info(chip, &info) == 0 {
                for line in 0..<min(info.lines, mostLines) where !isKept {
                    var raw = [CChar](repeating: 0, count: 32)
                    var isUsed: Int32 = 0
                    guard partyline_gpio_line_name(chip, line, &raw, &isUsed) == 0 else { continue }
                    let bytes = raw.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                    isKept = keeps(chip, line, String(decoding: bytes, as: UTF8.self))
                }
            }
            if !isKept { partyline_close(chip) }
        }
        return refusal
    }

    private static func unknown(_ name: String, in folder: String) -> LineError {
        var known: [String] = []
        let refusal = each(in: folder) { _, _, found in
            if !found.isEmpty, known.count < 24 { known.append(found) }
            return false
        }
        return LineError(
            code: ENOENT, device: "GPIO line \(name)", stage: "find it",
            remedy: !known.isEmpty
                ? "write one of: " + known.joined(separator: ", ")
                : refusal == 0
                    ? "this machine has no GPIO lines with names; write it as \"gpiochip0:17\" (\"gpiodetect\" lists the chips)"
                    : "\"gpiodetect\" lists the chips")
    }
}
