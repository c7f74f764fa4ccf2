// SPDX-License-Identifier: Apache-2.0
// RFC 3550 section 6: reports of one call with two members; the interval is the minimum of 5 s, randomised (6.3.1).

package import RTP
import Signals

/// What the reports of both sides say, and when ours is due. A plain value that the port owns on the mix thread.
package struct RTCPSession: BitwiseCopyable {
    private static let interval: Int64 = 5_000_000_000
    /// Seconds from 1900 to 1970.
    private static let era: UInt64 = 2_208_988_800

    /// When our next report is due, ns; set with the first look at it.
    package private(set) var next: Int64 = 0
    /// Of the far end's newest report on us, ns; 0: unknown.
    package private(set) var roundTrip: Int64 = 0
    /// How much of what we send gets lost on the way, 0 … 255 of 256, and in all.
    package private(set) var farFractionLost: UInt8 = 0
    package private(set) var farLost: Int32 = 0
    /// The same smoothed: rises at once, and falls by a quarter with each report, per cent.
    package private(set) var farLossPercent = 0
    /// Jitter that the far end sees, in units of the time stamp clock.
    package private(set) var farJitter: UInt32 = 0
    /// The far end said BYE. It means nothing more than that no media may come: calls end by signalling.
    package private(set) var hasSaidGoodbye = false
    package private(set) var reportsReceived: UInt64 = 0
    package private(set) var reportsSent: UInt64 = 0
    package private(set) var malformed: UInt64 = 0
    /// Where the far end's reports come from.
    package private(set) var source: TransportAddress?

    private var lastSR: UInt32 = 0
    private var lastSRArrival: Int64 = 0
    private var sentTimes: InlineArray<4, UInt32> = .init(repeating: 0)
    private var sentAt: InlineArray<4, Int64> = .init(repeating: 0)
    private var sentIndex = 0
    private var random: UInt64
    private var packetsAtLastReport: UInt64 = 0
    private let name: UnsafeBufferPointer<UInt8>
    private let multiplexes: Bool

    init(_ streams: RTPStreams) {
        random = .random(in: 1 ... .max)
        name = UnsafeBufferPointer(streams.canonicalName)
        multiplexes = streams.multiplexesControl
    }

    /// Another SDP exchange of the same call: what was measured stays, the name is that of the new streams.
    mutating func adopt(_ streams: RTPStreams) {
        var new = RTCPSession(streams)
        new.next = next
        new.roundTrip = roundTrip
        new.farFractionLost = farFractionLost
        new.farLossPercent = farLossPercent
        new.farJitter = farJitter
        new.source = source
        new.farLost = farLost
        new.lastSR = lastSR
        new.lastSRArrival = lastSRArrival
        new.sentTimes = sentTimes
        new.sentAt = sentAt
        new.sentIndex = sentIndex
        new.reportsReceived = reportsReceived
        new.reportsSent = reportsSent
        self = new
    }

    /// A compound packet of the far end.
    mutating func take(
        _ bytes: UnsafePointer<UInt8>, count: Int, from address: TransportAddress, ourSSRC: UInt32, arrival: Int64
    ) {
        var reader = RTCPReader(bytes, count: count)
        var understood = false
        while let item = reader.next() {
            understood = true
            switch item {
            case .senderReport(_, let time, _, _, _):
                lastSR = UInt32(truncatingIfNeeded: time >> 16)
                lastSRArrival = arrival
            case .receiverReport: break
            case .block(let block): if block.ssrc == ourSSRC { take(block, arrival) }
            case .goodbye: hasSaidGoodbye = true
            }
        }
        if reader.isMalformed { malformed &+= 1 }
        guard understood else { return }
        source = address
        reportsReceived &+= 1
    }

    private mutating func take(_ block: ReportBlock, _ arrival: Int64) {
        farFractionLost = block.fractionLost
        farLost = block.cumulativeLost
        farLossPercent = max((Int(block.fractionLost) &* 100 &+ 128) / 256, farLossPercent &* 3 / 4)
        farJitter = block.jitter
        guard block.lastSR != 0 else { return }
        // Only an answer to a report that we sent tells a time; everything else is a guess or a lie.
        for index in sentTimes.indices where sentTimes[index] == block.lastSR {
            let held = (Int64(block.delaySinceSR) &* 1_000_000_000) >> 16
            let trip = arrival &- sentAt[index] &- held
            if trip >= 0, trip < 10_000_000_000 { roundTrip = max(1, trip) }
        }
    }

    /// Plans the first report, or sends the one that is due.
    mutating func report(
        receiver: RTPReceiver, sender: RTPSender, now: Int64, wallOffset: Int64, socket: Int32, mediaSocket: Int32,
        destination: TransportAddress, isLast: Bool, security: SecureStream?, into batch: SendBatch
    ) {
        if next == 0, !isLast {
            // The first interval is half as long (6.2).
            next = now &+ randomised(Self.interval / 2)
            return
        }
        guard now >= next || isLast else { return }
        next = now &+ randomised(Self.interval)
        let length = byteCount(receiver, sender, isLast)
        guard
            let packet = batch.append(
                length: length &+ (security?.controlGrowth ?? 0), socket: multiplexes ? mediaSocket : socket,
                to: destination, now: now)
        else { return }
        write(packet, receiver, sender, now, wallOffset, isLast)
        if let security, !security.protectControl(packet, count: length) { batch.takeBackLast() }
        reportsSent &+= 1
    }

    private mutating func write(
        _ packet: UnsafeMutablePointer<UInt8>, _ receiver: RTPReceiver, _ sender: RTPSender, _ now: Int64,
        _ wallOffset: Int64, _ isLast: Bool
    ) {
        var writer = RTCPWriter(packet, capacity: RTCPWriter.longest)
        let held =
            lastSR == 0 ? 0 : min(Int64(UInt32.max), max(0, (now &- lastSRArrival) / 1_000 &* 65_536 / 1_000_000))
        let block: ReportBlock? =
            receiver.reception.received > 0
            ? receiver.reportBlock(lastSR: lastSR, delaySinceSR: UInt32(truncatingIfNeeded: held)) : nil
        if isSender(sender) {
            let time = Self.ntp(now &+ wallOffset)
            // The time stamp that a frame leaving now would bear.
            let since = SampleClock.samples(max(0, now &- sender.lastSent), rate: sender.codec.clockRate)
            writer.senderReport(
                ssrc: sender.ssrc, time: time,
                timestamp: sender.lastTimestamp &+ UInt32(truncatingIfNeeded: since),
                packets: UInt32(truncatingIfNeeded: sender.packets), bytes: UInt32(truncatingIfNeeded: sender.bytes),
                block: block)
            sentTimes[sentIndex] = UInt32(truncatingIfNeeded: time >> 16)
            sentAt[sentIndex] = now
            sentIndex = (sentIndex &+ 1) & 3
        } else {
            writer.receiverReport(ssrc: sender.ssrc, block: block)
        }
        packetsAtLastReport = sender.packets
        writer.canonicalName(ssrc: sender.ssrc, name)
        if isLast { writer.goodbye(ssrc: sender.ssrc) }
    }

    private func isSender(_ sender: RTPSender) -> Bool { sender.packets != packetsAtLastReport }

    private func byteCount(_ receiver: RTPReceiver, _ sender: RTPSender, _ isLast: Bool) -> Int {
        (isSender(sender) ? 28 : 8) &+ (receiver.reception.received > 0 ? ReportBlock.byteCount : 0)
            &+ (8 &+ 2 &+ name.count &+ 1 &+ 3) / 4 &* 4 &+ (isLast ? 8 : 0)
    }

    /// 0.5 … 1.5 of the interval, divided by e - 1.5 as section 6.3.1 asks.
    private mutating func randomised(_ interval: Int64) -> Int64 {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let factor = 0.5 + Double(random >> 33) / Double(1 << 31)
        return Int64(Double(interval) * factor / 1.218_28)
    }

    /// NTP time as 32.32 fixed point from nanoseconds since 1970.
    static func ntp(_ wall: Int64) -> UInt64 {
        let (seconds, rest) = UInt64(max(0, wall)).quotientAndRemainder(dividingBy: 1_000_000_000)
        return (seconds &+ era) << 32 | (rest << 32) / 1_000_000_000
    }
}
