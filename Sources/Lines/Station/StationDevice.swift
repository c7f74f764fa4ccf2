// SPDX-License-Identifier: Apache-2.0

import Media

/// The hardware of one line, as its station uses it: hook switch, bell and card. Used on the `lines` thread only; what
/// throws has lost its device.
protocol StationDevice: AnyObject {
    /// To be watched for reading; then call `readEvents`.
    var descriptors: [Int32] { get }
    var sampleRate: Int { get }
    var periodMilliseconds: Double { get }
    /// What is not as it should be but does not hinder ("no bell").
    var warnings: [String] { get }
    func isOffHook() throws(LineError) -> Bool
    /// True: the hook switch may have changed.
    func readEvents() throws(LineError) -> Bool
    func setRinging(_ rings: Bool)
    /// Starts the card anew and lends it to the mix thread.
    func start() throws(LineError) -> CardFunctions
    /// After the mix thread gave up on the card; the functions stay the same.
    func recover() throws(LineError)
    func stop()
    /// Xruns that the card saw.
    var xruns: (overruns: Int, underruns: Int) { get }
}

/// A telephone on an ALSA card whose hook and bell are mixer controls.
final class ALSAStationDevice: StationDevice {
    private let controls: LineControls
    private let card: ALSACard

    init(_ line: LineDescription, profile: LineProfile, isVirtualTime: Bool) throws(LineError) {
        controls = try LineControls(
            device: line.ctl, hookName: line.offHookControl ?? profile.offHookControl,
            ringName: line.ringControl ?? profile.ringControl)
        card = try ALSACard(
            device: line.pcm, sampleRate: line.sampleRate ?? profile.sampleRate,
            periodMilliseconds: line.periodMilliseconds ?? profile.periodMilliseconds, isVirtualTime: isVirtualTime)
        controls.setRinging(false)
    }

    var descriptors: [Int32] { controls.descriptors }
    var sampleRate: Int { card.sampleRate }
    var periodMilliseconds: Double { card.periodMilliseconds }
    var warnings: [String] {
        controls.hasBell
            ? [] : ["no control for the bell: \"amixer -D \(controls.device) controls\" lists them; set ring_control"]
    }
    func isOffHook() throws(LineError) -> Bool { try controls.isOffHook() }
    func readEvents() throws(LineError) -> Bool { try controls.readEvents() }
    func setRinging(_ rings: Bool) { controls.setRinging(rings) }
    func start() throws(LineError) -> CardFunctions {
        try card.start()
        return card.functions
    }
    func recover() throws(LineError) { try card.recover() }
    func stop() { card.stop() }
    var xruns: (overruns: Int, underruns: Int) { (card.counters.overruns, card.counters.underruns) }
}
