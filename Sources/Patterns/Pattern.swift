// SPDX-License-Identifier: Apache-2.0
// Regular expressions in PCRE2's flavour (pcre2pattern(3)), bounded so that no text and no pattern can hold up a call.

import CPCRE2

/// A regular expression that matches a whole text or not at all. Immutable; may be used from any thread at once.
///
/// Three bounds keep it harmless: the length of the pattern, the length of the text, and the steps of one match. With
/// these a match ends within about a millisecond, whatever the pattern; without them well-known ones take hours.
package final class Pattern: Sendable {
    /// Longest pattern, in bytes of UTF-8.
    package static let maximumPatternBytes = 512
    /// Longest text that is looked at, in bytes of UTF-8; a destination is a number or the user part of a URI.
    package static let maximumTextBytes = 256
    /// Steps of PCRE2's matcher (its default is ten million).
    static let matchLimit: UInt32 = 10_000
    /// Nested backtracking points.
    static let depthLimit: UInt32 = 2_000
    /// Memory of one match, in KiB.
    static let heapLimitKiB: UInt32 = 4_096
    static let maximumNestedParentheses: UInt32 = 32

    package let text: String
    // All three are written in init and only read afterwards, which PCRE2 allows from many threads (pcre2api(3),
    // "Multithreading").
    private nonisolated(unsafe) let code: OpaquePointer
    private nonisolated(unsafe) let limits: OpaquePointer
    /// Matches nothing, but says of a text whether it ends in the middle of a match. Nil where the pattern cannot be put into
    /// parentheses.
    private nonisolated(unsafe) let beginning: OpaquePointer?

    /// Compiles; throws `tooLong` or `invalid`.
    package init(_ text: String) throws(PatternError) {
        guard text.utf8.count <= Self.maximumPatternBytes else {
            throw .tooLong(bytes: text.utf8.count, maximum: Self.maximumPatternBytes)
        }
        guard let settings = pcre2_compile_context_create_8(nil) else { throw .outOfMemory }
        defer { pcre2_compile_context_free_8(settings) }
        pcre2_set_parens_nest_limit_8(settings, Self.maximumNestedParentheses)
        // A lone '\C' could cut a character in two; '$' must not look past a line feed at the end.
        let options =
            PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY
            | PCRE2_NEVER_BACKSLASH_C
        var number: Int32 = 0
        var offset = 0
        var bytes = Array(text.utf8)
        let count = bytes.count
        bytes.append(0)
        guard let code = pcre2_compile_8(bytes, count, UInt32(options), &number, &offset, settings) else {
            throw .invalid(offset: Self.characters(of: text, before: offset), reason: Self.message(number))
        }
        guard let limits = pcre2_match_context_create_8(nil) else {
            pcre2_code_free_8(code)
            throw .outOfMemory
        }
        pcre2_set_match_limit_8(limits, Self.matchLimit)
        pcre2_set_depth_limit_8(limits, Self.depthLimit)
        pcre2_set_heap_limit_8(limits, Self.heapLimitKiB)
        self.text = text
        self.code = code
        self.limits = limits
        beginning = Self.beginning(of: text, settings)
    }

    deinit {
        pcre2_match_context_free_8(limits)
        pcre2_code_free_8(code)
        if let beginning { pcre2_code_free_8(beginning) }
    }

    /// Whether the pattern matches the whole of `subject`. Throws `subjectTooLong`, or `tooExpensive` when the limit
    /// was reached: then nobody knows, and the caller treats it as no match and says so.
    package func matches(_ subject: String) throws(PatternError) -> Bool {
        var bytes = Array(subject.utf8)
        let count = bytes.count
        guard count <= Self.maximumTextBytes else {
            throw .subjectTooLong(bytes: count, maximum: Self.maximumTextBytes)
        }
        bytes.append(0)
        // One pair is enough: nobody asks for the groups.
        guard let found = pcre2_match_data_create_8(1, nil) else { throw .outOfMemory }
        defer { pcre2_match_data_free_8(found) }
        // The bytes of a Swift string are valid UTF-8, so the library need not check.
        let result = pcre2_match_8(code, bytes, count, 0, UInt32(PCRE2_NO_UTF_CHECK), found, limits)
        if result >= 0 { return true }
        switch result {
        case PCRE2_ERROR_NOMATCH: return false
        case PCRE2_ERROR_NOMEMORY: throw .outOfMemory
        default: throw .tooExpensive(reason: Self.message(result))
        }
    }

    /// Whether the pattern matches something longer that begins with `start` and goes on with a digit or '*'. True as well
    /// when nobody knows, because a limit was reached.
    package func canGoOn(from start: String) -> Bool {
        "0123456789*".contains { next in
            do {
                return try matches(start + String(next)) || isBeginning(start + String(next))
            } catch {
                return true
            }
        }
    }

    private func isBeginning(_ subject: String) -> Bool {
        guard let beginning, let found = pcre2_match_data_create_8(1, nil) else { return true }
        defer { pcre2_match_data_free_8(found) }
        var bytes = Array(subject.utf8)
        let count = bytes.count
        bytes.append(0)
        let options = UInt32(PCRE2_NO_UTF_CHECK | PCRE2_PARTIAL_HARD)
        return pcre2_match_8(beginning, bytes, count, 0, options, found, limits) != PCRE2_ERROR_NOMATCH
    }

    /// Every match fails at its end, so that all others are tried, and the first that wants more than there is tells
    /// (pcre2partial(3), PCRE2_PARTIAL_HARD).
    private static func beginning(of text: String, _ settings: OpaquePointer) -> OpaquePointer? {
        var bytes = Array("(?:\(text))(*FAIL)".utf8)
        let count = bytes.count
        bytes.append(0)
        var number: Int32 = 0
        var offset = 0
        let options =
            PCRE2_UTF | PCRE2_ANCHORED | PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C
            | PCRE2_NO_START_OPTIMIZE
        return pcre2_compile_8(bytes, count, UInt32(options), &number, &offset, settings)
    }

    private static func message(_ number: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let length = pcre2_get_error_message_8(number, &buffer, buffer.count)
        return length < 0 ? "error \(number)" : String(decoding: buffer.prefix(Int(length)), as: UTF8.self)
    }

    /// Characters before a byte offset, for a person who counts what is on the screen.
    private static func characters(of text: String, before byte: Int) -> Int {
        String(decoding: text.utf8.prefix(max(0, byte)), as: UTF8.self).count
    }
}
