// SPDX-License-Identifier: Apache-2.0
import CALSA
import Glibc
import Testing

@testable import Lines

/// A control client as a program would have it.
private final class ControlClient {
    let handle: OpaquePointer

    init(_ line: VirtualLine) throws {
        var opened: OpaquePointer?
        let result = snd_ctl_open(&opened, VirtualCard.device(of: line.name), SND_CTL_NONBLOCK)
        guard result >= 0, let opened else {
            throw LineError(code: -result, device: line.name, stage: "open", remedy: "")
        }
        handle = opened
        snd_ctl_subscribe_events(handle, 1)
    }

    deinit { snd_ctl_close(handle) }

    /// The next event's control, nil after a second, or the poll result that tells of the end.
    func next() -> (name: String?, revents: Int16) {
        var polls = [pollfd](repeating: pollfd(), count: 1)
        snd_ctl_poll_descriptors(handle, &polls, 1)
        guard poll(&polls, 1, 1_000) > 0 else { return (nil, 0) }
        var event: OpaquePointer?
        guard snd_ctl_event_malloc(&event) >= 0, let event else { return (nil, 0) }
        defer { snd_ctl_event_free(event) }
        guard snd_ctl_read(handle, event) > 0 else { return (nil, polls[0].revents) }
        return (snd_ctl_event_elem_get_name(event).map { String(cString: $0) }, polls[0].revents)
    }
}

@Suite struct VirtualLineTests {
    @Test func `two clients of one control device both get every event`() throws {
        let line = try Laboratory.line()
        let (first, second) = (try ControlClient(line), try ControlClient(line))
        for isOffHook in [true, false, true] {
            line.isOffHook = isOffHook
            #expect(first.next().name == "Off-hook Switch")
            #expect(second.next().name == "Off-hook Switch")
        }
    }

    @Test func `a client that does not read learns of a change when it does`() throws {
        let line = try Laboratory.line()
        let client = try ControlClient(line)
        // Far more than a socket holds: none of it blocks the line or is taken from the others.
        for number in 0..<5_000 { line.isOffHook = number % 2 == 0 }
        line.isOffHook = true
        var last: String?
        while case let event = client.next(), let name = event.name {
            last = name
            if try LineControls(device: VirtualCard.device(of: line.name), hookName: name, ringName: "").isOffHook() {
                break
            }
        }
        #expect(last == "Off-hook Switch")
    }

    @Test func `what one client sets the line and the other client see`() async throws {
        let line = try Laboratory.line()
        let other = try ControlClient(line)
        let controls = try LineControls(
            device: VirtualCard.device(of: line.name), hookName: "Off-hook Switch", ringName: "Ring Switch")
        controls.setRinging(true)
        #expect(other.next().name == "Ring Switch")
        #expect(line.isRinging)
    }

    @Test func `an unplugged line hangs up on its clients at once, and is a new one when it comes back`() throws {
        let line = try Laboratory.line(isManual: false)
        let client = try ControlClient(line)
        let card = try Laboratory.card(on: line)
        try card.start()
        let hand = HandTurnedCard(card)
        #expect(hand.capture(80).result >= 0)
        line.unplug()
        #expect(client.next().revents & Int16(POLLHUP) != 0)
        #expect(hand.capture(80).result == Int(-ENODEV))
        #expect(hand.play([0, 0]) == Int(-ENODEV))
        #expect(hand.capturePosition() == nil)
        #expect(throws: LineError.self) { try card.recover() }
        #expect(throws: LineError.self) { try Laboratory.card(on: line) }
        try line.replug()
        // The old handles stay dead; a new one works.
        #expect(hand.capture(80).result == Int(-ENODEV))
        let again = try Laboratory.card(on: line)
        try again.start()
        #expect(HandTurnedCard(again).capture(80).result >= 0)
    }

    @Test func `a stream has one user`() throws {
        let line = try Laboratory.line()
        let first = try Laboratory.card(on: line)
        let error = #expect(throws: LineError.self) { try Laboratory.card(on: line) }
        #expect(error?.code == EBUSY)
        withExtendedLifetime(first) {}
    }

    @Test func `a client that talks nonsense is dropped and nobody else notices`() throws {
        let line = try Laboratory.line()
        let card = try Laboratory.card.get()
        let client = try ControlClient(line)
        for length in [0, 1, 12, 4_096] {
            let fd = socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0)
            defer { close(fd) }
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: "\(card.folder)/\(line.name)".utf8) }
            let connected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(fd, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            #expect(connected == 0)
            let garbage = [UInt8](repeating: 0xA5, count: length)
            _ = send(fd, garbage, length, Int32(MSG_NOSIGNAL))
        }
        line.isOffHook = true
        #expect(client.next().name == "Off-hook Switch")
    }
}
