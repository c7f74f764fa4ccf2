// SPDX-License-Identifier: Apache-2.0

import Media
import RTP
import Signals
import Testing

/// Digits as telephone events, through whole ports.
struct NetworkDigitTests {
    private let ms = NetworkTalker.ms
    private let start: Int64 = 50_000_000_000

    /// Speech, then a digit whose audio goes on underneath, then speech; `lose` says which event packets are lost.
    private func press(
        _ code: UInt8, on port: RTPPort, talker: inout NetworkTalker, at time: inout Int64, speech: NetworkSpeech,
        lose: (Int) -> Bool
    ) {
        let begin = talker.timestamp
        for step in 0..<7 {
            let isEnd = step >= 4
            let audio = step < 5
            var event = talker
            event.timestamp = begin
            let duration = UInt16(160 * min(5, step + 1))
            let packet = event.event(code, duration, end: isEnd, marker: step == 0)
            talker.sequence = event.sequence
            if !lose(step) { port.hear(packet, at: time) }
            if audio {
                // The tone of the digit itself, as some phones send it along.
                let payload = Array(speech.encoded[step * 160..<step * 160 + 160])
                port.hear(talker.packet(payload, ticks: 160), at: time)
            } else {
                port.hear(talker.packet([UInt8](repeating: 0xFF, count: 160), ticks: 160), at: time)
            }
            time += 20 * ms
        }
    }

    private func digits(_ port: RTPPort) -> [UInt8] {
        var all: [UInt8] = []
        while let digit = port.receiver.takeDigit() { all.append(digit) }
        return all
    }

    @Test(arguments: [[], [0], [1, 2, 3], [4], [4, 5, 6], [0, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6]] as [[Int]])
    func `each press counts once whatever is lost, and its tone is not heard`(lost: [Int]) throws {
        let speech = NetworkSpeech(seconds: 1)
        let port = try #require(RTPPort.forTest())
        var talker = NetworkTalker()
        var time = start
        for index in 0..<10 {
            port.hear(talker.packet(Array(speech.encoded[index * 160..<index * 160 + 160]), ticks: 160), at: time)
            time += 20 * ms
        }
        let begin = port.receiver.end
        for code in [1, 1, 9, 11] as [UInt8] {
            press(code, on: port, talker: &talker, at: &time, speech: speech) { lost.contains($0) }
            if code == 1, lost.isEmpty {
                let under = port.samples(from: port.receiver.end - 7 * 160, count: 5 * 160)
                #expect(under.allSatisfy { $0 == 0 })
            }
        }
        #expect(digits(port) == [1, 1, 9, 11])
        #expect(port.receiver.counters.concealedSamples == 0)
        #expect(port.receiver.end == begin + 28 * 160)
    }

    @Test func `after the digit the voice is heard at once`() throws {
        let speech = NetworkSpeech(seconds: 1)
        let port = try #require(RTPPort.forTest())
        var talker = NetworkTalker()
        var time = start
        for index in 0..<10 {
            port.hear(talker.packet(Array(speech.encoded[index * 160..<index * 160 + 160]), ticks: 160), at: time)
            time += 20 * ms
        }
        // The event alone, no audio beneath it, as most phones do it.
        let begin = talker.timestamp
        for step in 0..<7 {
            port.hear(
                talker.event(5, UInt16(160 * min(5, step + 1)), end: step >= 4, marker: step == 0), at: time)
            port.receiver.prepare(upTo: port.receiver.safeEnd(at: time))
            if step < 4 { time += 20 * ms }
        }
        talker.timestamp = begin &+ 800
        time += 20 * ms
        port.hear(talker.packet(Array(speech.encoded[1600..<1760]), ticks: 160, marker: true), at: time)
        #expect(digits(port) == [5])
        #expect(port.receiver.end == 8000 + 16 * 160)
        #expect(port.says(speech.heard[1600..<1760], from: 8000 + 15 * 160))
        #expect(port.samples(from: 8000 + 10 * 160, count: 800).allSatisfy { $0 == 0 })
        #expect(port.receiver.counters.concealedSamples == 0)
    }

    @Test(arguments: [AudioCodec.pcmu, .g722, .opus])
    func `digits that one port sends another one reads, with time stamps of its codec`(codec: AudioCodec) throws {
        let network = MemoryNetwork()
        let workspace = RTPWorkspace(spareBuffers: 8)
        let audio = [RTPParameters.Audio(payloadType: 96, codec: codec)]
        let one = try #require(
            RTPPort.forTest(
                network, remote: TransportAddress(ipv4: 0xC000_0201, port: 10_002), audio: audio,
                workspace: workspace))
        let two = try #require(
            RTPPort.forTest(
                network, remote: TransportAddress(ipv4: 0xC000_0201, port: 10_000), audio: audio,
                workspace: workspace))
        let inlet = PacketInlet(memory: network)
        let batch = SendBatch(packets: 16, memory: network)
        #expect(inlet.add(one))
        #expect(inlet.add(two))
        let encoder = try #require(AudioEncoder(codec))
        let samples = [Int16](repeating: 100, count: one.sender.frameSamples)
        var payload = [UInt8](repeating: 0, count: 1500)
        for code in [0, 11, 15, 5, 5] as [UInt8] { #expect(one.sender.sendDigit(code)) }
        var now = start
        var read: [UInt8] = []
        for _ in 0..<80 {
            let count = samples.withUnsafeBufferPointer { source in
                payload.withUnsafeMutableBufferPointer { target -> Int in
                    guard let from = source.baseAddress, let to = target.baseAddress else { return 0 }
                    return encoder.encode(from, count: source.count, into: to, capacity: 1500)
                }
            }
            payload.withUnsafeBufferPointer { source in
                guard let base = source.baseAddress else { return }
                one.sender.send(
                    base, byteCount: count, samples: samples.count, marker: false, now: now, through: one, into: batch)
            }
            batch.flush(now: now)
            inlet.drain(now: now)
            two.receiver.prepare(upTo: two.receiver.safeEnd(at: now))
            read += digits(two)
            now += 20 * ms
        }
        #expect(read == [0, 11, 15, 5, 5])
        #expect(!one.sender.isSendingDigits)
        #expect(two.receiver.lost == 0)
        #expect(two.receiver.counters.concealedSamples == 0)
        #expect(two.receiver.counters.reanchored == 0)
    }
}
