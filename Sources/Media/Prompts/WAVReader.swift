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

    /// Reads a whole file that is in memory.
    package init(_ bytes: [UInt8]) throws(WAVError) {
        let layout = try WAVLayout(size: bytes.count) { place, count in bytes[place..<place + count] }
        let format = layout.format
        let frames = layout.frames
        guard frames / format.rate <= 3600 else { throw .tooLong(seconds: frames / format.rate) }
        samples = []
        samples.reserveCapacity(frames)
        sampleRate = format.rate
        bytes[layout.data].withUnsafeBytes { raw in
            for frame in 0..<frames { samples.append(format.mono(raw, frame)) }
        }
    }
}

/// Where the samples of a WAV file lie, and as what.
struct WAVLayout: Sendable {
    let format: WAVFormat
    /// Bytes of the file.
    let data: Range<Int>
    var frames: Int { data.count / format.frameBytes }

    /// Files with more chunks than that before their samples are no sounds.
    private static let mostChunks = 1000

    /// `read` gives `count` bytes from `place` on, all of them within `size`.
    init(size total: Int, read: (_ place: Int, _ count: Int) -> ArraySlice<UInt8>) throws(WAVError) {
        func tag(_ place: Int) -> String { String(decoding: read(place, 4), as: UTF8.self) }
        func number(_ place: Int) -> Int { WAVFormat.number(read(place, 4), 0, 4) }
        guard total >= 12, tag(0) == "RIFF", tag(8) == "WAVE" else { throw .notRIFF }
        var place = 12
        var format: WAVFormat?
        var chunks = 0
        while place + 8 <= total, chunks < Self.mostChunks {
            let name = tag(place)
            // Programs that write into a pipe leave the size open (0 or 0xFFFFFFFF): then it goes on to the end.
            let told = number(place + 4)
            let rest = total - place - 8
            let isOpen = name == "data" && (told == 0 || told >= 0x7FFF_F000)
            let size = isOpen ? rest : min(told, rest)
            if name == "fmt " {
                format = try WAVFormat(read(place + 8, min(size, 40)))
            } else if name == "data" {
                guard let format else { throw .noFormat }
                self.format = format
                data = (place + 8)..<(place + 8 + size)
                guard frames > 0 else { throw .noData }
                return
            }
            place += 8 + size + size % 2
            chunks += 1
        }
        throw format == nil ? .noFormat : .noData
    }
}

/// The format chunk.
struct WAVFormat: Sendable {
    private enum Coding: Sendable { case unsigned8, signed(bytes: Int), float32, float64, law(G711.Law) }

    private let coding: Coding
    private let bytes: Int
    private let channels: Int
    let rate: Int
    var frameBytes: Int { bytes * channels }

    static func number(_ bytes: ArraySlice<UInt8>, _ place: Int, _ size: Int) -> Int {
        (0..<size).reduce(0) { $0 | Int(bytes[bytes.startIndex + place + $1]) << (8 * $1) }
    }

    init(_ chunk: ArraySlice<UInt8>) throws(WAVError) {
        guard chunk.count >= 16 else { throw .noFormat }
        var kind = Self.number(chunk, 0, 2)
        let channels = Self.number(chunk, 2, 2)
        let rate = Self.number(chunk, 4, 4)
        let bits = Self.number(chunk, 14, 2)
        // The extensible format hides the real one in the first two bytes of a GUID.
        if kind == 0xFFFE, chunk.count >= 26 { kind = Self.number(chunk, 24, 2) }
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
        if case .law = coding { G711.prepare() }
        bytes = bits / 8
        self.channels = channels
        self.rate = rate
    }

    /// The mean of the channels of one frame; `raw` starts with frame 0.
    func mono(_ raw: UnsafeRawBufferPointer, _ frame: Int) -> Int16 {
        var sum: Float = 0
        for channel in 0..<channels { sum += sample(raw, (frame * channels + channel) * bytes) }
        let value = (sum / Float(channels)).rounded()
        return value.isFinite ? Int16(max(-32_768, min(32_767, value))) : 0
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
