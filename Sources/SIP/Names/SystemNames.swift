// SPDX-License-Identifier: Apache-2.0

import CLinux
package import SDP

/// The name service of this machine, or one that is named. Waits for seconds when it is silent: only for threads that may.
package struct SystemNames: NameService, Sendable {
    private let server: String
    private let port: UInt16

    /// - Parameter server: a numeric IPv4 address to ask instead; empty: as the system is set.
    package init(server: String = "", port: UInt16 = 53) {
        self.server = server
        self.port = port
    }

    package func services(_ name: String) -> [ServiceRecord]? { records(name, isPointer: false) }

    package func pointers(_ name: String) -> [ServiceRecord]? { records(name, isPointer: true) }

    package func addresses(_ name: String) -> [IPAddress]? {
        Self.addresses { texts, most in
            server.isEmpty
                ? clinux_addresses(name, texts, most)
                : server.withCString { clinux_addresses_by($0, port, name, texts, most) }
        }
    }

    /// What the bytes of a name server's answer say, read as one to that question; nil: it is none.
    package static func addresses(in answer: [UInt8], isIPv6: Bool) -> [IPAddress]? {
        addresses { clinux_addresses_in(answer, Int32(clamping: answer.count), isIPv6, $0, 0, $1) }
    }

    /// The same for SRV (or NAPTR, `isPointer`) records.
    package static func services(in answer: [UInt8], isPointer: Bool) -> [ServiceRecord]? {
        records { clinux_records_in(answer, Int32(clamping: answer.count), isPointer, $0, $1) }
    }

    private static func addresses(_ read: (UnsafeMutablePointer<Text>, Int32) -> Int32) -> [IPAddress]? {
        withUnsafeTemporaryAllocation(of: Text.self, capacity: 16) { texts -> [IPAddress]? in
            guard let start = texts.baseAddress else { return nil }
            let count = read(start, Int32(texts.count))
            guard count >= 0 else { return nil }
            return texts.prefix(Int(count)).compactMap { IPAddress(text($0)) }
        }
    }

    private typealias Text = (
        CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar,
        CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar,
        CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar
    )

    private func records(_ name: String, isPointer: Bool) -> [ServiceRecord]? {
        Self.records { records, most in
            server.isEmpty
                ? clinux_lookup(nil, port, name, isPointer, records, most)
                : server.withCString { clinux_lookup($0, port, name, isPointer, records, most) }
        }
    }

    private static func records(_ read: (UnsafeMutablePointer<clinux_record>, Int32) -> Int32) -> [ServiceRecord]? {
        withUnsafeTemporaryAllocation(of: clinux_record.self, capacity: 16) { records -> [ServiceRecord]? in
            guard let start = records.baseAddress else { return nil }
            let count = read(start, Int32(records.count))
            guard count >= 0 else { return nil }
            return records.prefix(Int(count)).map { record in
                ServiceRecord(
                    order: Int(record.order), preference: Int(record.preference), port: record.port,
                    target: text(record.target), flags: text(record.flags), service: text(record.service),
                    seconds: Int(record.seconds))
            }
        }
    }

    /// A C array of characters, ended by zero.
    private static func text<Array>(_ array: Array) -> String {
        withUnsafeBytes(of: array) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
