// SPDX-License-Identifier: Apache-2.0
// RIFF/WAVE: "Multimedia Programming Interface and Data Specifications 1.0", and RFC 2361 for the format tags.

import Signals
import Telephony

/// What is wrong with a WAV file.
package enum WAVError: Error, Sendable, Hashable, CustomStringConvertible {
    case notRIFF
    case noFormat
    case noData
    case unsupported(format: Int, bits: Int, channels: Int)
    case badRate(Int)
    case tooLong(seconds: Int)

    package var description: String { obstacle.description }

    var obstacle: Obstacle {
        switch self {
        case .notRIFF: Obstacle("this is no WAV file", remedy: "convert it, e.g. with sox")
        case .noFormat: Obstacle("the WAV file has no format chunk", remedy: "convert it anew")
        case .noData: "the WAV file has no samples"
        case .unsupported(let format, let bits, let channels):
            Obstacle(
                "WAV format \(format) with \(bits) bits and \(channels) channels is not known",
                remedy: "use PCM of 8, 16, 24 or 32 bits, float or G.711, mono or stereo")
        case .badRate(let rate): Obstacle("a rate of \(rate) Hz is not taken", remedy: "use 4000 to 192000")
        case .tooLong(let seconds): Obstacle("\(seconds) s are too long", remedy: "cut it to an hour")
        }
    }
}

/// The audio of a WAV file, made mono. Positions outside of the file, sizes that lie and samples that are no numbers do no harm.
package struct WAVAudio: Sendable, Hashable {
    package var sampleRate: Int
    package var samples: [Int16]

    package init(sampleRate: Int, samples: [Int16]) {
        self.sampleRate = sampleRate
        self.samples = samples
    }

    /// Reads a whole file.
    package init(_ bytes: [UInt8]) throws(WAVError) {
        guard bytes.count >= 12, Self.tag(bytes, 0) == "RIFF", Self.tag(bytes, 8) == "WAVE" else { throw .notRIFF }
        var place = 12
        var format: Format?
        while place + 8 <= bytes.count {
            let name = Self.tag(bytes, place)
            // Programs that write into a pipe leave the size open (0 or 0xFFFFFFFF): then it goes on to the end.
            let told = Self.number(bytes, place + 4, 4)
            let rest = bytes.count - place - 8
            let isOpen = name == "data" && (told == 0 || told >= 0x7FFF_F000)
            let size = isOpen ? rest : min(told, rest)
            if name == "fmt " {
                format = try Format(bytes, at: place + 8, size: size)
            } else if name == "data" {
                guard let format else { throw .noFormat }
                self = try format.read(bytes[(place + 8)..<(place + 8 + size)])
                return
            }
            place += 8 + size + size % 2
        }
        throw format == nil ? .noFormat : .noData
    }

    private static func tag(_ bytes: [UInt8], _ place: Int) -> String {
        String(decoding: bytes[place..<place + 4], as: UTF8.self)
    }

    fileprivate static func number(_ bytes: [UInt8], _ place: Int, _ size: Int) -> Int {
        (0..<size).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }
}

/// The format chunk.
private struct Format {
    private enum Coding { case unsigned8, signed(bytes: Int), float32, float64, law(G711.Law) }

    private let coding: Coding
    private let bytes: Int
    private let channels: Int
    private let rate: Int

    init(_ file: [UInt8], at place: Int, size: Int) throws(WAVError) {
        guard size >= 16 else { throw .noFormat }
        var kind = WAVAudio.number(file, place, 2)
        let channels = WAVAudio.number(file, place + 2, 2)
        let rate = WAVAudio.number(file, place + 4, 4)
        let bits = WAVAudio.number(file, place + 14, 2)
        // The extensible format hides the real one in the first two bytes of a GUID.
        if kind == 0xFFFE, size >= 26 { kind = WAVAudio.number(file, place + 24, 2) }
        switch (kind, bits) {
        case (1, 8): coding = .unsigned8
        case (1, 16), (1, 24), (1, 32): coding = .signed(bytes: bits / 8)
        case (3, 32): coding = .float32
        case (3, 64): coding = .float64
        case (6, 8): coding = .law(.a)
        case (7, 8): coding = .law(.mu)
        default: throw .unsupported(format: kind, bits: bits, channels: channels)
        }
        guard channels >= 1, channels <= 8 else { throw .unsupported(format: kind, bits: bits, channels: channels) }
        guard (4000...192_000).contains(rate) else { throw .badRate(rate) }
        bytes = bits / 8
        self.channels = channels
        self.rate = rate
    }

    func read(_ data: ArraySlice<UInt8>) throws(WAVError) -> WAVAudio {
        let count = data.count / (bytes * channels)
        guard count > 0 else { throw .noData }
        guard count / rate <= 3600 else { throw .tooLong(seconds: count / rate) }
        G711.prepare()
        var samples: [Int16] = []
        samples.reserveCapacity(count)
        data.withUnsafeBytes { raw in
            for frame in 0..<count {
                var sum: Float = 0
                for channel in 0..<channels { sum += sample(raw, (frame * channels + channel) * bytes) }
                let value = (sum / Float(channels)).rounded()
                samples.append(value.isFinite ? Int16(max(-32_768, min(32_767, value))) : 0)
            }
        }
        return WAVAudio(sampleRate: rate, samples: samples)
    }

    /// One sample, full scale 32768.
    private func sample(_ raw: UnsafeRawBufferPointer, _ place: Int) -> Float {
        switch coding {
        case .unsigned8: return (Float(raw[place]) - 128) * 256
        case .signed(let bytes):
            // Into the upper end of 32 bits, which keeps the sign.
            var value: UInt32 = 0
            for index in 0..<bytes { value |= UInt32(raw[place + index]) << UInt32(8 * (4 - bytes + index)) }
            return Float(Int32(bitPattern: value)) / 65_536
        case .float32:
            let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(raw[place + $1]) << UInt32(8 * $1) }
            return Float(bitPattern: bits) * 32_768
        case .float64:
            let bits = (0..<8).reduce(UInt64(0)) { $0 | UInt64(raw[place + $1]) << UInt64(8 * $1) }
            return Float(Double(bitPattern: bits) * 32_768)
        case .law(let law):
            var code = raw[place]
            var value: Int16 = 0
            G711.decode(&code, count: 1, law: law, into: &value)
            return Float(value)
        }
    }
}
