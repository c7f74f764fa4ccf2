// SPDX-License-Identifier: Apache-2.0
import RealTime

/// The three rates at which sound is summed.
enum BusRate: Int, BitwiseCopyable {
    case narrow, wide, full

    /// In a fixed place: `CaseIterable` would make an array.
    static let all: InlineArray<3, BusRate> = [.narrow, .wide, .full]

    init(sampleRate: Int) {
        self = sampleRate == 48000 ? .full : sampleRate == 16000 ? .wide : .narrow
    }

    var sampleRate: Int {
        switch self {
        case .narrow: 8000
        case .wide: 16000
        case .full: 48000
        }
    }

    /// Samples in 0.125 ms.
    var factor: Int {
        switch self {
        case .narrow: 1
        case .wide: 2
        case .full: 6
        }
    }
}

/// Memory in which the frame in hand is made; one for the mix thread, nothing in it outlives a group's turn.
final class MixScratch {
    /// The longest frame, in units of 0.125 ms: 80 ms.
    static let mostLength8 = 640
    /// Samples of the arena of pulled frames: 400 talkers at 8 kHz and 60 ms, or 100 at 48 kHz and 20 ms.
    static let arenaCapacity = 1 << 19

    /// Sums of what was said at each rate.
    let sums: (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>)
    /// What is heard at each rate: its own sum and the converted others.
    let buses: (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>)
    let work: UnsafeMutablePointer<Int32>
    let digitTones = DigitTones()
    /// For steering: where the packets of the sources fall. (A temporary allocation of this size would be a malloc.)
    let arrivals: UnsafeMutablePointer<Arrival>
    /// How many sources steering looks at; in a larger room only talkers can matter, and there are never so many.
    static let mostArrivals = 64
    /// Groups that are due together.
    let due: UnsafeMutablePointer<Unmanaged<MixGroup>>
    static let mostDue = 64
    private let scalers = (TimeScaler(sampleRate: 8000), TimeScaler(sampleRate: 16000), TimeScaler(sampleRate: 48000))
    let samples: UnsafeMutablePointer<Int16>
    let sharedSamples: (UnsafeMutablePointer<Int16>, UnsafeMutablePointer<Int16>, UnsafeMutablePointer<Int16>)
    private let sharedPayloads: UnsafeMutablePointer<UInt8>
    let silence: UnsafeMutablePointer<Int16>
    let payload: UnsafeMutablePointer<UInt8>
    static let payloadCapacity = 1500
    private let arena: UnsafeMutablePointer<Int16>
    private var used = 0

    init() {
        let most = Self.mostLength8 * 6
        func bus() -> UnsafeMutablePointer<Int32> {
            let pointer = UnsafeMutablePointer<Int32>.allocate(capacity: most)
            pointer.initialize(repeating: 0, count: most)
            return pointer
        }
        func frame() -> UnsafeMutablePointer<Int16> {
            let pointer = UnsafeMutablePointer<Int16>.allocate(capacity: most)
            pointer.initialize(repeating: 0, count: most)
            return pointer
        }
        sums = (bus(), bus(), bus())
        buses = (bus(), bus(), bus())
        work = bus()
        arrivals = .allocate(capacity: Self.mostArrivals)
        due = .allocate(capacity: Self.mostDue)
        // A frame, and in front of it what time scaling looks at.
        samples = .allocate(capacity: 3 * most)
        samples.initialize(repeating: 0, count: 3 * most)
        sharedSamples = (frame(), frame(), frame())
        sharedPayloads = .allocate(capacity: Self.payloadCapacity * MixGroup.codecCapacity)
        silence = frame()
        payload = .allocate(capacity: Self.payloadCapacity)
        arena = .allocate(capacity: Self.arenaCapacity)
    }

    deinit {
        for pointer in [sums.0, sums.1, sums.2, buses.0, buses.1, buses.2, work] { pointer.deallocate() }
        arrivals.deallocate()
        due.deallocate()
        samples.deallocate()
        for pointer in [sharedSamples.0, sharedSamples.1, sharedSamples.2] { pointer.deallocate() }
        sharedPayloads.deallocate()
        silence.deallocate()
        payload.deallocate()
        arena.deallocate()
    }

    func sum(_ rate: BusRate) -> UnsafeMutablePointer<Int32> {
        switch rate {
        case .narrow: sums.0
        case .wide: sums.1
        case .full: sums.2
        }
    }

    func bus(_ rate: BusRate) -> UnsafeMutablePointer<Int32> {
        switch rate {
        case .narrow: buses.0
        case .wide: buses.1
        case .full: buses.2
        }
    }

    /// The time scaler for this many samples in 0.125 ms. All readers of a rate share it: each frame of each of them may
    /// be a quarter shorter.
    func scaler(_ factor: Int) -> TimeScaler { factor == 1 ? scalers.0 : factor == 2 ? scalers.1 : scalers.2 }

    /// The frame that all who hear the same get, at this rate.
    func shared(_ rate: BusRate) -> UnsafeMutablePointer<Int16> {
        switch rate {
        case .narrow: sharedSamples.0
        case .wide: sharedSamples.1
        case .full: sharedSamples.2
        }
    }

    /// The same, encoded.
    func sharedPayload(_ codec: Int) -> UnsafeMutablePointer<UInt8> { sharedPayloads + codec &* Self.payloadCapacity }

    /// Room for a pulled frame until the group's turn ends; nil when the arena is full: the source is left out (counted).
    func takeFrame(_ count: Int) -> UnsafeMutablePointer<Int16>? {
        guard used &+ count <= Self.arenaCapacity else { return nil }
        defer { used &+= count }
        return arena + used
    }

    func startTurn() { used = 0 }
}
