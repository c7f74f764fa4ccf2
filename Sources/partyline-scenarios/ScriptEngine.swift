// SPDX-License-Identifier: Apache-2.0

import CJavaScriptCore

/// One virtual machine of JavaScript, in which sessions run one after another, each with a global scope of its own
/// (`ScriptMachine`). It keeps what it has compiled, so that the API and a rule's scripts are read once and not once a session.
/// Belongs to the worker's one thread.
final class ScriptEngine {
    let group: JSContextGroupRef
    /// A scope in which nothing runs, and a function of it. A scope's handler of rejections is a root of the collector: while it
    /// is a function of that scope, the scope is never freed. So a scope that is done with is given this one.
    private let parking: JSGlobalContextRef
    private let parked: JSObjectRef
    /// The API, once for all scopes.
    let prelude: JSScriptRef
    /// What sessions have left in it that was not freed yet: their scopes, or what it took to read the API.
    private(set) var scopesLeft = MachineReserve.scopesToTidy
    var isTidy: Bool { scopesLeft == 0 }
    /// Whose script runs; asked by the engine's watchdog.
    weak var machine: ScriptMachine?

    private static let stepSeconds = 0.02

    /// Nil when the engine does not start.
    init?() {
        guard let group = JSContextGroupCreate() else { return nil }
        let nothing: HostObject.Function = { context, _, _, _, _, _ in JSValueMakeUndefined(context) }
        guard let parking = JSGlobalContextCreateInGroup(group, nil),
            let parked = ScriptText.with("parked", { JSObjectMakeFunctionWithCallback(parking, $0, nothing) }),
            let prelude = Self.readPrelude(for: group)
        else {
            JSContextGroupRelease(group)
            return nil
        }
        self.group = group
        self.parking = parking
        self.parked = parked
        self.prelude = prelude
        JSValueProtect(parking, parked)
        setTimeLimit()
    }

    deinit {
        JSContextGroupClearExecutionTimeLimit(group)
        JSScriptRelease(prelude)
        JSGlobalContextRelease(parking)
        JSContextGroupRelease(group)
    }

    /// Nil when it is not JavaScript: a defect of this build, told on standard error.
    private static func readPrelude(for group: JSContextGroupRef) -> JSScriptRef? {
        var message: JSStringRef?
        var line: Int32 = 0
        let bytes = Prelude.bytes
        let script = ScriptText.with(Prelude.name) {
            JSScriptCreateReferencingImmortalASCIIText(group, $0, 1, bytes.baseAddress, bytes.count, &message, &line)
        }
        if let message { JSStringRelease(message) }
        if script == nil { StandardError.write("the API is not JavaScript: line \(line)") }
        return script
    }

    /// Lets go of a scope, so that the next collection frees it.
    func abandon(_ context: JSGlobalContextRef) {
        var exception: JSValueRef?
        JSGlobalContextSetUnhandledRejectionCallback(context, parked, &exception)
        JSGlobalContextRelease(context)
        scopesLeft += 1
    }

    /// Frees what sessions have left that are gone. Takes some milliseconds.
    func tidyUp() {
        JSSynchronousGarbageCollectForDebugging(parking)
        scopesLeft = 0
    }

    /// The engine asks once; to be asked again the limit has to be set again.
    func setTimeLimit() {
        let callback: @convention(c) (JSContextRef?, UnsafeMutableRawPointer?) -> Bool = { context, data in
            guard let data else { return true }
            let engine = Unmanaged<ScriptEngine>.fromOpaque(data).takeUnretainedValue()
            if engine.machine?.mustStop(in: context) == true { return true }
            engine.setTimeLimit()
            return false
        }
        JSContextGroupSetExecutionTimeLimit(
            group, Self.stepSeconds, callback, Unmanaged.passUnretained(self).toOpaque())
    }
}
