// SPDX-License-Identifier: Apache-2.0
// ITU-T V.253 and V.250 from the modem's side, as the manuals of Conexant's CX930xx and USRobotics' 5637 describe them.

import CLinux
import Glibc

/// A voice modem on a pseudo-terminal with a telephone line behind it, in virtual time: `step` moves that on. It has the edges of
/// the real thing: a small buffer towards the line that runs dry or over when it is not fed evenly, shielded codes within
/// the samples, results with echo and CR LF.
package final class FakeModem {
    package enum Maker: Sendable {
        /// 8-bit unsigned samples.
        case conexant
        /// 16-bit linear samples.
        case usRobotics
    }

    package struct Fault: Error, CustomStringConvertible {
        package var description: String
    }

    /// What the host opens.
    package let path: String
    package let maker: Maker
    /// Closed loop, as the telephone exchange sees it.
    package private(set) var isOffHook = false
    package private(set) var isDuplex = false
    /// Samples that the host had not sent in time, and those that found the buffer full.
    package private(set) var underruns = 0
    package private(set) var overruns = 0
    /// What the host said into the line, as 16-bit samples.
    package private(set) var spoken: [Int16] = []
    package private(set) var commands: [String] = []
    /// What the line says; called for each 20 ms of duplex with the number of the first sample.
    package var line: (Int) -> [Int16] = { _ in [Int16](repeating: 0, count: 160) }
    /// Whether `spoken` is kept; off for long runs.
    package var keepsSpoken = true
    package var refuses: Set<String> = []
    /// The code that ends its duplex mode, where it is not its maker's.
    package var ending: UInt8
    /// It neither takes what the host sends (whose buffer fills) nor answers.
    package var takesNothing = false
    /// In duplex it sends no samples any more.
    package var isMute = false

    private let master: Int32
    private let slave: Int32
    private var text = ""
    private var echoes = true
    private var isShielded = false
    private var fed: [Int16] = []
    private var half: UInt8?
    private var position = 0
    private var isPrimed = false

    /// A real one holds some tens of milliseconds.
    private static let bufferSamples = 800

    package init(_ maker: Maker) throws {
        self.maker = maker
        ending = maker == .usRobotics ? 0x03 : UInt8(ascii: "^")
        var name = [CChar](repeating: 0, count: 128)
        master = partyline_pty_open(&name, Int32(name.count))
        guard master >= 0 else {
            throw Fault(description: "no pseudo-terminal: \(String(cString: strerror(0 &- master)))")
        }
        path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // Held open, so that the host may come and go; raw from the beginning.
        slave = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK)
        _ = partyline_serial_raw(slave)
    }

    deinit {
        close(slave)
        close(master)
    }

    // MARK: - The line

    package func ring(number: String? = nil, name: String? = nil) {
        send("\r\nRING\r\n")
        guard commands.contains("AT+VCID=1") else { return }
        if let number { send("\r\nDATE = 1124\r\n\r\nTIME = 1830\r\n\r\nNMBR = \(number)\r\n") }
        if let name { send("\r\nNAME = \(name)\r\n") }
    }

    /// Who calls as the network has sent it: type, length and data in hexadecimal.
    package func ring(message: String) {
        send("\r\nRING\r\n\r\nMESG = \(message)\r\n")
    }

    /// It leaves the duplex mode and hangs up by itself, with a code or without, and with these results.
    package func endCall(code: Bool = true, _ results: String...) {
        (isDuplex, isOffHook) = (false, false)
        if code { write([0x10, 0x03]) }
        for result in results { send("\r\n\(result)\r\n") }
    }

    /// As a host that died in a call has left it.
    package func beginInCall() {
        isOffHook = true
        beginDuplex()
    }

    private func beginDuplex() { (isDuplex, isPrimed, fed, half, position) = (true, false, [], nil, 0) }

    /// A code among the samples: 'b' busy, 'd' dial tone, 's' silence, 'l' loop interrupted, 'P' another phone lifted.
    package func tell(_ code: Character) {
        guard let ascii = code.asciiValue else { return }
        write([0x10, ascii])
    }

    // MARK: - Time

    /// 20 ms pass: commands are answered, in duplex 160 samples go each way.
    package func step() {
        if !takesNothing { take() }
        guard isDuplex else { return }
        let heard = line(position)
        position += heard.count
        play(heard.count)
        if !isMute { write(Self.shielded(bytes(heard))) }
    }

    private func play(_ count: Int) {
        // It begins to play when it has something.
        if !isPrimed { isPrimed = fed.count >= count }
        guard isPrimed else { return }
        let there = min(count, fed.count)
        if keepsSpoken { spoken += fed.prefix(there) }
        fed.removeFirst(there)
        if there < count {
            underruns += count - there
            isPrimed = false
            tell("u")
        }
    }

    private func bytes(_ samples: [Int16]) -> [UInt8] {
        switch maker {
        case .conexant: samples.map { UInt8(clamping: (Int($0) >> 8) + 128) }
        case .usRobotics: samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        }
    }

    private static func shielded(_ bytes: [UInt8]) -> [UInt8] {
        bytes.flatMap { $0 == 0x10 ? [0x10, 0x10] : [$0] }
    }

    // MARK: - The host

    private func take() {
        var buffer = [UInt8](repeating: 0, count: 8_192)
        for _ in 0..<16 {
            let count = read(master, &buffer, buffer.count)
            guard count > 0 else { return }
            for byte in buffer.prefix(count) { take(byte) }
        }
    }

    private func take(_ byte: UInt8) {
        if isDuplex {
            if !isShielded {
                if byte == 0x10 { isShielded = true } else { feed(byte) }
                return
            }
            isShielded = false
            switch byte {
            case 0x10: feed(byte)
            case ending:
                isDuplex = false
                write([0x10, 0x03])
                send("\r\nOK\r\n")
            default: break
            }
            return
        }
        guard byte == 13 else {
            if byte >= 32 { text.unicodeScalars.append(.init(byte)) }
            return
        }
        let command = text
        text = ""
        if echoes { send(command + "\r") }
        if !command.isEmpty { obey(command) }
    }

    private func feed(_ byte: UInt8) {
        let sample: Int16
        switch maker {
        case .conexant: sample = (Int16(byte) - 128) << 8
        case .usRobotics:
            guard let low = half else {
                half = byte
                return
            }
            half = nil
            sample = Int16(bitPattern: UInt16(low) | UInt16(byte) << 8)
        }
        guard fed.count < Self.bufferSamples else {
            overruns += 1
            return
        }
        fed.append(sample)
    }

    private func obey(_ command: String) {
        // The rest of samples is no command.
        guard command.hasPrefix("AT") else { return }
        commands.append(command)
        guard !refuses.contains(command) else { return send("\r\nERROR\r\n") }
        switch command {
        case "ATE0V1", "ATE0Q0V1": echoes = false
        case "AT&F0": echoes = true
        case "AT+VSM=?":
            send(
                maker == .conexant
                    ? "\r\n0,\"SIGNED PCM\",8,0,8000,0,0\r\n1,\"UNSIGNED PCM\",8,0,8000,0,0\r\n"
                    : "\r\n128,\"8-BIT LINEAR\",(7200,8000,11025)\r\n129,\"16-BIT LINEAR\",(7200,8000,11025)\r\n")
        case "AT-STE=7" where maker == .usRobotics: return send("\r\nERROR\r\n")
        case "AT+VLS=1": isOffHook = true
        case "AT+VLS=0", "ATH": isOffHook = false
        case "AT+VTR":
            guard isOffHook else { return send("\r\nERROR\r\n") }
            send("\r\nCONNECT\r\n")
            beginDuplex()
            return
        default: break
        }
        send("\r\nOK\r\n")
    }

    private func send(_ words: String) { write(Array(words.utf8)) }

    private func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(master, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
