// SPDX-License-Identifier: Apache-2.0

import Telephony

/// One way to a line's hardware: a set of mixer controls, a HID node, an input device, GPIO lines, a modem. It carries
/// some of the line's capabilities (`LineCapability`); orders for the others it ignores. Used on the `lines` thread only;
/// what throws has lost its device and is never used again.
protocol LineTransport: AnyObject {
    /// To be watched for reading; then call `read`.
    var descriptors: [Int32] { get }
    /// When `expire` has something to do, in milliseconds of the owner's clock.
    var deadline: Int64? { get }
    /// What is not as it should be but does not hinder ("no bell").
    var warnings: [String] { get }
    /// The hook as it is now; nil where the hardware cannot be asked.
    func isOffHook() throws(LineError) -> Bool?
    /// It tells of ring voltage (landlines); where no part of a line does, the bell is heard in the audio.
    var tellsOfRings: Bool { get }
    /// It tells whether loop current flows (landlines).
    var sensesLoop: Bool { get }
    /// The hardware has answered, and can be used. (What is there as soon as it is open has nothing to answer.)
    var isReady: Bool { get }
    /// Takes what has come in (bounded: then it is the others' turn).
    func read(now: Int64) throws(LineError) -> [LineSignal]
    /// The clock has moved: polls, ends presses, toggles the ringing current.
    func expire(now: Int64) throws(LineError) -> [LineSignal]
    func perform(_ order: LineOrder, now: Int64)
    /// The samples, where they come the same way.
    var audio: (any LineAudio)? { get }
}

extension LineTransport {
    var deadline: Int64? { nil }
    var warnings: [String] { [] }
    var audio: (any LineAudio)? { nil }
    var tellsOfRings: Bool { false }
    var sensesLoop: Bool { false }
    var isReady: Bool { true }
    func isOffHook() throws(LineError) -> Bool? { nil }
    func expire(now: Int64) throws(LineError) -> [LineSignal] { [] }
}
