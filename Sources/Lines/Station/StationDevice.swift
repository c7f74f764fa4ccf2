// SPDX-License-Identifier: Apache-2.0

import Media
import Telephony

/// The hardware of one line, as its station uses it: signals, orders and the card. Used on the `lines` thread only; what
/// throws has lost its device.
protocol StationDevice: AnyObject {
    /// To be watched for reading; then call `signals`.
    var descriptors: [Int32] { get }
    /// When `expire` has something to do.
    var deadline: Int64? { get }
    var sampleRate: Int { get }
    var periodMilliseconds: Double { get }
    /// What is not as it should be but does not hinder ("no bell").
    var warnings: [String] { get }
    /// It tells of ring voltage (landlines); otherwise the bell is heard in the audio.
    var tellsOfRings: Bool { get }
    /// It tells whether loop current flows (landlines).
    var sensesLoop: Bool { get }
    /// All of it has answered, and can be used.
    var isReady: Bool { get }
    func isOffHook() throws(LineError) -> Bool
    func signals(now: Int64) throws(LineError) -> [LineSignal]
    func expire(now: Int64) throws(LineError) -> [LineSignal]
    func perform(_ order: LineOrder, now: Int64)
    /// Starts the card anew and lends it to the mix thread.
    func start() throws(LineError) -> CardFunctions
    /// After the mix thread gave up on the card; the functions stay the same.
    func recover() throws(LineError)
    func stop()
    /// Xruns that the card saw.
    var xruns: (overruns: Int, underruns: Int) { get }
}

extension StationDevice {
    var tellsOfRings: Bool { false }
    var sensesLoop: Bool { false }
    var isReady: Bool { true }
}

/// Where a line's samples come from and go to.
protocol LineAudio: AnyObject {
    var sampleRate: Int { get }
    var periodMilliseconds: Double { get }
    /// Starts it anew, for the mix thread until `stop`.
    func lend() throws(LineError) -> CardFunctions
    func recover() throws(LineError)
    func stop()
    var xruns: (overruns: Int, underruns: Int) { get }
}

extension ALSACard: LineAudio {
    func lend() throws(LineError) -> CardFunctions {
        try start()
        return functions
    }

    var xruns: (overruns: Int, underruns: Int) { (counters.overruns, counters.underruns) }
}

/// A line put together of its audio and its transports.
///
///     audio      sense, keys, seize, ring
///       |           |            |
///     card      transport 1  transport 2 ...     all signals in one stream, every order to every transport
final class ComposedDevice: StationDevice {
    private let audio: any LineAudio
    private let transports: [any LineTransport]
    private let rxGainDB: Double
    private let txGainDB: Double
    /// Of the card as it was lent last; the mix thread may have it.
    private var gain: CardGain?

    init(audio: any LineAudio, transports: [any LineTransport], rxGainDB: Double = 0, txGainDB: Double = 0) {
        self.audio = audio
        self.transports = transports
        self.rxGainDB = rxGainDB
        self.txGainDB = txGainDB
    }

    var descriptors: [Int32] { transports.flatMap(\.descriptors) }
    var deadline: Int64? { transports.compactMap(\.deadline).min() }
    var sampleRate: Int { audio.sampleRate }
    var periodMilliseconds: Double { audio.periodMilliseconds }
    var warnings: [String] { transports.flatMap(\.warnings) }
    var tellsOfRings: Bool { transports.contains { $0.tellsOfRings } }
    var sensesLoop: Bool { transports.contains { $0.sensesLoop } }
    var isReady: Bool { transports.allSatisfy(\.isReady) }

    func isOffHook() throws(LineError) -> Bool {
        for transport in transports {
            if let state = try transport.isOffHook() { return state }
        }
        return false
    }

    func signals(now: Int64) throws(LineError) -> [LineSignal] {
        var all: [LineSignal] = []
        for transport in transports { all += try transport.read(now: now) }
        return all
    }

    func expire(now: Int64) throws(LineError) -> [LineSignal] {
        var all: [LineSignal] = []
        for transport in transports {
            guard let deadline = transport.deadline, now >= deadline else { continue }
            all += try transport.expire(now: now)
        }
        return all
    }

    func perform(_ order: LineOrder, now: Int64) {
        for transport in transports { transport.perform(order, now: now) }
    }

    func start() throws(LineError) -> CardFunctions {
        let functions = try audio.lend()
        guard rxGainDB != 0 || txGainDB != 0 else { return functions }
        let gain = CardGain(functions, rxDB: rxGainDB, txDB: txGainDB)
        self.gain = gain
        return gain.functions
    }
    func recover() throws(LineError) { try audio.recover() }
    func stop() { audio.stop() }
    var xruns: (overruns: Int, underruns: Int) { audio.xruns }
}
