// SPDX-License-Identifier: Apache-2.0
import Telephony

/// A line as the `lines` thread serves it: a telephone (`LineStation`) or the landline (`LandlineStation`). Everything is
/// called on that thread, with its clock in milliseconds.
protocol ServedLine: AnyObject {
    var line: LineDescription { get }
    /// The USB device that it has open, where it is one.
    var unit: PluggedUnit? { get }
    /// To be watched for reading; then call `deviceReadable`.
    var descriptors: [Int32] { get }
    /// When `expire` has something to do.
    var deadline: Int64? { get }
    var port: PortID? { get }
    var report: LineReport { get }
    /// The mix thread has not given the card back yet.
    var isAwaitingCard: Bool { get }
    func expire(now: Int64)
    func deviceReadable(now: Int64)
    func handle(_ request: LineRequest, now: Int64)
    func close(now: Int64)
    /// Something was plugged in: a missing device is looked for often.
    func hurry(now: Int64)
    func unplugged(now: Int64)
    /// Leaves a card that did not come back open for ever.
    func abandonCard()
    /// The same line with another device or number, from the next time it opens or is called.
    func adopt(_ line: LineDescription)
    /// From the next call on these numbers can be dialled.
    func adopt(_ numbers: NumberSpace)
    /// From the next call on so much silence ends a number.
    func adopt(interdigitMilliseconds: Int64)
}

extension ServedLine {
    /// Nobody dials on a landline.
    func adopt(interdigitMilliseconds: Int64) {}
    /// Landlines are those of the settings.
    func adopt(_ line: LineDescription) {}
}

extension LineStation: ServedLine {
    var descriptors: [Int32] { device?.descriptors ?? [] }
    func adopt(_ numbers: NumberSpace) { machine.plan.numbers = numbers }
    func adopt(interdigitMilliseconds: Int64) { machine.plan.interdigitMilliseconds = interdigitMilliseconds }
}
