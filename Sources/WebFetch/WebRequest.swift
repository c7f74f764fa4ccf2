// SPDX-License-Identifier: Apache-2.0

/// What is asked of a web server.
package struct WebRequest: Sendable, Hashable {
    package var method = "GET"
    /// http or https.
    package var url: String
    package var headers: [(name: String, value: String)] {
        get { zip(headerNames, headerValues).map { ($0, $1) } }
        set {
            headerNames = newValue.map(\.name)
            headerValues = newValue.map(\.value)
        }
    }
    private var headerNames: [String] = []
    private var headerValues: [String] = []
    package var body: [UInt8] = []
    package var seconds = 30.0
    package var connectSeconds = 6.0
    /// Of the answer's body.
    package var mostBytes = 10 << 20

    package init(url: String) { self.url = url }

    static let mostURLBytes = 8 << 10
    static let mostHeaders = 64
    static let mostBodyBytes = 4 << 20

    /// Why it can not be sent; nil: it can.
    var flaw: WebFault? {
        guard !url.isEmpty, url.utf8.count <= Self.mostURLBytes, !url.unicodeScalars.contains(where: { $0.value <= 32 })
        else { return .badAddress }
        let lower = url.prefix(8).lowercased()
        guard lower.hasPrefix("http://") || lower.hasPrefix("https://") else { return .badAddress }
        let isToken = { (text: String) in
            !text.isEmpty
                && text.utf8.allSatisfy {
                    (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                        || "!#$%&'*+-.^_`|~".utf8.contains($0)
                }
        }
        guard isToken(method), method.utf8.count <= 20 else { return .other("the method is not understood") }
        guard body.count <= Self.mostBodyBytes else { return .other("the body is larger than 4 MB") }
        guard headerNames.count <= Self.mostHeaders,
            headers.allSatisfy({ header in
                isToken(header.name) && header.value.utf8.count <= 8 << 10
                    && !header.value.unicodeScalars.contains { $0.value < 32 && $0.value != 9 || $0.value == 127 }
            })
        else { return .other("a header is not understood") }
        return nil
    }
}

package struct WebResponse: Sendable, Hashable {
    package var status: Int
    package var headerNames: [String] = []
    package var headerValues: [String] = []
    package var body: [UInt8] = []

    /// The first value of a header, whatever its case.
    package func header(_ name: String) -> String? {
        headerNames.firstIndex { $0.lowercased() == name.lowercased() }.map { headerValues[$0] }
    }
}

/// Why there was no answer.
package enum WebFault: Error, Sendable, Hashable, CustomStringConvertible {
    case refused
    case badAddress
    case nameNotFound
    case noConnection(String)
    case badCertificate(String)
    case tooSlow
    case tooLarge
    case tooBusy
    case other(String)

    package var description: String {
        switch self {
        case .refused: "the settings do not allow this address ([fetch] allow_networks)"
        case .badAddress: "this is no http or https address"
        case .nameNotFound: "the name of the server was not found"
        case .noConnection(let reason): "no connection: \(reason)"
        case .badCertificate(let reason): "the server's certificate is not valid: \(reason)"
        case .tooSlow: "no answer in time"
        case .tooLarge: "the answer is too large"
        case .tooBusy: "too many requests wait already"
        case .other(let reason): reason
        }
    }
}
