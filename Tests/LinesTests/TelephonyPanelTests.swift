// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import Telephony
import Testing

@testable import Lines

@Suite struct TelephonyPanelTests {
    private func panel(_ bytes: [UInt8]) throws -> TelephonyPanel {
        try #require(TelephonyPanel(try HIDDescriptor(parsing: bytes)))
    }

    @Test func `a desk phone's hook is a state and each key counts once`() throws {
        var phone = try panel(Descriptors.deskPhone)
        #expect(phone.take([1, 0xF1], now: 0) == [.hook(isOffHook: true)])
        #expect(phone.take([1, 0xF1], now: 5) == [])
        #expect(phone.take([1, 0x51], now: 10) == [.key(.five)])
        #expect(phone.take([1, 0x51], now: 20) == [])
        #expect(phone.take([1, 0xF1], now: 30) == [])
        #expect(phone.take([1, 0xB1], now: 40) == [.key(.pound)])
        #expect(phone.take([1, 0xF3], now: 50) == [.muteButton])
        #expect(phone.take([1, 0xF1], now: 60) == [])
        #expect(phone.take([1, 0xF0], now: 70) == [.hook(isOffHook: false)])
        // Other numbers and short reports say nothing.
        #expect(
            phone.take([2, 0xF1], now: 80) == [] && phone.take([1], now: 80) == [] && phone.take([], now: 80) == [])
    }

    @Test func `a headset's button toggles, with or without a release`() throws {
        var headset = try panel(Descriptors.headset)
        #expect(headset.take([1], now: 0) == [.hookButton])
        #expect(headset.take([0], now: 50) == [])
        #expect(headset.take([1], now: 60) == [])
        #expect(headset.take([1], now: 500) == [.hookButton])
        #expect(headset.take([2], now: 600) == [.flashKey])
        #expect(headset.take([4], now: 700) == [.hookKey(lifts: false)])
    }

    @Test func `lamps share a report and keep each other's state`() throws {
        var phone = try panel(Descriptors.deskPhone)
        #expect(phone.hasBell)
        #expect(phone.reports(for: .bell(true)) == [[2, 2]])
        #expect(phone.reports(for: .lamp(.offHook, true)) == [[2, 3]])
        #expect(phone.reports(for: .lamp(.mute, true)) == [[2, 7]])
        #expect(phone.reports(for: .bell(false)) == [[2, 5]])
        #expect(phone.reports(for: .lamp(.hold, true)) == [] && phone.reports(for: .seize(true)) == [])
        var headset = try panel(Descriptors.headset)
        #expect(headset.reports(for: .lamp(.offHook, true)) == [[0, 1]])
    }

    @Test func `a mouse is no telephone`() throws {
        #expect(TelephonyPanel(try HIDDescriptor(parsing: Descriptors.mouse)) == nil)
    }
}

@Suite struct InputKeymapTests {
    @Test func `a CM109's keys lift, dial and hang up; bouncing keys count once`() {
        var keys = InputKeymap(hasHookSwitch: false)
        #expect(keys.take(code: 28, value: 1, now: 0) == .hookKey(lifts: true))
        #expect(keys.take(code: 28, value: 0, now: 40) == nil)
        #expect(keys.take(code: 0x201, value: 1, now: 100) == .key(.one))
        #expect(keys.take(code: 0x201, value: 0, now: 120) == nil)
        #expect(keys.take(code: 0x201, value: 1, now: 150) == nil)
        #expect(keys.take(code: 0x201, value: 2, now: 300) == nil)
        #expect(keys.take(code: 0x201, value: 1, now: 400) == .key(.one))
        #expect(keys.take(code: 0x20B, value: 1, now: 500) == .key(.pound))
        #expect(keys.take(code: 0x20A, value: 1, now: 600) == .key(.star))
        #expect(keys.take(code: 1, value: 1, now: 700) == .hookKey(lifts: false))
        #expect(keys.take(code: 500, value: 1, now: 800) == nil)
    }

    @Test func `a Yealink's digits come from the row of numbers, pound as shift and three`() {
        var keys = InputKeymap(hasHookSwitch: true)
        #expect(keys.take(code: 169, value: 1, now: 0) == .hook(isOffHook: true))
        #expect(keys.take(code: 2, value: 1, now: 100) == .key(.one))
        #expect(keys.take(code: 11, value: 1, now: 200) == .key(.zero))
        #expect(keys.take(code: 42, value: 1, now: 300) == nil)
        #expect(keys.take(code: 4, value: 1, now: 300) == .key(.pound))
        #expect(keys.take(code: 42, value: 0, now: 400) == nil)
        #expect(keys.take(code: 4, value: 1, now: 500) == .key(.three))
        #expect(keys.take(code: 55, value: 1, now: 600) == .key(.star))
        #expect(keys.take(code: 28, value: 1, now: 700) == nil)
        #expect(keys.take(code: 169, value: 0, now: 800) == .hook(isOffHook: false))
    }
}

@Suite struct TigerJetTests {
    @Test func `a magicJack tells hook and keys in two bytes`() {
        var stick = TigerJetState(isOffHook: false)
        #expect(stick.take([0, 0x80], now: 0) == [.hook(isOffHook: true)])
        #expect(stick.take([2, 0x80], now: 100) == [.key(.one)])
        #expect(stick.take([2, 0x80], now: 150) == [])
        #expect(stick.take([0, 0x80], now: 200) == [])
        #expect(stick.take([1, 0x80], now: 300) == [.key(.zero)])
        #expect(
            stick.take([11, 0x80], now: 400) == [.key(.star)] && stick.take([12, 0x80], now: 500) == [.key(.pound)])
        #expect(stick.take([0, 0], now: 600) == [.hook(isOffHook: false)])
        #expect(stick.take([], now: 700) == [] && stick.take([7], now: 700) == [])
    }

    @Test func `the state of both generations is read, and ringing is told`() {
        var report = [UInt8](repeating: 0, count: 65)
        report[24] = 0x80
        #expect(TigerJetState.feature(report)?.isOffHook == true && TigerJetState.feature([0]) == nil)
        var silver = [UInt8](repeating: 0, count: 33)
        #expect(TigerJetState.silver(silver) == TigerJetState.Reading(isOffHook: false, key: nil))
        silver[10] = 0x80
        silver[22] = 0xC0 + 10
        #expect(TigerJetState.silver(silver) == TigerJetState.Reading(isOffHook: true, key: 1))
        silver[22] = 0xC0 + 5
        #expect(TigerJetState.silver(silver)?.key == 6)
        #expect(TigerJetState.ringing(true).count == 65 && TigerJetState.ringing(true)[6] == 3)
        #expect(TigerJetState.ringing(false)[6] == 0 && TigerJetState.silverRinging(true).count == 33)
    }

    @Test func `a CM108's volume-down pin is the hook and GPIO 1 the bell`() {
        #expect(CM108Transport.hook(in: [2, 0, 0, 0]) == true && CM108Transport.hook(in: [1, 0, 0, 0]) == false)
        #expect(CM108Transport.hook(in: [2]) == nil)
        #expect(
            CM108Transport.output(rings: true) == [0, 0, 1, 1, 0]
                && CM108Transport.output(rings: false) == [0, 0, 0, 1, 0])
    }

    @Test func `a landline on a CM108 rings by its volume-down pin, and GPIO 3 draws its relay`() throws {
        var name = [CChar](repeating: 0, count: 128)
        let stick = partyline_pty_open(&name, Int32(name.count))
        defer { partyline_close(stick) }
        let path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let held = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK)
        defer { close(held) }
        _ = partyline_serial_raw(held)
        // What is written to one side is at the other a moment later.
        func isReadable(_ descriptor: Int32) -> Bool {
            var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            return poll(&wanted, 1, 1_000) == 1
        }
        func written() -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: 64)
            guard isReadable(stick) else { return [] }
            let count = read(stick, &bytes, 64)
            return Array(bytes.prefix(max(0, count)))
        }
        let (on, off): ([UInt8], [UInt8]) = ([0, 0, 4, 4, 0], [0, 0, 0, 4, 0])
        var line: CM108LandlineTransport? = try CM108LandlineTransport(path: path)
        #expect(written() == off)
        var signals: [LineSignal] = []
        // 25 Hz for 400 ms.
        for edge in 0..<20 {
            let report: [UInt8] = [edge % 2 == 0 ? 2 : 0, 0, 0, 0]
            #expect(write(stick, report, 4) == 4 && isReadable(line?.descriptors.first ?? -1))
            signals += try line?.read(now: Int64(edge) * 20) ?? []
        }
        #expect(signals == [.ring(true)])
        signals += try line?.expire(now: 19 * 20 + 151) ?? []
        #expect(signals == [.ring(true), .ring(false)])
        line?.perform(.seize(true), now: 1_000)
        #expect(written() == on)
        line?.perform(.flash(milliseconds: 60), now: 2_000)
        #expect(written() == off && line?.deadline == 2_060)
        _ = try line?.expire(now: 2_060)
        #expect(written() == on)
        line = nil
        #expect(written() == off)
    }
}
