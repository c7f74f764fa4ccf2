// SPDX-License-Identifier: Apache-2.0

/// The API as one function of JavaScript. It is given the worker (`host`) and the global object, fills the latter and returns
/// the functions by which the worker brings events. Scripts cannot reach `host`.
enum Prelude {
    /// How frames of the prelude are called in stack traces; scripts are called by their file names.
    static let name = "voxengine"

    /// The text as the engines read it, made once, never written again and never freed: so any thread may
    /// read it. ASCII; without indentation and comments (lines stay where they are).
    nonisolated(unsafe) static let bytes: UnsafeBufferPointer<CChar> = {
        let text = source.utf8
        let bytes = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.count)
        _ = bytes.initialize(from: text.map { CChar(bitPattern: $0) })
        return UnsafeBufferPointer(bytes)
    }()

    private static let source: String = {
        let lines = parts.joined(separator: "\n").split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let code = line.drop { $0 == " " }
            return code.hasPrefix("//") ? "" : code
        }
        return "(function (host, global) {\n'use strict';\n" + lines.joined(separator: "\n") + "\n})"
    }()

    /// In the order in which they need each other when they are loaded.
    private static let parts = [
        Reasons.source, Foundations.source, Names.source, VoxEngineObject.source, Globals.source, CallClass.source,
        ConferenceClass.source, PlayerClass.source, RecorderClass.source, NetModule.source, CryptoModule.source,
        Forwarding.source, IVRClass.source, SessionFunctions.source,
    ]
}
