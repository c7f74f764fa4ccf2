// SPDX-License-Identifier: Apache-2.0

import CTOML

/// Reads the text of a TOML file into values.
enum TOMLDocument {
    struct SyntaxError: Error {
        var place: Place
        var message: String

        /// The library names what it saw; this says what to write.
        var remedy: String {
            if message.contains("redefine") { return "keep one of the two" }
            if message.contains("string:") {
                return "end the text with the quote that it begins with; single quotes keep backslashes"
            }
            return "write KEY = VALUE, texts in \"quotes\", lists in [brackets] (toml.io)"
        }
    }

    /// The entries of the document, in the order of the file.
    static func parse(_ bytes: [UInt8]) throws(SyntaxError) -> [TOMLEntry] {
        var failure = CTOMLError()
        let document = bytes.withUnsafeBytes { raw in
            ctoml_parse(raw.baseAddress?.assumingMemoryBound(to: CChar.self), raw.count, &failure)
        }
        guard let document else {
            let message = withUnsafeBytes(of: failure.message) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            throw SyntaxError(place: place(failure.line, failure.column), message: message)
        }
        defer { ctoml_free(document) }
        let nodes = UnsafeBufferPointer(start: ctoml_nodes(document), count: ctoml_count(document))
        guard case .table(let entries)? = build(nodes)?.content else { return [] }
        return entries
    }

    /// The tree out of the flat list. A parent stands before its children, so from the back every child is complete
    /// when its parent is reached.
    private static func build(_ nodes: UnsafeBufferPointer<CTOMLNode>) -> TOMLValue? {
        var children = [[TOMLEntry]](repeating: [], count: nodes.count)
        for index in nodes.indices.reversed() {
            let node = nodes[index]
            let value = TOMLValue(content: content(node, children[index]), place: place(node.line, node.column))
            children[index] = []
            let parent = Int(node.parent)
            guard nodes.indices.contains(parent) else { return value }
            let key = text(node.key, node.key_length)
            let keyPlace = node.key_line == 0 ? value.place : place(node.key_line, node.key_column)
            children[parent].append(TOMLEntry(key: key, keyPlace: keyPlace, value: value))
        }
        return nil
    }

    private static func content(_ node: CTOMLNode, _ children: [TOMLEntry]) -> TOMLValue.Content {
        switch node.kind {
        case CTOML_TABLE:
            .table(children.sorted { ($0.keyPlace.line, $0.keyPlace.column) < ($1.keyPlace.line, $1.keyPlace.column) })
        case CTOML_ARRAY: .array(children.reversed().map(\.value))
        case CTOML_STRING: .string(text(node.text, node.text_length))
        case CTOML_INTEGER: .integer(node.integer)
        case CTOML_FLOAT: .number(node.number)
        case CTOML_BOOLEAN: .boolean(node.integer != 0)
        default: .date
        }
    }

    private static func text(_ bytes: UnsafePointer<CChar>?, _ count: Int) -> String {
        String(decoding: UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count), as: UTF8.self)
    }

    private static func place(_ line: UInt32, _ column: UInt32) -> Place {
        Place(line: max(1, Int(line)), column: max(1, Int(column)))
    }
}
