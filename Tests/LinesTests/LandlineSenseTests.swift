// SPDX-License-Identifier: Apache-2.0
import Foundation
import Telephony
import Testing

@testable import Lines

/// What a landline learns by its hardware, and what it hears instead where that has no sense for it.
@Suite struct LandlineSenseTests {
    @Test func `whether the bell is heard in the audio follows the hardware, not the preset`() throws {
        let bell = (0..<8_000).map { index in
            let angle = 2 * Double.pi * 25 * Double(index) / 8_000
            return Int16(8_000 * sin(angle))
        }
        for (tells, calls) in [(true, 0), (false, 1)] {
            let trunk = try Trunk(preset: "gpio-fxo", tellsOfRings: tells)
            #expect(trunk.station.report.state == "idle")
            trunk.device.waiting = bell
            trunk.pass(5_000)
            #expect(trunk.sink.offers.count == calls, "tells of rings: \(tells)")
        }
    }

    @Test func `mixer controls tell of the bell where one of them is that`() throws {
        let line = try Laboratory.line()
        let device = VirtualCard.device(of: line.name)
        for (name, tells) in [("Ring Switch", true), ("None", false), ("", false)] {
            let controls = try LandlineControls(device: device, seizeName: "Off-hook Switch", ringName: name)
            #expect(controls.tellsOfRings == tells, "\(name)")
            #expect(controls.warnings.isEmpty == tells, "\(name)")
        }
    }

    @Test(arguments: ["Ring Switch", "None"])
    func `without a ring control the driver is asked for the audio on-hook`(name: String) async throws {
        let line = try Laboratory.line()
        let device = VirtualCard.device(of: line.name)
        var description = LineDescription(name: "landline", preset: "alsa-fxo", pcm: device, ctl: device)
        description.ringControl = name
        let profile = LineProfiles.alsaFXO
        let hardware = try LineHardware(description, profile: profile, units: [], isVirtualTime: true)
        let parts = try profile.parts(hardware)
        #expect(parts.contains { $0.tellsOfRings } == (name == "Ring Switch"))
        let isAsked = await Laboratory.eventually(milliseconds: name == "None" ? 3_000 : 50) { line.isHeardOnHook }
        #expect(isAsked == (name == "None"))
        withExtendedLifetime(parts) {}
    }
}
