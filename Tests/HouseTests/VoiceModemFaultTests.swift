// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import PartylineTestKit
import Testing

extension HouseTests {
    /// Voice modems (fake ones on a pseudo-terminal) that end a call by themselves, stall, or were left in a call, at the real
    /// daemon, in real time.
    @Suite struct VoiceModemFaultTests {
        private enum Fault: CaseIterable {
            /// DLE ETX and NO CARRIER, or the words alone.
            case code
            case words
            /// No samples come any more.
            case mute
            /// Nothing that is sent is taken.
            case full

            var isEnd: Bool { self == .code || self == .words }
            /// Within so many seconds the caller has left the room. (The kernel takes two and a half seconds of samples for a modem
            /// that takes none.)
            var patience: Double {
                switch self {
                case .code, .words: 2
                case .mute: 3.5
                case .full: 6
                }
            }
            var told: String {
                switch self {
                case .code, .words: "cause=\"the modem ended the call\" line=modem"
                case .mute: "it sends no sound any more"
                case .full: "it takes nothing that it is sent"
                }
            }

            /// Each caller is told in another way.
            func ring(_ modem: ModemBench) {
                switch self {
                case .code: modem.ring(number: "0300", name: "AUNT EMMA")
                case .words: modem.ring(message: "8006020430333031")
                case .mute: modem.ring(number: "P", name: "P")
                case .full: modem.ring(number: "0303", name: "O")
                }
            }

            var from: String {
                switch self {
                case .code: "from=0300"
                case .words: "from=0301"
                case .mute: "from=anonymous"
                case .full: "from=0303"
                }
            }

            func happen(to modem: ModemBench) {
                switch self {
                case .code: modem.endCall(code: true, "NO CARRIER")
                case .words: modem.endCall(code: false, "NO CARRIER")
                case .mute: modem.stall(sends: false)
                case .full: modem.stall(takes: false)
                }
            }
        }

        private static func changes(_ modem: ModemBench) -> [String: String] {
            [
                "lines.d/modem.toml":
                    "name = \"modem\"\npreset = \"v253\"\ntty = \"\(modem.path)\"\nroute = \"welcome\"\n"
            ]
        }

        private static func count(_ words: String, in log: String) -> Int {
            log.components(separatedBy: words).count - 1
        }

        @Test func `a modem that ends the call or stalls leaves nobody in the room, and the next bell is answered`()
            async throws
        {
            let modem = try ModemBench(.conexant)
            defer { modem.stop() }
            try await House.open(46_400, changes: Self.changes(modem)) { house in
                #expect(await house.line("modem", is: "idle"))
                for fault in Fault.allCases {
                    let before = Self.count(fault.told, in: house.daemon.log)
                    fault.ring(modem)
                    #expect(await LandlineCallTests.eventually(9) { modem.isDuplex }, "\(fault)")
                    #expect(await house.daemon.logs(fault.from), "\(fault)")
                    try await Task.sleep(nanoseconds: 600_000_000)
                    await modem.press("4711#")
                    #expect(await house.waits(for: 1, in: "4711"), "\(fault)")
                    let begin = MonotonicClock.now
                    fault.happen(to: modem)
                    #expect(await house.waits(for: 0, in: "4711", seconds: fault.patience), "\(fault)")
                    print("modem, \(fault): the room was empty after", Double(MonotonicClock.now - begin) / 1e9, "s")
                    #expect(
                        await LandlineCallTests.eventually(3) {
                            Self.count(fault.told, in: house.daemon.log) == before + 1
                        }, "\(fault): \(house.daemon.log.suffix(1_500))")
                    if !fault.isEnd { #expect(await house.daemon.logs("cause=\"device gone\" line=modem")) }
                    // It works again.
                    modem.stall()
                    #expect(await house.line("modem", is: "idle", seconds: 12), "\(fault)")
                    #expect(!modem.isOffHook && !modem.isDuplex, "\(fault)")
                }
                modem.ring(number: "0309")
                #expect(await LandlineCallTests.eventually(9) { modem.isDuplex })
                #expect(await house.daemon.logs("from=0309"))
            }
            #expect(await LandlineCallTests.eventually(2) { !modem.isOffHook })
        }

        @Test(arguments: [UInt8(0x03), UInt8(ascii: "^")])
        func `a modem that a daemon died on is put on-hook by the next one, which then answers`(ending: UInt8)
            async throws
        {
            let modem = try ModemBench(.conexant)
            defer { modem.stop() }
            modem.end(by: ending)
            let changes = Self.changes(modem)
            let first = try await DaemonProcess.start(
                portBase: 46_410, shipped: House.shipped, changes: changes, environment: [:])
            defer { first.stop() }
            #expect(await first.line("modem", is: "idle"))
            modem.ring(number: "0301")
            #expect(await LandlineCallTests.eventually(9) { modem.isDuplex })
            first.signal(SIGKILL)
            #expect(await LandlineCallTests.eventually(3) { !first.isRunning })
            #expect(modem.isOffHook && modem.isDuplex, "the modem lets go by itself?")
            try await House.open(46_420, changes: changes) { house in
                #expect(await house.line("modem", is: "idle", seconds: 10), "\(house.daemon.log.suffix(1_500))")
                #expect(!modem.isOffHook && !modem.isDuplex)
                modem.ring(number: "0302")
                #expect(await LandlineCallTests.eventually(9) { modem.isDuplex })
                #expect(await house.daemon.logs("from=0302"))
            }
            #expect(await LandlineCallTests.eventually(2) { !modem.isOffHook })
        }
    }
}
