// SPDX-License-Identifier: Apache-2.0

/// The audio half of a test caller: RTP (RFC 3550) out on an absolute time grid, RTP in with arrival times, telephone
/// events (RFC 4733) both ways. Under the group's lock.
struct CallerSound {
    /// Nanoseconds behind the full packet intervals of CLOCK_MONOTONIC; nil for a phase by chance.
    var phase: Int64?
    private(set) var sent: Recording
    private(set) var heard: Recording
    private(set) var heardDigits = ""
    private(set) var strangePackets = 0
    private(set) var comfortNoisePackets = 0
    private(set) var opusCopies = (with: 0, all: 0)
    private(set) var reports = CallerReports()

    private let codec: CallerCodec
    private let coder: CallerCoder
    private let milliseconds: Int
    private var period: Double
    private var origin: Int64 = 0
    private var tick = 0
    private var isRunning = false
    private var speech: [Int16] = []
    private var speechAt = 0
    /// How much of the speech was said when the recordings began.
    private(set) var speechAtClear = 0
    private var isLooped = false
    private var digits: [CallerDigit] = []
    private var sequence = UInt16.random(in: 0 ... .max)
    private var timeStamp = UInt32.random(in: 0 ... .max)
    private let source = UInt32.random(in: 0 ... .max)
    private var noise = SplitMix(seed: 99)
    private var incoming: (source: UInt32, firstStamp: UInt32, offset: Int)?
    private var lastEvent: UInt32?
    private var sentOffset = 0

    init(codec: CallerCodec, milliseconds: Int) {
        self.codec = codec
        coder = CallerCoder(codec)
        self.milliseconds = milliseconds
        period = Double(milliseconds) * 1e6
        sent = Recording(rate: codec.rate)
        heard = Recording(rate: codec.rate)
    }

    private var frame: Int { codec.rate * milliseconds / 1000 }
    /// RTP clock ticks of a frame.
    private var ticks: Int { codec.clockRate * milliseconds / 1000 }

    mutating func setClockError(ppm: Double) {
        period = Double(milliseconds) * 1e6 * (1 - ppm * 1e-6)
    }

    mutating func speak(_ samples: [Int16], loop: Bool) {
        speech = samples
        speechAt = 0
        isLooped = loop
    }

    var isPressing: Bool { !digits.isEmpty }

    mutating func press(_ text: String) {
        let packets = max(3, 100 / milliseconds)
        let pause = max(2, 80 / milliseconds)
        for character in text {
            guard let event = Self.events.firstIndex(of: character) else { continue }
            digits.append(CallerDigit(event: UInt8(event), packets: packets, pause: pause))
        }
    }

    mutating func clear() {
        sentOffset = tick * frame
        speechAtClear = speechAt
        sent = Recording(rate: codec.rate)
        if var line = incoming {
            line.offset = 0
            line.firstStamp = line.firstStamp &+ UInt32(heard.samples.count * codec.clockRate / codec.rate)
            incoming = line
        }
        heard = Recording(rate: codec.rate)
    }

    /// Begins to send with the first grid point after `now`.
    mutating func start(_ now: Int64) {
        let grid = Int64(period)
        let place = phase ?? Int64.random(in: 0..<grid)
        origin = (now / grid + 1) * grid + place
        tick = 0
        sentOffset = 0
        isRunning = true
        incoming = nil
        sent = Recording(rate: codec.rate)
        heard = Recording(rate: codec.rate)
    }

    private var due: Int64 { origin + Int64(Double(tick) * period) }

    /// Sends what is due; returns when the next packet is.
    mutating func send(
        _ now: Int64, from socket: UDPSocket, to remote: SocketAddress, events: UInt8?, thread: CallerThread
    ) -> Int64 {
        guard isRunning else { return now + 1_000_000_000 }
        while due <= now {
            let samples = nextSpeech()
            // A digit takes the place of the speech (RFC 4733 section 2.5.1.2).
            if var digit = digits.first, let events {
                let step = digit.step(ticks: ticks)
                for copy in 0..<step.copies where step.isSent {
                    if copy > 0 { sequence &+= 1 }
                    socket.send(
                        header(type: events, mark: digit.isFirst, stamp: digit.start ?? timeStamp) + step.payload,
                        to: remote)
                    if digit.start == nil { digit.start = timeStamp }
                }
                if step.isSent {
                    sequence &+= 1
                } else {
                    sendAudio(samples, from: socket, to: remote, thread: thread)
                }
                digit.isFirst = false
                if step.isOver { digits.removeFirst() } else { digits[0] = digit }
            } else {
                digits.removeAll(where: { _ in events == nil })
                sendAudio(samples, from: socket, to: remote, thread: thread)
            }
            timeStamp &+= UInt32(ticks)
            tick += 1
        }
        return due
    }

    private mutating func sendAudio(
        _ samples: [Int16], from socket: UDPSocket, to remote: SocketAddress, thread: CallerThread
    ) {
        let bytes = header(type: codec.payloadType, mark: tick == 0, stamp: timeStamp) + coder.encode(samples)
        let time = MonotonicClock.now
        socket.send(bytes, to: remote)
        thread.note(late: time - due)
        sent.put(samples, at: tick * frame - sentOffset, time: time)
        sequence &+= 1
    }

    private mutating func nextSpeech() -> [Int16] {
        var samples = [Int16](repeating: 0, count: frame)
        for index in 0..<frame {
            if speechAt >= speech.count, isLooped { speechAt = 0 }
            if speechAt < speech.count {
                samples[index] = speech[speechAt]
                speechAt += 1
            } else {
                samples[index] = Int16(truncatingIfNeeded: Int(noise.next() & 15) - 8)
            }
        }
        return samples
    }

    private func header(type: UInt8, mark: Bool, stamp: UInt32) -> [UInt8] {
        var bytes: [UInt8] = [0x80, type | (mark ? 0x80 : 0), UInt8(sequence >> 8), UInt8(sequence & 0xFF)]
        for value in [stamp, source] {
            for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
        }
        return bytes
    }

    /// Sends the receiver report that is due.
    mutating func report(_ now: Int64, from socket: UDPSocket, to remote: SocketAddress) {
        if let bytes = reports.due(now, own: source) { socket.send(bytes, to: remote) }
    }

    /// Takes a datagram from the media port.
    mutating func hear(_ datagram: UDPSocket.Datagram, events: UInt8?) {
        let bytes = datagram.bytes
        guard bytes.count >= 12, bytes[0] >> 6 == 2 else { return }
        if (192...223).contains(bytes[1]) {
            reports.hear(bytes, at: datagram.arrival)
            return
        }
        let type = bytes[1] & 0x7F
        var start = 12 + 4 * Int(bytes[0] & 15)
        if bytes[0] & 0x10 != 0 {
            guard bytes.count >= start + 4 else { return }
            start += 4 + 4 * (Int(bytes[start + 2]) << 8 | Int(bytes[start + 3]))
        }
        var end = bytes.count
        if bytes[0] & 0x20 != 0 { end -= Int(bytes[end - 1]) }
        guard end > start else { return }
        let stamp = bytes[4..<8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let sender = bytes[8..<12].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        reports.take(sequence: UInt16(bytes[2]) << 8 | UInt16(bytes[3]), source: sender)
        if type == events, type != codec.payloadType {
            if lastEvent != stamp, Int(bytes[start]) < Self.events.count {
                lastEvent = stamp
                heardDigits.append(Self.events[Int(bytes[start])])
            }
            return
        }
        if type == 13 {
            comfortNoisePackets += 1
            return
        }
        guard type == codec.payloadType else {
            strangePackets += 1
            return
        }
        if codec == .opus {
            opusCopies.all += 1
            if CallerCodec.hasCopy(bytes[start..<end]) { opusCopies.with += 1 }
        }
        if incoming == nil || incoming?.source != sender {
            incoming = (sender, stamp, heard.samples.count)
        }
        guard let line = incoming else { return }
        let since = Int(Int32(bitPattern: stamp &- line.firstStamp)) * codec.rate / codec.clockRate
        heard.put(coder.decode(bytes[start..<end]), at: since + line.offset, time: datagram.arrival, payloadType: type)
    }

    private static let events: [Character] = Array("0123456789*#ABCD")
}

/// A digit on its way out.
struct CallerDigit {
    let event: UInt8
    let packets: Int
    let pause: Int
    var start: UInt32?
    var isFirst = true
    private var sentPackets = 0

    init(event: UInt8, packets: Int, pause: Int) {
        self.event = event
        self.packets = packets
        self.pause = pause
    }

    struct Step {
        var payload: [UInt8] = []
        var copies = 0
        var isSent: Bool { copies > 0 }
        var isOver = false
    }

    /// The next packet: the last one three times with the end bit (RFC 4733 section 2.5.1.4), then the pause.
    mutating func step(ticks: Int) -> Step {
        sentPackets += 1
        guard sentPackets <= packets else { return Step(isOver: sentPackets >= packets + pause) }
        let isLast = sentPackets == packets
        let duration = sentPackets * ticks
        return Step(
            payload: [
                event, (isLast ? 0x80 : 0) | 10, UInt8(truncatingIfNeeded: duration >> 8),
                UInt8(truncatingIfNeeded: duration),
            ],
            copies: isLast ? 3 : 1)
    }
}
