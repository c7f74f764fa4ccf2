// SPDX-License-Identifier: Apache-2.0
// C-Media CM108/CM119 data sheets, HID section: 4 bytes in (buttons, GPIO), 4 bytes out behind the report's number.
import CLinux
import Glibc
import Telephony

/// A telephone port on the pins of a C-Media sound stick.
final class CM108Transport: LineTransport {
    private let file: DeviceFile
    private var lifted: Bool?

    private static let volumeDown: UInt8 = 0x02
    /// GPIO 1.
    private static let ringPin: UInt8 = 0x01

    init(path: String) throws(LineError) {
        file = try DeviceFile(path, listing: HIDTransport.listing)
        perform(.bell(false), now: 0)
    }

    deinit { file.write(Self.output(rings: false)) }

    var descriptors: [Int32] { [file.descriptor] }
    func isOffHook() throws(LineError) -> Bool? { lifted ?? false }

    func read(now: Int64) throws(LineError) -> [LineSignal] {
        var signals: [LineSignal] = []
        for _ in 0..<64 {
            let report = try file.read(most: 64)
            guard !report.isEmpty else { break }
            guard let isOffHook = Self.hook(in: report), isOffHook != lifted else { continue }
            lifted = isOffHook
            signals.append(.hook(isOffHook: isOffHook))
        }
        return signals
    }

    func perform(_ order: LineOrder, now: Int64) {
        if case .bell(let on) = order { file.write(Self.output(rings: on)) }
    }

    static func hook(in report: [UInt8]) -> Bool? { report.count >= 4 ? report[0] & volumeDown != 0 : nil }

    /// Report number, 0, levels, directions (1: output), 0.
    static func output(rings: Bool) -> [UInt8] { [0, 0, rings ? ringPin : 0, ringPin, 0] }
}
