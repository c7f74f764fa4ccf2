// SPDX-License-Identifier: Apache-2.0

/// What a script may name as something to play: "https://…", "file:///…", a path in the folder of prompts, or the address of
/// a recording of this box.
enum PlaybackAddress {
    static let mostBytes = 4_096

    /// Nil: it is not understood; the caller gets an error and not silence.
    static func sound(_ address: String, recordingsURL: String = "", recordingsFolder: String = "") -> Sound? {
        guard !address.isEmpty, address.utf8.count <= mostBytes else { return nil }
        if !recordingsURL.isEmpty, !recordingsFolder.isEmpty, address.hasPrefix(recordingsURL) {
            let name = address.dropFirst(recordingsURL.count)
            return name.isEmpty || name.contains("/") ? nil : .file(path: recordingsFolder + "/" + name)
        }
        let scheme = address.prefix(8).lowercased()
        if scheme.hasPrefix("file://") { return .file(path: String(address.dropFirst(7))) }
        if scheme.hasPrefix("http://") || scheme.hasPrefix("https://") { return .web(url: address) }
        return address.contains("://") ? nil : .file(path: address)
    }
}
