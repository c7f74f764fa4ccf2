// SPDX-License-Identifier: Apache-2.0
// RFC 3261 section 10.2.4 and 20.19: whoever registers reads in the 2xx for how long. The number is the network's.

/// For how long a registrar remembers us.
package enum GrantedExpiry {
    /// A number beyond is no promise that a registrar keeps; and whatever is reckoned with it stays far from an overflow.
    package static let longest = 86_400

    /// Seconds, from 0 to `longest`: what our own Contact says, otherwise the Expires header, otherwise what we asked for.
    /// - Parameters:
    ///   - contacts: values of the response's Contact headers.
    ///   - line: the mark in our Contact.
    ///   - expires: value of its Expires header.
    package static func seconds(contacts: [String], line: String, expires: String?, asked: Int) -> Int {
        for value in contacts {
            for contact in NameAddress.list(value) ?? [] where contact.uri.contains("line=\(line)") {
                if let seconds = contact.parameters["expires"].flatMap(number) { return seconds }
            }
        }
        return expires.flatMap(number) ?? clamped(asked)
    }

    private static func number(_ text: String) -> Int? { Int(text.filter { $0 != " " }).map(clamped) }

    private static func clamped(_ seconds: Int) -> Int { min(max(seconds, 0), longest) }
}
