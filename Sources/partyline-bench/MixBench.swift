// SPDX-License-Identifier: Apache-2.0

import CBenchKernels
import Media
import PartylineTestKit
import RealTime
import Signals

/// What mixing costs, in nanoseconds per participant and frame of 20 ms.
struct MixCost: Codable {
    var participants: Int
    /// The plain way in C.
    var plainC: Double
    /// Ours, when everybody talks: the same work.
    var everybodyTalks: Double
    /// Ours, when three talk and all others hear the same.
    var threeTalk: Double
    /// The mixer itself, from packets that have come to packets that go, everybody talking: besides the same work also deadlines,
    /// steering, jitter buffer, activity, meters, headers.
    var mixer: Double
    /// Whether all of them made the same bytes.
    var agrees: Bool

    /// Of our cost to C's, for the same work.
    var ratio: Double { everybodyTalks / plainC }
    /// The same of the whole mixer.
    var mixerRatio: Double { mixer / plainC }
}

/// Compares the mix kernels of this project with the plain C way, on the same work: mu-law in, everybody's sum without
/// himself out, mu-law again. The ways take turns within each round, so that what else the machine does meets them all; the
/// medians count.
func measureMix(_ participants: [Int], rounds: Int = 15) -> [MixCost] {
    participants.map { people in
        let bench = MixBench(people: people)
        let mixer = bench.mixer()
        // What it held too much of at the beginning is gone by then.
        for _ in 0..<300 { _ = mixer.pass() }
        let agrees = bench.agrees(with: mixer)
        var plain = Percentiles()
        var own = Percentiles()
        var shared = Percentiles()
        var whole = Percentiles()
        for _ in 0..<rounds {
            plain.add(bench.time { bench.plain() })
            own.add(bench.time { bench.own() })
            shared.add(bench.time { bench.shared() })
            let turns = max(10, 2_000 / people)
            var spent: Int64 = 0
            for _ in 0..<turns { spent += mixer.pass() }
            whole.add(Double(spent) / Double(turns * people))
        }
        return MixCost(
            participants: people, plainC: plain.median ?? 0, everybodyTalks: own.median ?? 0,
            threeTalk: shared.median ?? 0, mixer: whole.median ?? 0, agrees: agrees)
    }
}

private final class MixBench {
    private let people: Int
    private let count = 160
    private let input: UnsafeMutablePointer<UInt8>
    private let output: UnsafeMutablePointer<UInt8>
    private let plainOutput: UnsafeMutablePointer<UInt8>
    private let decoded: UnsafeMutablePointer<Int16>
    private let sum: UnsafeMutablePointer<Int32>
    private let own1: UnsafeMutablePointer<Int32>
    private let narrow: UnsafeMutablePointer<Int16>
    private let decodeTable: UnsafeMutablePointer<Int16>
    private let encodeTable: UnsafeMutablePointer<UInt8>

    init(people: Int) {
        self.people = people
        let total = people * count
        input = .allocate(capacity: total)
        output = .allocate(capacity: total)
        plainOutput = .allocate(capacity: total)
        decoded = .allocate(capacity: total)
        sum = .allocate(capacity: count)
        own1 = .allocate(capacity: count)
        narrow = .allocate(capacity: count)
        decodeTable = .allocate(capacity: 256)
        encodeTable = .allocate(capacity: 16_384)
        output.initialize(repeating: 0, count: total)
        plainOutput.initialize(repeating: 0, count: total)
        decoded.initialize(repeating: 0, count: total)
        sum.initialize(repeating: 0, count: count)
        own1.initialize(repeating: 0, count: count)
        narrow.initialize(repeating: 0, count: count)
        G711.prepare()
        let codes = (0..<256).map { UInt8($0) }
        G711.decode(codes, count: 256, law: .mu, into: decodeTable)
        let levels = (0..<16_384).map { Int16(truncatingIfNeeded: ($0 - 8192) * 4) }
        G711.encode(levels, count: 16_384, law: .mu, into: encodeTable)
        // Quiet speech-like noise: codes of small magnitude.
        var state: UInt32 = 1
        for index in 0..<total {
            state = state &* 1_664_525 &+ 1_013_904_223
            input[index] = UInt8(truncatingIfNeeded: state >> 24) | 0x60
        }
    }

    deinit {
        input.deallocate()
        output.deallocate()
        plainOutput.deallocate()
        decoded.deallocate()
        sum.deallocate()
        own1.deallocate()
        narrow.deallocate()
        decodeTable.deallocate()
        encodeTable.deallocate()
    }

    func time(_ work: () -> Void) -> Double {
        let repeats = max(1, 4000 / people)
        return microseconds(rounds: 1, per: repeats * people) { for _ in 0..<repeats { work() } } * 1000
    }

    func plain() {
        partyline_bench_mix(
            input, plainOutput, decoded, sum, decodeTable, encodeTable, Int32(people), Int32(count))
    }

    /// Everybody talks: an own sum and an own encoding each.
    func own() {
        gather(people)
        for person in 0..<people { emit(person, to: output + person * count) }
    }

    /// Three talk: these get their own, all others share one.
    func shared() {
        gather(min(3, people))
        for person in 0..<min(3, people) { emit(person, to: output + person * count) }
        guard people > 3 else { return }
        encode(sum, to: output + 3 * count)
        for person in 4..<max(4, people) { (output + person * count).update(from: output + 3 * count, count: count) }
    }

    func mixer() -> MixWorkbench { MixWorkbench(people: people, said: input) }

    /// The mixer may cut its frames elsewhere than those who speak: the packet that repeats comes out turned.
    func agrees(with mixer: MixWorkbench) -> Bool {
        plain()
        own()
        guard (0..<people * count).allSatisfy({ output[$0] == plainOutput[$0] }) else { return false }
        return (0..<people).allSatisfy { person in
            let heard = mixer.heard(by: person)
            let wanted = plainOutput + person * count
            return (0..<count).contains { turn in
                (0..<count).allSatisfy { heard[$0] == wanted[($0 + turn) % count] }
            }
        }
    }

    private func gather(_ talkers: Int) {
        sum.update(repeating: 0, count: count)
        for person in 0..<talkers {
            let samples = decoded + person * count
            G711.decode(input + person * count, count: count, law: .mu, into: samples)
            MixKernels.add(samples, to: sum, count: count)
        }
    }

    private func emit(_ person: Int, to bytes: UnsafeMutablePointer<UInt8>) {
        own1.update(from: sum, count: count)
        MixKernels.subtract(decoded + person * count, from: own1, count: count)
        encode(own1, to: bytes)
    }

    private func encode(_ bus: UnsafeMutablePointer<Int32>, to bytes: UnsafeMutablePointer<UInt8>) {
        for index in 0..<count {
            narrow[index] = Int16(truncatingIfNeeded: max(-32_768, min(32_767, bus[index])))
        }
        G711.encode(narrow, count: count, law: .mu, into: bytes)
    }
}
