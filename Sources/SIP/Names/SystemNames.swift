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
        withUnsafeTemporaryAllocation(of: Text.self, capacity: 16) { texts -> [IPAddress]? in
            guard let start = texts.baseAddress else { return nil }
            let count =
                server.isEmpty
                ? clinux_addresses(name, start, Int32(texts.count))
                : server.withCString { clinux_addresses_by($0, port, name, start, Int32(texts.count)) }
            guard count >= 0 else { return nil }
            return (0..<Int(count)).compactMap { IPAddress(Self.text(texts[$0])) }
        }
    }

    private typealias Text = (
        CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar,
        CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar,
        CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar, CChar
    )

    private func records(_ name: String, isPointer: Bool) -> [ServiceRecord]? {
        withUnsafeTemporaryAllocation(of: clinux_record.self, capacity: 16) { records -> [ServiceRecord]? in
            let server = server.isEmpty ? nil : server
            let count =
                if let server {
                    server.withCString { clinux_lookup($0, port, name, isPointer, records.baseAddress, 16) }
                } else {
                    clinux_lookup(nil, port, name, isPointer, records.baseAddress, 16)
                }
            guard count >= 0 else { return nil }
            return records.prefix(Int(count)).map { record in
                ServiceRecord(
                    order: Int(record.order), preference: Int(record.preference), port: record.port,
                    target: Self.text(record.target), flags: Self.text(record.flags),
                    service: Self.text(record.service), seconds: Int(record.seconds))
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
