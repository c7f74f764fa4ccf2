// SPDX-License-Identifier: Apache-2.0

/// A value of a TOML file with the place where it stands.
struct TOMLValue: Sendable {
    indirect enum Content: Sendable {
        case table([TOMLEntry])
        case array([TOMLValue])
        case string(String)
        case integer(Int64)
        case number(Double)
        case boolean(Bool)
        case date
    }

    var content: Content
    var place: Place

    /// What it is, for a message: `the text "abc"`, `the number 5`, `a table`.
    var words: String {
        switch content {
        case .table: "a table"
        case .array: "a list"
        case .string(let text): "the text \(text.quoted)"
        case .integer(let value): "the number \(value)"
        case .number(let value): "the number \(value)"
        case .boolean(let value): value ? "true" : "false"
        case .date: "a date or time"
        }
    }
}

/// A key of a table and what it is set to.
struct TOMLEntry: Sendable {
    var key: String
    var keyPlace: Place
    var value: TOMLValue
}
