// SPDX-License-Identifier: Apache-2.0

import Media
import RTP
import RealTime
import Signals
import Testing

/// One far end says a sweep through all that a network does; the track is compared with what a perfect one would hold.
struct NetworkReceiverTests {
    private let ms = NetworkTalker.ms
    private let start: Int64 = 1_000_000_000_000

    /// Sends `speech` in packets of 20 ms, the nth arriving at `arrival(n)` (nil: lost), while a reader prepares
    /// every 20 ms through `safeEnd`. Returns the port and the position of the first sample.
    private func converse(
        _ speech: NetworkSpeech, frame: Int = 160, arrival: (Int) -> Int64?
    ) throws -> (RTPPort, first: Int64) {
        let port = try #require(RTPPort.forTest())
        var talker = NetworkTalker()
        var flights: [(time: Int64, packet: [UInt8])] = []
        for index in 0..<speech.encoded.count / frame {
            let packet = talker.packet(Array(speech.encoded[index * frame..<(index + 1) * frame]), ticks: frame)
            if let late = arrival(index) {
                flights.append((start + Int64(index + 1) * Int64(frame) * 125_000 + late, packet))
            }
        }
        flights.sort { $0.time < $1.time }
        let last = flights.last?.time ?? start
        var next = 0
        var now = start
        while now <= last {
            while next < flights.count, flights[next].time <= now {
                port.hear(flights[next].packet, at: flights[next].time)
                next += 1
            }
            port.receiver.prepare(upTo: port.receiver.safeEnd(at: now))
            now += ms
        }
        return (port, 8000)
    }

    private func expectTail(of port: RTPPort, first: Int64, equals speech: NetworkSpeech, tail: Int = 3200) {
        let end = port.receiver.end
        let place = Int(end - first) - tail
        guard place >= 0, place + tail <= speech.heard.count else {
            Issue.record("the track ends at \(end)")
            return
        }
        #expect(port.says(speech.heard[place..<place + tail], from: end - Int64(tail)))
    }

    @Test func `packets in order become the speech, sample by sample`() throws {
        let speech = NetworkSpeech(seconds: 2)
        let (port, first) = try converse(speech) { _ in 0 }
        #expect(port.receiver.counters.concealedSamples == 0)
        #expect(port.receiver.counters.decodedSamples == UInt64(speech.samples.count))
        expectTail(of: port, first: first, equals: speech)
    }

    @Test func `packets that overtake each other lose nothing`() throws {
        let speech = NetworkSpeech(seconds: 4)
        // The stream gets known as one with 25 ms of jitter before its last, compared part.
        let (port, first) = try converse(speech) { $0 % 4 == 1 ? 25 * ms : 0 }
        #expect(port.receiver.counters.duplicates == 0)
        #expect(port.receiver.counters.concealedPercent < 2.5)
        expectTail(of: port, first: first, equals: speech)
        #expect(port.receiver.delay.target >= 24 * ms)
    }

    @Test func `every twentieth packet lost is five per cent concealed`() throws {
        let speech = NetworkSpeech(seconds: 8)
        let (port, _) = try converse(speech) { $0 % 20 == 19 ? nil : 0 }
        #expect((4.5...5.5).contains(port.receiver.counters.concealedPercent))
        #expect(port.receiver.lost == Int64(speech.encoded.count / 160 / 20 - 1))
        #expect(port.receiver.delay.target == DelayEstimator.shortestTarget)
    }

    @Test func `a stall of the network adds no lasting delay`() throws {
        let speech = NetworkSpeech(seconds: 12)
        // Packets 400 … 409 all come together with the last of them.
        let (port, first) = try converse(speech) { (400..<410).contains($0) ? Int64(409 - $0) * 20 * ms : 0 }
        #expect(port.receiver.delay.target <= 1 * ms)
        #expect(port.receiver.counters.late >= 8)
        #expect(port.receiver.counters.reanchored == 0)
        expectTail(of: port, first: first, equals: speech)
    }

    @Test func `a way that becomes 150 ms longer is followed within 100 ms`() throws {
        let speech = NetworkSpeech(seconds: 6)
        let (port, _) = try converse(speech) { $0 < 150 ? 0 : 150 * ms }
        #expect(port.receiver.counters.reanchored == 1)
        #expect(port.receiver.delay.target <= 5 * ms)
        // All but some packets of the second half were heard.
        #expect(port.receiver.counters.late < 6)
    }

    @Test(arguments: [80, 240, 320, 480])
    func `any packet length is the same speech`(frame: Int) throws {
        let speech = NetworkSpeech(seconds: 2.4)
        let (port, first) = try converse(speech, frame: frame) { _ in 0 }
        #expect(port.receiver.counters.concealedSamples == 0)
        expectTail(of: port, first: first, equals: speech)
    }

    @Test func `the packet length may change with every packet`() throws {
        let speech = NetworkSpeech(seconds: 4)
        let port = try #require(RTPPort.forTest())
        var talker = NetworkTalker()
        var done = 0
        var step = 0
        while done + 480 <= speech.encoded.count {
            let length = [80, 160, 480, 240, 104, 320][step % 6]
            step += 1
            let packet = talker.packet(Array(speech.encoded[done..<done + length]), ticks: length)
            done += length
            let now = start + Int64(done) * 125_000
            port.hear(packet, at: now)
            port.receiver.prepare(upTo: port.receiver.safeEnd(at: now))
        }
        #expect(port.receiver.counters.concealedSamples == 0)
        #expect(port.receiver.counters.late == 0)
        #expect(port.says(speech.heard[done - 800..<done], from: 8000 + Int64(done) - 800))
    }

    @Test func `duplicates are counted and not heard`() throws {
        let speech = NetworkSpeech(seconds: 1)
        let port = try #require(RTPPort.forTest())
        var talker = NetworkTalker()
        for index in 0..<50 {
            let packet = talker.packet(Array(speech.encoded[index * 160..<index * 160 + 160]), ticks: 160)
            for copy in 0..<3 as Range<Int64> { port.hear(packet, at: start + Int64(index) * 20 * ms + copy) }
        }
        #expect(port.receiver.counters.duplicates == 100)
        #expect(port.receiver.end == 8000 + 8000)
        #expect(port.says(speech.heard[5000..<8000], from: 13_000))
    }

    @Test(arguments: [true, false])
    func `a new source or a jump of its time stamps leaves no hole and no echo`(newSource: Bool) throws {
        let speech = NetworkSpeech(seconds: 2)
        let port = try #require(RTPPort.forTest())
        var talker = NetworkTalker()
        var ends: [Int64] = []
        for index in 0..<100 {
            if index == 50 {
                talker.timestamp = 77
                if newSource {
                    talker.ssrc = 1
                    talker.sequence = 30_000
                }
            }
            let packet = talker.packet(Array(speech.encoded[index * 160..<index * 160 + 160]), ticks: 160)
            let now = start + Int64(index) * 20 * ms
            port.hear(packet, at: now)
            port.receiver.prepare(upTo: port.receiver.safeEnd(at: now))
            ends.append(port.receiver.end)
        }
        // The track kept pace with the clock, and the tail is the speech.
        #expect(abs(ends[99] - ends[0] - 99 * 160) <= 160)
        #expect(port.says(speech.heard[12_800..<16_000], from: ends[99] - 3200))
        #expect(port.receiver.counters.concealedSamples <= 3 * 160)
    }

    @Test func `a sender that pauses on purpose is silent, not concealed`() throws {
        let speech = NetworkSpeech(seconds: 1)
        let port = try #require(RTPPort.forTest())
        var talker = NetworkTalker()
        var now = start
        for index in 0..<25 {
            port.hear(talker.packet(Array(speech.encoded[index * 160..<index * 160 + 160]), ticks: 160), at: now)
            now += 20 * ms
        }
        let pause = port.receiver.end
        // Comfort noise at -40 dBov, then a second of nothing.
        port.hear(talker.raw([40], type: 13, timestamp: talker.timestamp, marker: false), at: now)
        talker.timestamp &+= 8000
        for _ in 0..<50 {
            port.receiver.prepare(upTo: port.receiver.safeEnd(at: now))
            now += 20 * ms
        }
        #expect(port.receiver.end >= pause + 7500)
        let noise = port.samples(from: port.receiver.end - 800, count: 800)
        #expect(port.receiver.counters.concealedSamples == 0)
        let power = noise.reduce(0.0) { $0 + Double($1) * Double($1) } / 800
        #expect((150.0...700).contains(power.squareRoot()))
        port.hear(talker.packet(Array(speech.encoded[0..<160]), ticks: 160, marker: true), at: now)
        #expect(port.says(speech.heard[60..<160], from: port.receiver.end - 100))
        #expect(port.receiver.counters.late == 0)
    }

    @Test func `the far end may change its codec with any packet`() throws {
        let port = try #require(RTPPort.forTest())
        var talker = NetworkTalker()
        let kinds: [(AudioCodec, UInt8)] = [(.pcmu, 0), (.g722, 9), (.pcma, 8), (.g722, 9), (.pcmu, 0)]
        var now = start
        for (codec, type) in kinds {
            let speech = NetworkSpeech(seconds: 0.4, codec: codec)
            talker.payloadType = type
            for index in 0..<20 {
                port.hear(talker.packet(Array(speech.encoded[index * 160..<index * 160 + 160]), ticks: 160), at: now)
                now += 20 * ms
            }
        }
        #expect(port.receiver.counters.unusable == 0)
        #expect(port.receiver.end == 8000 + 5 * 3200)
        for part in 0..<5 as Range<Int64> {
            let heard = port.samples(from: 8000 + 1600 + part * 3200, count: 800)
            let power = heard.reduce(0.0) { $0 + Double($1) * Double($1) } / 800
            // The ring holds half a second: only the newest are still there.
            if part >= 4 { #expect((3000.0...9000).contains(power.squareRoot())) }
        }
    }

    @Test func `lines and ends agree with each other`() throws {
        let speech = NetworkSpeech(seconds: 3)
        let (port, _) = try converse(speech) { _ in 0 }
        let receiver = port.receiver
        let now = start + 3000 * ms
        #expect(receiver.safeEnd(at: now) >= receiver.arrivedEnd)
        for ahead in [1, 160, 161, 1000] as [Int64] {
            let position = receiver.arrivedEnd + ahead
            let line = receiver.targetLine(position)
            #expect(receiver.safeEnd(at: line) >= position)
            #expect(receiver.safeEnd(at: line - ms) < position)
        }
    }

    @Test func `opus brings lost frames back where the reader is far enough behind`() throws {
        let port = try #require(RTPPort.forTest(audio: [.init(payloadType: 96, codec: .opus)]))
        var options = OpusOptions()
        options.expectedLossPercent = 30
        let encoder = try #require(AudioEncoder(.opus, opus: options))
        let speech = NetworkSpeech(seconds: 4, codec: .opus)
        var talker = NetworkTalker()
        talker.payloadType = 96
        var lost = 0
        for index in 0..<190 {
            var payload = [UInt8](repeating: 0, count: 1500)
            let count = speech.samples.withUnsafeBufferPointer { source in
                payload.withUnsafeMutableBufferPointer { target -> Int in
                    guard let from = source.baseAddress, let to = target.baseAddress else { return 0 }
                    return encoder.encode(from + index * 960, count: 960, into: to, capacity: 1500)
                }
            }
            let packet = talker.packet(Array(payload.prefix(count)), ticks: 960)
            let now = start + Int64(index) * 20 * ms
            if index % 10 == 5 {
                lost += 1
            } else {
                port.hear(packet, at: now)
            }
            port.receiver.prepare(upTo: port.receiver.safeEnd(at: now - 45 * ms))
        }
        #expect(port.receiver.lost == Int64(lost))
        #expect(port.receiver.counters.concealedSamples == 0)
        #expect(port.receiver.counters.late == 0)
        #expect(port.receiver.end >= 48_000 + 186 * 960)
    }

    @Test func `a re-INVITE with the same clock keeps the time line`() throws {
        let speech = NetworkSpeech(seconds: 1)
        let workspace = RTPWorkspace(spareBuffers: 8)
        let port = try #require(RTPPort.forTest(workspace: workspace))
        var talker = NetworkTalker()
        for index in 0..<25 {
            port.hear(
                talker.packet(Array(speech.encoded[index * 160..<index * 160 + 160]), ticks: 160),
                at: start + Int64(index) * 20 * ms)
        }
        let track = port.receiver.track
        let ssrc = port.sender.ssrc
        let streams = try #require(RTPStreams(RTPPort.parametersForTest(), workspace: workspace))
        _ = port.adopt(streams, now: start)
        #expect(port.receiver.track === track)
        #expect(port.sender.ssrc == ssrc)
        for index in 25..<50 {
            port.hear(
                talker.packet(Array(speech.encoded[index * 160..<index * 160 + 160]), ticks: 160),
                at: start + Int64(index) * 20 * ms)
        }
        #expect(port.receiver.end == 16_000)
        #expect(port.says(speech.heard[4800..<8000], from: 12_800))
    }
}
