// SPDX-License-Identifier: Apache-2.0
// RFC 3550 section 6.4.2: receiver reports, written by the test kit itself. RFC 5761: they share the media port.

/// What a test caller reports of the packets that come to it: a receiver report a second, so that the exchange learns of loss
/// (the protocol's five seconds would make tests wait).
struct CallerReports {
    private static let interval: Int64 = 1_000_000_000
    private var source: UInt32?
    private var first = 0
    private var highest = 0
    private var received = 0
    private var expectedBefore = 0
    private var receivedBefore = 0
    private var next: Int64 = 0
    private var lastSenderReport: UInt32 = 0
    private var senderReportArrival: Int64 = 0
    /// Sender reports of the exchange that came.
    private(set) var senderReports = 0

    /// A packet of audio or an event.
    mutating func take(sequence: UInt16, source: UInt32) {
        if self.source != source {
            self = CallerReports()
            self.source = source
            first = Int(sequence)
            highest = first - 1
        }
        let step = Int(Int16(bitPattern: sequence &- UInt16(truncatingIfNeeded: highest)))
        if step > 0 { highest += step }
        received += 1
    }

    /// RTCP that came to the media port.
    mutating func hear(_ bytes: [UInt8], at time: Int64) {
        guard bytes.count >= 28, bytes[1] == 200 else { return }
        lastSenderReport = bytes[10..<14].reduce(0) { $0 << 8 | UInt32($1) }
        senderReportArrival = time
        senderReports += 1
    }

    /// The report that is due; nil: none is.
    mutating func due(_ now: Int64, own: UInt32) -> [UInt8]? {
        guard let source, now >= next else { return nil }
        let isFirst = next == 0
        next = now + Self.interval
        if isFirst { return nil }
        let expected = highest - first + 1
        let lost = expected - received
        let expectedNow = expected - expectedBefore
        let lostNow = expectedNow - (received - receivedBefore)
        expectedBefore = expected
        receivedBefore = received
        let fraction = expectedNow > 0 ? min(255, max(0, lostNow * 256 / expectedNow)) : 0
        let held = lastSenderReport == 0 ? 0 : UInt32((now - senderReportArrival) / 1000 * 65_536 / 1_000_000)
        var bytes: [UInt8] = [0x81, 201, 0, 7]
        func add(_ value: UInt32) {
            for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
        }
        add(own)
        add(source)
        add(UInt32(fraction) << 24 | UInt32(truncatingIfNeeded: max(0, lost)) & 0xFF_FFFF)
        add(UInt32(truncatingIfNeeded: highest))
        add(0)
        add(lastSenderReport)
        add(held)
        return bytes
    }
}
