// SPDX-License-Identifier: Apache-2.0
// The protocol of TigerJet's TJ560 in magicJack sticks as open programs for it describe it; no data sheet is public.
import CLinux
import Glibc
import Telephony

/// A magicJack: hook and keys as two bytes, or (the first, "silver" ones) as a state to be polled; ringing by feature report.
final class TigerJetTransport: LineTransport {
    private let file: DeviceFile
    private let isSilver: Bool
    private var state: TigerJetState
    private var poll: Int64?
    /// Silver sticks ring as long as they are told: 2 s on, 4 s off is ours to make.
    private var burst: (isOn: Bool, until: Int64)?

    private static let pollMilliseconds: Int64 = 20

    init(path: String) throws(LineError) {
        file = try DeviceFile(path, listing: HIDTransport.listing)
        var report = [UInt8](repeating: 0, count: TigerJetState.reportLength)
        var result = partyline_hid_get_feature(file.descriptor, &report, Int32(report.count))
        isSilver = result < 0
        if isSilver {
            report = [UInt8](repeating: 0, count: TigerJetState.silverLength)
            result = partyline_hid_get_feature(file.descriptor, &report, Int32(report.count))
            guard result >= 0 else {
                throw .device(result, path, stage: "ask it for its state", listing: HIDTransport.listing)
            }
            state = TigerJetState(isOffHook: TigerJetState.silver(report)?.isOffHook ?? false)
            // Otherwise the ringing current hides that somebody lifts.
            send(TigerJetState.silverThreshold)
            poll = 0
        } else {
            state = TigerJetState(isOffHook: TigerJetState.feature(report)?.isOffHook ?? false)
            // Some sticks wake up only by this.
            send(TigerJetState.ringing(false))
        }
    }

    deinit { send(isSilver ? TigerJetState.silverRinging(false) : TigerJetState.ringing(false)) }

    var descriptors: [Int32] { [file.descriptor] }
    var deadline: Int64? { [poll, burst?.until].compactMap { $0 }.min() }
    func isOffHook() throws(LineError) -> Bool? { state.isOffHook }

    func read(now: Int64) throws(LineError) -> [LineSignal] {
        var signals: [LineSignal] = []
        for _ in 0..<64 {
            let report = try file.read(most: 64)
            guard !report.isEmpty else { break }
            if !isSilver { signals += state.take(report, now: now) }
        }
        return signals
    }

    func expire(now: Int64) throws(LineError) -> [LineSignal] {
        if let burst, now >= burst.until {
            self.burst = (!burst.isOn, now &+ (burst.isOn ? 4_000 : 2_000))
            send(TigerJetState.silverRinging(!burst.isOn))
        }
        guard let poll, now >= poll else { return [] }
        self.poll = now &+ Self.pollMilliseconds
        var report = [UInt8](repeating: 0, count: TigerJetState.silverLength)
        let result = partyline_hid_get_feature(file.descriptor, &report, Int32(report.count))
        guard result >= 0 else { throw .device(result, file.path, stage: "ask it for its state", listing: "dmesg") }
        return TigerJetState.silver(report).map { state.change(to: $0, now: now) } ?? []
    }

    func perform(_ order: LineOrder, now: Int64) {
        guard case .bell(let on) = order else { return }
        if isSilver {
            guard on != (burst != nil) else { return }
            burst = on ? (true, now &+ 2_000) : nil
            send(TigerJetState.silverRinging(on))
        } else {
            send(TigerJetState.ringing(on))
        }
    }

    private func send(_ report: [UInt8]) {
        _ = partyline_hid_set_feature(file.descriptor, report, Int32(report.count))
        // A command takes the place of the state until it is reset.
        if isSilver { _ = partyline_hid_set_feature(file.descriptor, TigerJetState.silverReset, 33) }
    }
}
