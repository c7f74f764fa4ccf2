// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Logging
import Synchronization
import Telephony
import Testing

@testable import Lines

/// One mistake of each preset: the log names file and line, what is wrong and what to write instead; the other lines work.
@Suite struct WrongSettingsTests {
    private final class Journal: Sendable { let lines = Mutex<[String]>([]) }

    private struct JournalHandler: LogHandler {
        let journal: Journal
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.notice
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) { journal.lines.withLock { $0.append("\(event.message)") } }
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        var words: String
        var preset: String
        /// In the message, besides file and line.
        var told: [String]
        /// With the ALSA name of a line that works.
        var change: @Sendable (inout LineDescription, String) -> Void
        var testDescription: String { "\(preset): \(words)" }

        init(
            _ preset: String, _ words: String, _ told: [String],
            _ change: @escaping @Sendable (inout LineDescription, String) -> Void
        ) {
            self.preset = preset
            self.words = words
            self.told = told
            self.change = change
        }
    }

    private static let mistakes: [Mistake] = [
        Mistake("alsa-fsx", "no such preset", ["there is no preset \"alsa-fsx\"", "alsa-fxs", "modem-ctl"]) { _, _ in },
        Mistake("alsa-fxs", "no such card", ["hw:CARD=Nobody", "lists what there is"]) { line, card in
            line.pcm = "hw:CARD=Nobody"
            line.ctl = card
        },
        Mistake("alsa-fxs", "no such controls", ["hw:CARD=Nobody", "open its controls"]) { line, card in
            line.pcm = card
            line.ctl = "hw:CARD=Nobody"
        },
        Mistake("alsa-fxs", "no such hook switch", ["find the control \"Hook\"", "off_hook_control"]) { line, card in
            line.pcm = card
            line.ctl = card
            line.offHookControl = "Hook"
        },
        Mistake("alsa-fxo", "no such card", ["hw:CARD=Nobody"]) { line, card in
            line.pcm = "hw:CARD=Nobody"
            line.ctl = card
        },
        Mistake("alsa-fxo", "no such hook switch", ["find the control \"Hook\"", "off_hook_control"]) { line, card in
            line.pcm = card
            line.ctl = card
            line.offHookControl = "Hook"
        },
        Mistake("usb-fxs", "not plugged in", ["06e6:c200", "find it among the USB devices", "plug it in"]) { line, _ in
            line.match = USBMatch(id: USBID(0x06E6, 0xC200), serial: nil, port: nil)
        },
        Mistake("usb-fxs", "no such HID node", ["/dev/hidraw99"]) { line, card in
            line.pcm = card
            line.hid = "/dev/hidraw99"
        },
        Mistake("hid-phone", "no such HID node", ["/dev/hidraw99"]) { line, card in
            line.pcm = card
            line.hid = "/dev/hidraw99"
        },
        Mistake("hid-phone", "not plugged in", ["0b0e:0420", "plug it in"]) { line, _ in
            line.match = USBMatch(id: USBID(0x0B0E, 0x0420), serial: nil, port: nil)
        },
        Mistake("evdev-phone", "no such input device", ["/dev/input/event99"]) { line, card in
            line.pcm = card
            line.event = "/dev/input/event99"
        },
        Mistake("cm108", "no such HID node", ["/dev/hidraw99"]) { line, card in
            line.pcm = card
            line.hid = "/dev/hidraw99"
        },
        Mistake("cm108-fxo", "no such HID node", ["/dev/hidraw99"]) { line, card in
            line.pcm = card
            line.hid = "/dev/hidraw99"
        },
        Mistake("gpio-fxs", "no such GPIO line", ["GPIO line slic-shk: cannot"]) { line, card in
            line.pcm = card
            line.gpio.hook = "slic-shk"
        },
        Mistake("gpio-fxo", "no such GPIO line", ["GPIO line fxo-oh: cannot"]) { line, card in
            line.pcm = card
            line.gpio.seize = "fxo-oh"
        },
        Mistake("gpio-fxo", "no such GPIO chip", ["GPIO line gpiochip9:17", "gpio"]) { line, card in
            line.pcm = card
            line.gpio.seize = "gpiochip9:17"
        },
        Mistake("v253", "no such serial line", ["/dev/ttyACM99"]) { line, _ in line.tty = "/dev/ttyACM99" },
        Mistake("modem-ctl", "no such controls", ["hw:CARD=Nobody"]) { line, card in
            line.pcm = card
            line.ctl = "hw:CARD=Nobody"
        },
    ]

    @Test(arguments: mistakes)
    func `a mistake is told with file and line, and the other lines work on`(mistake: Mistake) async throws {
        let journal = Journal()
        let good = try Laboratory.line(isManual: false)
        let spare = try Laboratory.line(isManual: false)
        var wrong = LineDescription(name: "wrong", preset: mistake.preset, pcm: "", ctl: "")
        wrong.place = "lines.d/wrong.toml:3"
        mistake.change(&wrong, VirtualCard.device(of: spare.name))
        var other = LineDescription(
            name: "good", preset: "alsa-fxs", pcm: VirtualCard.device(of: good.name),
            ctl: VirtualCard.device(of: good.name))
        other.extension = "22"
        let (media, sink) = (NotingMedia(), NotingSink())
        let numbers = NumberSpace(
            emergencyNumbers: ["112"], extensions: ["21"], roomNumbers: nil, outsideNumbers: nil)
        let desk = LineDesk(
            LineDeskOptions(lines: [wrong, other], numbers: numbers, tones: .standard, interdigitMilliseconds: 4_000),
            media: media, ports: media, sink: sink,
            log: Logger(label: "lines") { _ in JournalHandler(journal: journal) })
        try desk.start()
        defer { desk.stop() }
        #expect(await Laboratory.eventually { desk.reports().first { $0.name == "good" }?.state == "on-hook" })
        good.isOffHook = true
        #expect(await Laboratory.eventually { desk.reports().first { $0.name == "good" }?.state == "dial tone" })
        let told = journal.lines.withLock { $0.filter { $0.hasPrefix("lines.d/wrong.toml:3: line wrong") } }
        let message = try #require(told.first, "\(journal.lines.withLock { $0 })")
        for words in mistake.told { #expect(message.contains(words), "\(message)") }
        #expect(told.count == 1, "once, not every three seconds")
        good.isOffHook = false
        #expect(desk.reports().filter { $0.name == "wrong" }.allSatisfy { $0.state == "gone" })
    }

    @Test func `an error names the line in which its device is written, and calls nothing ALSA that is not`() {
        var line = LineDescription(name: "shed", preset: "gpio-fxs", pcm: "hw:1", ctl: "")
        line.place = "lines.d/shed.toml:1"
        line.devicePlaces = ["hw:1": "lines.d/shed.toml:2", "GPIO line slic-shk": "lines.d/shed.toml:3"]
        func told(_ error: LineError) -> String { line.words(with: LineTrouble(error)) }
        #expect(
            told(LineError(code: ENOENT, device: "GPIO line slic-shk", stage: "find it", remedy: "write one of: a"))
                == "lines.d/shed.toml:3: line shed: GPIO line slic-shk: cannot find it (No such file or directory); "
                + "write one of: a")
        #expect(
            told(.alsa(-ENODEV, device: "hw:1", stage: "open it", list: "aplay -L"))
                .hasPrefix("lines.d/shed.toml:2: line shed: ALSA device \"hw:1\": cannot open it ("))
        #expect(
            told(LineError(code: ENOENT, device: "/dev/ttyACM9", stage: "open it", remedy: "plug it in"))
                .hasPrefix("lines.d/shed.toml:1: line shed: /dev/ttyACM9: cannot open it ("))
    }

    private func refusal(of name: String, in folder: String) -> LineError? {
        do throws(LineError) {
            _ = try GPIOLine(name, .input(debounceMicroseconds: 0), folder: folder)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a GPIO chip without rights is told with the rule of udev, by place and by name`() throws {
        let folder = NSTemporaryDirectory() + "gpio-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let chip = folder + "/gpiochip0"
        try Data().write(to: URL(fileURLWithPath: chip))
        chmod(chip, 0)
        // Root may open everything: this thread's accesses are those of nobody for a moment (setfsuid(2)).
        typealias FileUser = @convention(c) (UInt32) -> Int32
        let symbol = try #require(dlsym(nil, "setfsuid"))
        let setFileUser = unsafeBitCast(symbol, to: FileUser.self)
        let isRoot = geteuid() == 0
        if isRoot { _ = setFileUser(65_534) }
        let isNobody = !isRoot || setFileUser(.max) == 65_534
        let errors = ["gpiochip0:17", "!fxo-oh"].map { refusal(of: $0, in: folder) }
        if isRoot { _ = setFileUser(0) }
        guard isNobody else { return print("SKIPPED: a chip without rights (this root is nobody else, either)") }
        for found in errors {
            let error = try #require(found)
            #expect(error.code == EACCES && !error.isAbsence)
            #expect(error.description.contains("Permission denied"), "\(error)")
            #expect(error.description.contains("70-partyline.rules"), "\(error)")
            #expect(error.description.contains("udevadm trigger"), "\(error)")
        }
        #expect(refusal(of: "gpiochip1:17", in: folder)?.code == ENOENT)
    }

    @Test func `a node that is no GPIO chip is told as such`() throws {
        let folder = NSTemporaryDirectory() + "gpio-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createSymbolicLink(atPath: folder + "/gpiochip0", withDestinationPath: "/dev/null")
        let error = try #require(refusal(of: "gpiochip0:17", in: folder))
        #expect(error.description.contains("this is no GPIO chip"), "\(error)")
    }

    @Test func `every preset has its mistake`() {
        let tried = Set(Self.mistakes.map(\.preset))
        for profile in LineProfiles.all { #expect(tried.contains(profile.name), "\(profile.name)") }
    }
}
