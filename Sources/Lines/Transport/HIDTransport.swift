// SPDX-License-Identifier: Apache-2.0
// Linux hidraw (Documentation/hid/hidraw.rst): one report a read, its number first.
import CLinux
import Glibc
import Telephony

/// A HID telephone by its report descriptor: hook, keys and mute in, lamps and ringer out.
final class HIDTransport: LineTransport {
    private let file: DeviceFile
    private var panel: TelephonyPanel
    private var troubles: [String] = []

    static let listing = "ls -l /dev/hidraw*"
    /// Longer reports than this are no telephone's.
    private static let longestReport = 512

    init(path: String) throws(LineError) {
        file = try DeviceFile(path, listing: Self.listing)
        var bytes = [UInt8](repeating: 0, count: HIDDescriptor.maximumBytes)
        let count = partyline_hid_descriptor(file.descriptor, &bytes, Int32(bytes.count))
        guard count >= 0 else { throw .device(count, path, stage: "read its report descriptor", listing: Self.listing) }
        let descriptor: HIDDescriptor
        do throws(HIDDescriptor.Fault) {
            descriptor = try HIDDescriptor(parsing: Array(bytes.prefix(Int(count))))
        } catch {
            throw LineError(code: EINVAL, device: path, stage: "understand it", remedy: error.description)
        }
        guard let panel = TelephonyPanel(descriptor) else {
            throw LineError(
                code: EINVAL, device: path, stage: "find a telephone in its report descriptor",
                remedy: "another preset may fit, such as usb-fxs or cm108")
        }
        self.panel = panel
        if !panel.hasBell { troubles.append("this telephone has neither ringer nor ring lamp: nobody hears it called") }
        for lamp in LineLamp.allCases { perform(.lamp(lamp, false), now: 0) }
        perform(.bell(false), now: 0)
    }

    var descriptors: [Int32] { [file.descriptor] }
    var warnings: [String] { troubles }

    func read(now: Int64) throws(LineError) -> [LineSignal] {
        var signals: [LineSignal] = []
        for _ in 0..<64 {
            let report = try file.read(most: Self.longestReport)
            guard !report.isEmpty else { break }
            signals += panel.take(report, now: now)
        }
        return signals
    }

    func perform(_ order: LineOrder, now: Int64) {
        for report in panel.reports(for: order) { file.write(report) }
    }
}
