// SPDX-License-Identifier: Apache-2.0

/// Something that reads bytes of strangers. A crash, a leak, an endless loop or a lot of memory is a fault of ours.
struct FuzzTarget: Sendable {
    var name: String
    /// Folders of fixtures that its corpus begins with, within Tests/Fixtures.
    var seeds: [String]
    /// Longest input that is worth while.
    var longest: Int
    var run: @Sendable ([UInt8]) -> Void

    static let all = network + media + house

    static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}
