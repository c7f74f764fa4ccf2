// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Foundation
import PartylineTestKit
import Telephony

/// Somebody else's telephone, registered with a house, as a person at it uses it.
protocol DeskPhone: AnyObject {
    func call(_ number: String)
    func hold()
    func resume()
    /// Sends whom it talks with to another number, without asking there first.
    func transfer(to number: String)
    func end()
    /// What it has heard, at 8 kHz; after `end`.
    func heard() -> [Int16]
}

/// What a desk phone is set to.
struct DeskPhoneSettings {
    var name: String
    var password: String
    /// Its own port; the dozen behind it are its audio's and the like.
    var port: UInt16
    /// The house's.
    var house: UInt16
    var transport = "udp"
    /// "pcmu" or "opus".
    var codec = "pcmu"
    var isSecured = false
    /// What it says over and over.
    var voice = Voice(9)
    var answersAtOnce = false
    /// For TLS: who is trusted.
    var authority = ""
    /// Seconds after which it ends by itself.
    var seconds = 60

    var rate: Int { codec == "opus" ? 48_000 : 8_000 }
    var folder: URL {
        FileManager.default.temporaryDirectory.appendingPathComponent("partyline-desk-\(port)")
    }

    func makeFolder() throws {
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try WaveFile.write(
            voice.samples(seconds: Double(seconds), rate: rate), rate: rate,
            to: folder.appendingPathComponent("says.wav"))
    }
}

extension House {
    struct PhoneList: Decodable { var phones: [PhoneReport] }

    /// Waits until a phone of the house is registered, by that transport where one is given.
    func waitsForPhone(
        _ name: String, by transport: String? = nil, seconds: Double = 6
    ) async -> PhoneReport.Contact? {
        for _ in 0..<Int(seconds * 20) {
            let list = try? daemon.control.get("/v1/phones", as: PhoneList.self)
            let contacts = list?.phones.first { $0.name == name }?.contacts ?? []
            if let contact = contacts.first(where: { $0.transport == transport ?? $0.transport }) { return contact }
            try? await Task.sleep(nanoseconds: 50_000_000)
        }
        return nil
    }

    func waitsForHold(_ isHeld: Bool, of number: String, in room: String, seconds: Double = 5) async -> Bool {
        for _ in 0..<Int(seconds * 20) {
            let found = self.room(room)?.participants.first { $0.number == number }
            if found?.isOnHold == isHeld { return true }
            try? await Task.sleep(nanoseconds: 50_000_000)
        }
        return false
    }

    /// How loud that voice is at a listener within the next seconds, in dB of how loud it was spoken.
    func level(of voice: Voice, at listener: SIPCaller, seconds: Double = 2) async -> Double {
        listener.clearRecordings()
        try? await Task.sleep(nanoseconds: UInt64(seconds * 1e9))
        return Self.level(
            of: voice, in: AudioAnalysis.atTelephoneRate(listener.heard.samples, from: listener.codec.rate))
    }

    /// The best of its seconds.
    static func level(of voice: Voice, in recording: [Int16]) -> Double {
        guard recording.count >= 6_400 else { return -120 }
        let said = voice.samples(seconds: 60)
        let spoken = AudioAnalysis.levelDBm0(said[...])
        // A piece of the recording, looked for in all that was said: the recording has gaps, the voice has none. What of the
        // piece's power is the voice's follows from how much of the piece is in the voice.
        return stride(from: 0, through: recording.count - 6_400, by: 6_400).map { start in
            let piece = Array(recording[start..<start + 6_400])
            let power = AudioAnalysis.levelDBm0(piece[...])
            guard power > -70 else { return -120 }
            return AudioAnalysis.presence(of: piece, in: said, block: 6_400).levelDB + 2 * (power - spoken)
        }.max() ?? -120
    }
}
