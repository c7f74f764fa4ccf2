// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Telephony

/// A command of a script as a person reads it: `startPlayback(1, speech("Hello.", language: ""), loop: false)`.
enum CommandWords {
    static func of(_ command: SessionCommand) -> String {
        guard let json = try? JSONEncoder().encode(command), let tree = try? JSONDecoder().decode(Tree.self, from: json)
        else { return "\(command)" }
        return tree.words
    }

    /// What `SessionCommand` looks like in JSON: a case is an object with its name, values without a label are "_0", "_1" …
    private indirect enum Tree: Decodable {
        case nothing
        case truth(Bool)
        case integer(Int)
        case number(Double)
        case text(String)
        case list([Tree])
        case object([String: Tree])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .nothing
            } else if let value = try? container.decode(Bool.self) {
                self = .truth(value)
            } else if let value = try? container.decode(Int.self) {
                self = .integer(value)
            } else if let value = try? container.decode(Double.self) {
                self = .number(value)
            } else if let value = try? container.decode(String.self) {
                self = .text(value)
            } else if let value = try? container.decode([Tree].self) {
                self = .list(value)
            } else {
                self = .object(try container.decode([String: Tree].self))
            }
        }

        var words: String {
            switch self {
            case .nothing: "nothing"
            case .truth(let value): "\(value)"
            case .integer(let value): "\(value)"
            case .number(let value): "\(value)"
            case .text(let value): "\"\(value)\""
            case .list(let values): "[" + values.map(\.words).joined(separator: ", ") + "]"
            case .object(let fields): Self.words(fields)
            }
        }

        private static func words(_ fields: [String: Tree]) -> String {
            if fields.count == 1, let field = fields.first {
                // An identifier is its number.
                if field.key == "number" { return field.value.words }
                if case .object(let inner) = field.value { return "\(field.key)(\(list(inner)))" }
            }
            return "(" + list(fields) + ")"
        }

        private static func list(_ fields: [String: Tree]) -> String {
            fields.sorted { $0.key < $1.key }.map { key, value in
                key.hasPrefix("_") ? value.words : "\(key): \(value.words)"
            }.joined(separator: ", ")
        }
    }
}
