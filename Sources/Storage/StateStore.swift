// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import GRDB
package import Telephony

/// STATE/partyline.sqlite: call records and the scripts' storage. Methods wait for the disk; not for threads that may not.
package final class StateStore: Sendable {
    /// What scripts may keep in all; whatever would go beyond is refused.
    package struct Limits: Sendable, Hashable {
        package var keyBytes = 256
        package var valueBytes = 64 << 10
        package var keys = 10_000
        package var totalBytes = 32 << 20
        /// Older call records are deleted; 0: never.
        package var recordDays = 365

        package init() {}
    }

    private let database: DatabaseQueue
    private let limits: Limits

    /// Opens the file, or makes it. Throws `StorageFault`.
    package init(path: String, limits: Limits = Limits()) throws(StorageFault) {
        self.limits = limits
        var configuration = Configuration()
        configuration.label = "partyline"
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            // A crash of the machine may cost the last calls, never the file.
            try database.execute(sql: "PRAGMA journal_mode = WAL")
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        do {
            database = try DatabaseQueue(path: path, configuration: configuration)
            try Self.migrations.migrate(database)
        } catch {
            throw StorageFault(error, doing: "\(path) can not be opened")
        }
    }

    private static var migrations: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: script storage and call records") { database in
            try database.execute(
                sql: """
                    CREATE TABLE script_value (
                        key TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL, expires REAL) WITHOUT ROWID;
                    CREATE INDEX script_value_expires ON script_value (expires) WHERE expires IS NOT NULL;
                    CREATE TABLE call_record (
                        id INTEGER PRIMARY KEY, direction TEXT NOT NULL, technology TEXT NOT NULL, peer TEXT NOT NULL,
                        caller_number TEXT NOT NULL, caller_name TEXT NOT NULL, destination TEXT NOT NULL,
                        rule TEXT NOT NULL, room TEXT NOT NULL, began REAL NOT NULL, answered REAL, ended REAL NOT NULL,
                        cause INTEGER NOT NULL, words TEXT NOT NULL);
                    CREATE INDEX call_record_ended ON call_record (ended);
                    """)
        }
        return migrator
    }

    // MARK: - Script storage

    /// The value, unless its time is over. `now`: seconds since 1970.
    package func value(_ key: String, now: Double) throws(StorageFault) -> StoredValue? {
        try read { database in
            try Row.fetchOne(
                database,
                sql: "SELECT value, expires FROM script_value WHERE key = ? AND (expires IS NULL OR expires > ?)",
                arguments: [key, now]
            ).map {
                StoredValue(
                    key: key, value: String(decoding: $0["value"] as Data, as: UTF8.self), expires: $0["expires"])
            }
        }
    }

    /// `ttlSeconds` 0: for ever.
    package func put(_ key: String, _ value: String, ttlSeconds: Int, now: Double) throws(StorageFault) -> StoredValue {
        guard !key.isEmpty, key.utf8.count <= limits.keyBytes, !key.utf8.contains(0) else {
            throw StorageFault("a key has 1 to \(limits.keyBytes) bytes, none of them 0")
        }
        guard value.utf8.count <= limits.valueBytes else {
            throw StorageFault("a value has at most \(limits.valueBytes) bytes")
        }
        let expires = ttlSeconds > 0 ? now + Double(ttlSeconds) : nil
        let limits = limits
        return try write { database in
            try database.execute(sql: "DELETE FROM script_value WHERE expires <= ?", arguments: [now])
            let row = try Row.fetchOne(
                database,
                sql:
                    "SELECT COUNT(*) AS n, COALESCE(SUM(LENGTH(value) + LENGTH(CAST(key AS BLOB))), 0) AS b "
                    + "FROM script_value WHERE key <> ?",
                arguments: [key])
            let (count, bytes): (Int, Int) = (row?["n"] ?? 0, row?["b"] ?? 0)
            guard count < limits.keys, bytes + value.utf8.count + key.utf8.count <= limits.totalBytes else {
                throw StorageFault("the storage of scripts is full: remove keys, or give them a time to live")
            }
            try database.execute(
                sql: "INSERT OR REPLACE INTO script_value (key, value, expires) VALUES (?, ?, ?)",
                arguments: [key, Data(value.utf8), expires])
            return StoredValue(key: key, value: value, expires: expires)
        }
    }

    /// What it was; nil: nothing.
    package func remove(_ key: String, now: Double) throws(StorageFault) -> StoredValue? {
        let old = try value(key, now: now)
        try write { try $0.execute(sql: "DELETE FROM script_value WHERE key = ?", arguments: [key]) }
        return old
    }

    package func keys(now: Double) throws(StorageFault) -> [String] {
        try read { database in
            try String.fetchAll(
                database, sql: "SELECT key FROM script_value WHERE expires IS NULL OR expires > ? ORDER BY key",
                arguments: [now])
        }
    }

    // MARK: - Call records

    package func add(_ record: CallRecord) throws(StorageFault) {
        try write { database in
            try database.execute(
                sql: """
                    INSERT INTO call_record (direction, technology, peer, caller_number, caller_name, destination, rule,
                        room, began, answered, ended, cause, words) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    record.direction, record.technology, record.peer, record.callerNumber, record.callerName,
                    record.destination, record.rule, record.room, record.began, record.answered, record.ended,
                    record.cause, record.words,
                ])
        }
    }

    /// The newest first.
    package func records(limit: Int) throws(StorageFault) -> [CallRecord] {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM call_record ORDER BY id DESC LIMIT ?",
                arguments: [min(max(limit, 0), 10_000)]
            ).map(CallRecord.init)
        }
    }

    /// Deletes what is too old.
    package func tidy(now: Double) throws(StorageFault) {
        let days = limits.recordDays
        try write { database in
            try database.execute(sql: "DELETE FROM script_value WHERE expires <= ?", arguments: [now])
            if days > 0 {
                try database.execute(
                    sql: "DELETE FROM call_record WHERE ended < ?", arguments: [now - Double(days) * 86_400])
            }
        }
    }

    private func read<Value>(_ body: (Database) throws -> Value) throws(StorageFault) -> Value {
        do {
            return try database.read(body)
        } catch {
            throw StorageFault(error, doing: "the storage can not be read")
        }
    }

    private func write<Value>(_ body: (Database) throws -> Value) throws(StorageFault) -> Value {
        do {
            return try database.write(body)
        } catch {
            throw StorageFault(error, doing: "the storage can not be written")
        }
    }
}

/// Why something was not kept or found, for a person.
package struct StorageFault: Error, Sendable, Hashable, CustomStringConvertible {
    package var description: String
    /// What helps, for a person.
    package var remedy = "look at the file"

    package init(_ description: String) { self.description = description }

    init(_ error: any Error, doing what: String) {
        if let fault = error as? StorageFault {
            self = fault
        } else if let fault = error as? DatabaseError {
            description = "\(what): \(fault.message ?? "code \(fault.resultCode.rawValue)")"
            remedy = Self.remedy(for: fault.resultCode)
        } else {
            description = "\(what): \(error)"
        }
    }

    private static func remedy(for code: ResultCode) -> String {
        switch code {
        case .SQLITE_FULL, .SQLITE_IOERR: "make room on the disk"
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_AUTH:
            "give the daemon's user the right to write there"
        case .SQLITE_BUSY, .SQLITE_LOCKED: "end the other program that has the file"
        default: "move the file away"
        }
    }
}

extension CallRecord {
    fileprivate init(_ row: Row) {
        self.init()
        direction = row["direction"]
        technology = row["technology"]
        peer = row["peer"]
        callerNumber = row["caller_number"]
        callerName = row["caller_name"]
        destination = row["destination"]
        rule = row["rule"]
        room = row["room"]
        began = row["began"]
        answered = row["answered"]
        ended = row["ended"]
        cause = row["cause"]
        words = row["words"]
    }
}
