// SPDX-License-Identifier: Apache-2.0

/// The API as one function of JavaScript. It is given the worker (`host`) and the global object, fills the latter and returns
/// the functions by which the worker brings events. Scripts cannot reach `host`.
enum Prelude {
    /// How frames of the prelude are called in stack traces; scripts are called by their file names.
    static let name = "voxengine"

    static let source = "(function (host, global) {\n'use strict';\n" + parts.joined(separator: "\n") + "\n})"

    /// In the order in which they need each other when they are loaded.
    private static let parts = [
        Foundations.source, Names.source, VoxEngineObject.source, Globals.source, CallClass.source, ConferenceClass.source,
        PlayerClass.source, Forwarding.source, IVRClass.source, SessionFunctions.source,
    ]
}
