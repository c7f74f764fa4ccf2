// SPDX-License-Identifier: Apache-2.0

import Signals

/// What a codec costs: microseconds of this core for a frame of 20 ms. Medians of many rounds, so that a machine with other
/// work on it still gives a figure; only the ratios are worth much.
struct CodecCost: Codable {
    var codec: String
    var encode: Double
    var decode: Double
    var conceal: Double
}

/// Measures every codec and the detectors, and prints a table.
func runCodecBench() {
    BenchOutput.line("Codecs, microseconds per frame of 20 ms (one core; synthetic speech)")
    var rows: [[String]] = []
    for codec in AudioCodec.all where codec.kind != .opus {
        if let cost = codecCost(codec) { rows.append(row(cost)) }
    }
    for complexity in [0, 3, 5, 10] {
        var options = OpusOptions()
        options.complexity = complexity
        if var cost = codecCost(.opus, options) {
            cost.codec = "opus, complexity \(complexity)"
            rows.append(row(cost))
        }
    }
    BenchOutput.table(["codec", "encode", "decode", "conceal"], rows)
    BenchOutput.line()
    BenchOutput.table(
        ["digits in band", "8 kHz", "16 kHz", "48 kHz"],
        [["detect and remove"] + [8000, 16_000, 48_000].map { BenchOutput.number(digitCost($0), 2) }])
}

private func row(_ cost: CodecCost) -> [String] {
    [cost.codec] + [cost.encode, cost.decode, cost.conceal].map { BenchOutput.number($0, 2) }
}

func codecCost(_ codec: AudioCodec, _ options: OpusOptions = OpusOptions()) -> CodecCost? {
    guard let encoder = AudioEncoder(codec, opus: options), let decoder = AudioDecoder(codec) else { return nil }
    let frame = codec.sampleRate / 50
    let speech = syntheticSpeech(rate: codec.sampleRate, seconds: 2)
    let frames = speech.count / frame
    let capacity = codec.maximumPayloadBytes
    var payloads = [UInt8](repeating: 0, count: frames * capacity)
    var lengths = [Int](repeating: 0, count: frames)
    var output = [Int16](repeating: 0, count: codec.longestPayload)
    let encode = microseconds(rounds: 9, per: frames) {
        speech.withUnsafeBufferPointer { source in
            payloads.withUnsafeMutableBufferPointer { target in
                guard let source = source.baseAddress, let target = target.baseAddress else { return }
                for index in 0..<frames {
                    lengths[index] = encoder.encode(
                        source + index * frame, count: frame, into: target + index * capacity, capacity: capacity)
                }
            }
        }
    }
    let decode = microseconds(rounds: 9, per: frames) {
        payloads.withUnsafeBufferPointer { source in
            guard let source = source.baseAddress else { return }
            for index in 0..<frames {
                _ = decoder.decode(
                    source + index * capacity, count: lengths[index], into: &output, capacity: output.count)
            }
        }
    }
    let conceal = microseconds(rounds: 9, per: 10) {
        // Each loss begins anew: the pitch search is what costs.
        for index in 0..<10 {
            payloads.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress else { return }
                _ = decoder.decode(
                    source + index * capacity, count: lengths[index], into: &output, capacity: output.count)
            }
            decoder.conceal(frame, into: &output)
        }
    }
    return CodecCost(codec: codec.name, encode: encode, decode: decode, conceal: max(0, conceal - decode))
}

/// Detector and suppressor over speech, microseconds per 20 ms.
func digitCost(_ rate: Int) -> Double? {
    guard let receiver = DigitReceiver(sampleRate: rate) else { return nil }
    var speech = syntheticSpeech(rate: rate, seconds: 2)
    let frame = rate / 50
    let frames = speech.count / frame
    return microseconds(rounds: 9, per: frames) {
        speech.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            for index in 0..<frames { _ = receiver.process(base + index * frame, count: frame, removes: true) }
        }
    }
}

/// Median time of `work`, divided by `per`.
func microseconds(rounds: Int, per: Int, _ work: () -> Void) -> Double {
    let clock = ContinuousClock()
    work()
    let times = (0..<max(1, rounds)).map { _ in
        let time = clock.measure(work).components
        return Double(time.seconds) * 1e6 + Double(time.attoseconds) / 1e12
    }
    return times.sorted()[times.count / 2] / Double(max(1, per))
}
