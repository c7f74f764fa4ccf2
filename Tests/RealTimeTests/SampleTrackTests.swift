// SPDX-License-Identifier: Apache-2.0
import RealTime
import Testing

@Suite struct SampleTrackTests {
    private func read(_ track: SampleTrack, _ position: Int64, _ count: Int) -> [Int16] {
        var samples = [Int16](repeating: 77, count: count)
        track.copy(from: position, count: count, into: &samples)
        return samples
    }

    @Test func `what was never written reads as silence, gaps too`() {
        let track = SampleTrack(sampleRate: 8000, milliseconds: 100)
        track.write(at: 1000, count: 3, from: [1, 2, 3])
        track.write(at: 1006, count: 2, from: [7, 8])
        #expect(track.end == 1008)
        #expect(read(track, 998, 12) == [0, 0, 1, 2, 3, 0, 0, 0, 7, 8, 0, 0])
        #expect(read(track, -5, 3) == [0, 0, 0])
        #expect(read(track, 1 << 40, 2) == [0, 0])
    }

    @Test func `a late packet takes its place, one that is too late is dropped`() {
        let track = SampleTrack(sampleRate: 8000, milliseconds: 100)
        let ones = [Int16](repeating: 1, count: 160)
        for packet in 0..<20 where packet != 17 { track.write(at: Int64(packet * 160), count: 160, from: ones) }
        #expect(read(track, 17 * 160, 2) == [0, 0])
        track.write(at: 17 * 160, count: 160, from: ones)
        #expect(read(track, 17 * 160, 160) == ones)
        track.write(at: 0, count: 160, from: ones)
        #expect(read(track, 0, 2) == [0, 0])
        #expect(track.end == 3200)
    }

    @Test func `random writes and reads agree with a plain array`() {
        let track = SampleTrack(sampleRate: 8000, milliseconds: 60)
        var model = [Int16](repeating: 0, count: 40_000)
        var state: UInt64 = 1
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var newest = 0
        for _ in 0..<2000 {
            let position = max(0, newest + random(300) - 120)
            let count = 1 + random(170)
            guard position + count < model.count else { break }
            let samples = (0..<count).map { _ in Int16(random(2000) - 1000) }
            let oldest = Int(track.begin)
            track.write(at: Int64(position), count: count, from: samples)
            for index in 0..<count where position + index >= oldest || position >= newest - 300 {
                model[position + index] = samples[index]
            }
            newest = max(newest, position + count)
            let start = Int(track.begin)
            #expect(read(track, Int64(start), newest - start) == Array(model[start..<newest]))
        }
        #expect(newest > 10_000)
    }

    @Test func `speech opens in its first block, steady noise closes, digital silence is nothing`() {
        let track = SampleTrack(sampleRate: 8000)
        var state: UInt64 = 9
        var position: Int64 = 0
        func write(_ amplitude: Int, blocks: Int) {
            for _ in 0..<blocks {
                let samples = (0..<40).map { _ -> Int16 in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return amplitude == 0 ? 0 : Int16(Int(state >> 33) % (2 * amplitude) - amplitude)
                }
                track.write(at: position, count: 40, from: samples)
                position += 40
            }
        }
        write(0, blocks: 50)
        #expect(!track.isActive(from: position - 400, count: 400))
        // Hiss of about -54 dBm0: heard until it is proven to be noise.
        write(60, blocks: 100)
        #expect(track.isActive(from: position - 400, count: 400))
        write(60, blocks: 700)
        #expect(!track.isActive(from: position - 400, count: 400))
        // 4 ms of speech over it: the block in which it begins is open.
        let start = position
        write(3000, blocks: 1)
        #expect(track.isActive(from: start, count: 40))
        #expect(track.activity.isTalking)
        write(60, blocks: 20)
        #expect(track.isActive(from: position - 40, count: 40))
        write(60, blocks: 80)
        #expect(!track.isActive(from: position - 40, count: 40))
    }

    @Test func `a steady tone is never taken for noise`() {
        let track = SampleTrack(sampleRate: 8000)
        for block in 0..<2000 {
            let samples = (0..<40).map { Int16(($0 + block * 40) % 16 < 8 ? 1200 : -1200) }
            track.write(at: Int64(block * 40), count: 40, from: samples)
        }
        #expect(track.isActive(from: 2000 * 40 - 400, count: 400))
    }
}
