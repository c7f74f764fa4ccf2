// SPDX-License-Identifier: Apache-2.0

/// Why a line is not in service, for a person.
struct LineTrouble: Hashable, ExpressibleByStringInterpolation {
    var text: String
    /// The device that is to blame, as `LineError` calls it; nil: the line as a whole.
    var device: String?

    init(stringLiteral text: String) { self.text = text }

    init(_ error: LineError) {
        text = error.description
        device = error.device
    }
}
