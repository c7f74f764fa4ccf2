// SPDX-License-Identifier: Apache-2.0

import Foundation
import Storage
import Telephony
import Testing

@Suite struct StateStoreTests {
    private let path = NSTemporaryDirectory() + "store-\(UUID().uuidString).sqlite"

    private func clean() {
        for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
    }

    @Test func `what a script puts is there until its time is over, also after a restart`() throws {
        defer { clean() }
        do {
            let store = try StateStore(path: path)
            #expect(try store.put("a", "1", ttlSeconds: 0, now: 100).expires == nil)
            #expect(try store.put("b", "2", ttlSeconds: 10, now: 100).expires == 110)
        }
        let store = try StateStore(path: path)
        #expect(try store.value("a", now: 1e9)?.value == "1")
        #expect(try store.value("b", now: 109)?.value == "2")
        #expect(try store.value("b", now: 110) == nil)
        #expect(try store.keys(now: 105) == ["a", "b"])
        #expect(try store.keys(now: 120) == ["a"])
        #expect(try store.put("a", "3 ' \" ; DROP TABLE x \u{0}é", ttlSeconds: 0, now: 100).value.hasPrefix("3"))
        #expect(try store.remove("a", now: 100)?.value.hasSuffix("é") == true)
        #expect(try store.remove("a", now: 100) == nil)
    }

    @Test func `a file that can not be opened is told with what helps`() throws {
        defer { clean() }
        func fault(_ path: String) -> StorageFault? {
            do throws(StorageFault) { _ = try StateStore(path: path) } catch { return error }
            return nil
        }
        #expect(fault(path + "/none/x.sqlite")?.remedy == "give the daemon's user the right to write there")
        try Data(String(repeating: "no database ", count: 1_000).utf8).write(to: URL(fileURLWithPath: path))
        #expect(fault(path)?.remedy == "move the file away")
    }

    @Test func `caps on keys, values and all of it are kept, and what is old makes room`() throws {
        defer { clean() }
        var limits = StateStore.Limits()
        limits.keys = 3
        limits.valueBytes = 100
        limits.totalBytes = 150
        let store = try StateStore(path: path, limits: limits)
        #expect(throws: StorageFault.self) { try store.put("", "x", ttlSeconds: 0, now: 0) }
        #expect(throws: StorageFault.self) {
            try store.put(String(repeating: "k", count: 257), "x", ttlSeconds: 0, now: 0)
        }
        #expect(throws: StorageFault.self) {
            try store.put("k", String(repeating: "x", count: 101), ttlSeconds: 0, now: 0)
        }
        _ = try store.put("1", String(repeating: "x", count: 100), ttlSeconds: 5, now: 0)
        #expect(throws: StorageFault.self) {
            try store.put("2", String(repeating: "x", count: 60), ttlSeconds: 0, now: 0)
        }
        // A new value of the same key does not count twice.
        _ = try store.put("1", String(repeating: "y", count: 100), ttlSeconds: 5, now: 0)
        _ = try store.put("2", "x", ttlSeconds: 0, now: 0)
        _ = try store.put("3", "x", ttlSeconds: 0, now: 0)
        #expect(throws: StorageFault.self) { try store.put("4", "x", ttlSeconds: 0, now: 0) }
        _ = try store.put("4", "x", ttlSeconds: 0, now: 6)
    }

    @Test func `call records come back newest first and go when they are old`() throws {
        defer { clean() }
        let store = try StateStore(path: path)
        var record = CallRecord()
        record.direction = "in"
        record.callerNumber = "42"
        record.began = 1000
        record.ended = 1060
        record.cause = 16
        try store.add(record)
        record.answered = 1_000_000
        record.ended = 1_000_060
        try store.add(record)
        #expect(try store.records(limit: 10).map(\.ended) == [1_000_060, 1060])
        #expect(try store.records(limit: 1).first == record)
        try store.tidy(now: 366 * 86_400)
        #expect(try store.records(limit: 10).map(\.ended) == [1_000_060])
    }

    @Test func `a file that is no database is told, with its name`() throws {
        defer { clean() }
        try Data(repeating: 7, count: 5000).write(to: URL(fileURLWithPath: path))
        do {
            _ = try StateStore(path: path)
            Issue.record("it was opened")
        } catch {
            #expect(error.description.contains(path))
        }
    }
}
