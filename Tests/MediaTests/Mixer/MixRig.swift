// SPDX-License-Identifier: Apache-2.0
import PartylineTestKit
import RTP
import RealTime
import Signals
import Telephony

@testable import Media

/// A conversation through the real mix loop in virtual time: phones that send and record, mixes, and a clock that is
/// stepped from deadline to deadline.
final class MixRig {
    let options: MixOptions
    let queues: MixQueues
    let loop: MixLoop
    let memory: MemoryNetwork
    let workspace = RTPWorkspace(spareBuffers: 256)
    private(set) var now: Int64 = 1_000_000_000
    private(set) var phones: [Phone] = []
    private var byNumber: [Int32: Phone] = [:]
    private(set) var events: [MixEvent] = []
    private var nextSlot: UInt32 = 0
    var cards: [VirtualCard] = []

    init(_ options: MixOptions = MixOptions(), ports: Int = 256) {
        var options = options
        options.ports = max(ports, 8)
        options.mixes = 64
        options.players = 64
        self.options = options
        memory = MemoryNetwork(capacity: 8192, ports: ports)
        queues = MixQueues(capacity: options.ports + options.mixes + options.players)
        loop = MixLoop(
            options: options, queues: queues,
            network: MixNetwork(inlet: PacketInlet(memory: memory), batch: SendBatch(memory: memory)))
        memory.onSend = { [unowned self] number, _, packet, time in byNumber[number]?.hear(packet, at: time) }
    }

    func send(_ command: MixCommand) { _ = queues.send(command) }

    func makeMix() -> MixID {
        nextSlot += 1
        let id = MixID(slot: nextSlot % 64, generation: nextSlot)
        send(.openMix(.passRetained(Mix(id: id))))
        return id
    }

    /// A phone whose packets arrive `phase` ns after each multiple of its frame; `drift` in ppm of its clock.
    func makePhone(
        _ codec: AudioCodec = .pcmu, phase: Int64 = 0, frame: Int = 20, ppm: Double = 0, jitter: Int64 = 0,
        opus: OpusOptions = OpusOptions(), comfortNoise: Bool = false, receives: Bool = true
    ) -> Phone {
        let number = UInt32(phones.count)
        let remote = TransportAddress(ipv4: 0x0A00_0001 + number, port: 4000)
        let payloadType = codec.staticPayloadType ?? 111
        var parameters = RTPParameters(
            audio: [RTPParameters.Audio(payloadType: payloadType, codec: codec)], remote: remote)
        parameters.frameMilliseconds = frame
        if comfortNoise { parameters.comfortNoise = 13 }
        parameters.receives = receives
        guard let rtp = memory.open(parameters, workspace: workspace),
            let streams = RTPStreams(parameters, workspace: workspace), let encoder = AudioEncoder(codec, opus: opus)
        else { fatalError("no phone") }
        let port = MixPort(id: PortID(slot: number, generation: 1), rtp: rtp)
        send(.openPort(.passRetained(port)))
        send(
            .configure(
                port.id,
                .passRetained(PortConfiguration(streams: streams, encoder: encoder, frame8: frame * 8))))
        let phone = Phone(
            port: port, rtp: rtp, codec: codec, payloadType: payloadType, remote: remote, frame: frame,
            next: now + phase, ppm: ppm, jitter: jitter, seed: UInt64(number) + 1)
        phones.append(phone)
        byNumber[rtp.socket] = phone
        return phone
    }

    func join(_ phones: [Phone], _ mix: MixID) {
        for phone in phones {
            send(.add(.port(phone.id), mix))
            send(.listen(phone.id, mix))
        }
    }

    /// Runs for so long. `stall`: the mix thread sleeps through this time, the world goes on.
    func run(milliseconds: Int, stall: Bool = false) {
        let end = now + Int64(milliseconds) * 1_000_000
        while now < end {
            for phone in phones { phone.send(upTo: min(end, now + 20_000_000), into: memory) }
            if stall {
                now = end
                break
            }
            for card in cards { card.now = now }
            let next = loop.step(now: now)
            while let event = queues.nextEvent() { events.append(event) }
            queues.freeRetired()
            now = min(end, max(now + 1000, next))
        }
    }

    /// Lets the phones send what arrives until then.
    func feed(until end: Int64) {
        for phone in phones { phone.send(upTo: end, into: memory) }
    }

    func advance(to time: Int64) {
        while let event = queues.nextEvent() { events.append(event) }
        queues.freeRetired()
        now = time
        for card in cards { card.now = time }
    }

    func counters() -> MixCounters { loop.counters }
}

/// A far end: sends frames on its own clock, and records what it hears with the time at which it left.
final class Phone {
    let port: MixPort
    let rtp: RTPPort
    let codec: AudioCodec
    let payloadType: UInt8
    let remote: TransportAddress
    let frameSamples: Int
    var id: PortID { port.id }
    /// What it says: sample by its own count. Nil: it sends silence.
    var voice: ((Int64) -> Int16)?
    var isSending = true
    /// It sends nothing, and does not count what it does not send (DTX).
    var pauses = false
    /// Every such packet is lost.
    var lossEvery = 0
    /// What its packets go through.
    var path: NetworkPath?

    private(set) var heard: [Int16] = []
    /// For each packet heard: when, its time stamp, samples before it in `heard`, samples.
    private(set) var packets: [(time: Int64, timestamp: UInt32, start: Int, count: Int)] = []
    /// Comfort noise: when, and its level in -dBov.
    private(set) var noise: [(time: Int64, level: UInt8)] = []
    private(set) var arrivals: [(time: Int64, start: Int64)] = []

    let encoder: AudioEncoder
    private let decoder: AudioDecoder
    private var next: Int64
    private let step: Int64
    private var said: Int64 = 0
    private var sequence: UInt16 = 100
    private let jitter: Int64
    private var random: UInt64
    private var samples: [Int16]
    private var bytes = [UInt8](repeating: 0, count: 1500)

    init(
        port: MixPort, rtp: RTPPort, codec: AudioCodec, payloadType: UInt8, remote: TransportAddress, frame: Int,
        next: Int64, ppm: Double, jitter: Int64, seed: UInt64
    ) {
        guard let encoder = AudioEncoder(codec), let decoder = AudioDecoder(codec) else { fatalError("no codec") }
        self.port = port
        self.rtp = rtp
        self.codec = codec
        self.payloadType = payloadType
        self.remote = remote
        self.encoder = encoder
        self.decoder = decoder
        self.next = next
        self.jitter = jitter
        random = seed &* 0x9E37_79B9_7F4A_7C15
        frameSamples = codec.sampleRate * frame / 1000
        step = Int64((Double(frame) * 1e6 * (1 - ppm / 1e6)).rounded())
        samples = [Int16](repeating: 0, count: frameSamples)
    }

    func send(upTo time: Int64, into memory: MemoryNetwork) {
        while next <= time {
            defer {
                next += step
                said += Int64(frameSamples)
                if !pauses { sequence &+= 1 }
            }
            guard isSending, !pauses else { continue }
            for index in 0..<frameSamples { samples[index] = voice?(said + Int64(index)) ?? 0 }
            let header = RTPHeader(
                payloadType: payloadType, marker: false, sequence: sequence,
                timestamp: UInt32(truncatingIfNeeded: said * Int64(codec.clockRate) / Int64(codec.sampleRate)),
                ssrc: remote.ipv4)
            if lossEvery > 0, Int(sequence) % lossEvery == 0 { continue }
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let late = jitter == 0 ? 0 : Int64(random >> 33) % jitter
            bytes.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                header.write(to: base)
                let count = encoder.encode(samples, count: frameSamples, into: base + 12, capacity: 1400)
                if var way = path {
                    let fate = way.send(at: next)
                    path = way
                    let packet = UnsafeBufferPointer(start: base, count: 12 + count)
                    if let first = fate.first {
                        arrivals.append((first, said))
                        memory.inject(packet, to: rtp, from: remote, arrival: first)
                    }
                    if let copy = fate.copy { memory.inject(packet, to: rtp, from: remote, arrival: copy) }
                    return
                }
                arrivals.append((next + late, said))
                memory.inject(
                    UnsafeBufferPointer(start: base, count: 12 + count), to: rtp, from: remote, arrival: next + late)
            }
        }
    }

    func hear(_ packet: UnsafeBufferPointer<UInt8>, at time: Int64) {
        if packet.count > 12, packet[1] & 0x7F == 13 { noise.append((time, packet[12])) }
        guard let base = packet.baseAddress, let header = RTPHeader(base, count: packet.count),
            header.payloadType == payloadType
        else { return }
        var out = [Int16](repeating: 0, count: 5760)
        let count = decoder.decode(
            base + header.payloadOffset, count: header.payloadCount, into: &out, capacity: out.count)
        packets.append((time, header.timestamp, heard.count, count))
        heard.append(contentsOf: out[0..<count])
    }
}
