// SPDX-License-Identifier: Apache-2.0

import CJavaScriptCore
import CLinux
import ScenarioProtocol

/// One global scope of JavaScript with the API in it: what a session runs in, alone in its engine. Belongs to the worker's one
/// thread.
///
/// Every entry has 1 s of CPU and may not let the process grow by more than 128 MB; then the engine stops it between two
/// steps of the script. What the engine cannot stop (a chain of promises, one regular expression) is the guard's: see
/// `partyline_guard_install`.
final class ScriptMachine {
    /// What the functions of the prelude are called that `call` knows.
    enum Entry: String, CaseIterable {
        case prepare, started, deliver, timerFired, ending, rejected
    }

    let context: JSGlobalContextRef
    let engine: ScriptEngine
    private var entries: [Entry: JSObjectRef] = [:]
    private var host: JSObjectRef?
    /// Who hears what scripts ask for; nil while no session owns the machine.
    weak var owner: (any ScriptMachineOwner)?
    /// A rejection that nobody handled, or a limit that was passed, during the entry.
    var pendingFault: ScriptFault?
    /// Where the script began what it is in ("gateway.js:12"), empty when not known: told where a fault carries no place of its own.
    var place = ""
    /// By how much the last entry made the process grow.
    private(set) var grownBytes: UInt64 = 0
    private var enteredCPU: Int64 = 0
    private var enteredBytes: UInt64 = 0

    private static let growthPerEntry: UInt64 = 128 << 20

    /// Nil when the engine does not start or the prelude does not load: a defect of this build, told on standard error.
    init?(in engine: ScriptEngine) {
        guard let context = JSGlobalContextCreateInGroup(engine.group, nil) else { return nil }
        self.engine = engine
        self.context = context
        // The engine's watchdog looks at the prelude as well, which on a slow board takes longer than one of its steps.
        enteredCPU = partyline_thread_cpu()
        enteredBytes = Self.resident()
        engine.machine = self
        guard loadPrelude() else { return nil }
    }

    deinit {
        for function in entries.values { JSValueUnprotect(context, function) }
        if let host {
            // What the session has left may be called once more before it is freed.
            JSObjectSetPrivate(host, nil)
            JSValueUnprotect(context, host)
        }
        engine.abandon(context)
    }

    /// Only looks whether the text is JavaScript.
    func check(_ text: String, name: String) throws(ScriptFault) {
        var exception: JSValueRef?
        let isValid = ScriptText.with(text) { text in
            ScriptText.with(name) { JSCheckScriptSyntax(context, text, $0, 1, &exception) }
        }
        if !isValid { throw ScriptFault(thrown: exception, in: context) }
    }

    /// Runs a script in the global scope that all scripts of the session share.
    func evaluate(_ text: String, name: String) throws(ScriptFault) {
        // A value that is no Error carries no place; the file at least is known.
        place = name
        try enter { exception in
            ScriptText.with(text) { text in
                ScriptText.with(name) { _ = JSEvaluateScript(context, text, nil, $0, 1, &exception) }
            }
        }
    }

    /// Calls a function of the prelude with a text or a number, or nothing.
    func call(_ entry: Entry, _ argument: String? = nil) throws(ScriptFault) {
        guard let function = entries[entry] else { return }
        try enter { exception in
            guard let argument else {
                _ = JSObjectCallAsFunction(context, function, nil, 0, nil, &exception)
                return
            }
            ScriptText.with(argument) { text in
                let arguments: [JSValueRef?] = [JSValueMakeString(context, text)]
                _ = JSObjectCallAsFunction(context, function, nil, 1, arguments, &exception)
            }
        }
    }

    func call(_ entry: Entry, _ number: Int) throws(ScriptFault) {
        guard let function = entries[entry] else { return }
        try enter { exception in
            let arguments: [JSValueRef?] = [JSValueMakeNumber(context, Double(number))]
            _ = JSObjectCallAsFunction(context, function, nil, 1, arguments, &exception)
        }
    }

    /// Bytes that this machine's heap holds, after a collection if asked for.
    func heapBytes(collecting: Bool) -> UInt64 {
        if collecting { JSSynchronousGarbageCollectForDebugging(context) }
        guard let statistics = JSGetMemoryUsageStatistics(context) else { return 0 }
        let bytes = ["heapSize", "extraMemorySize"].map { ScriptText.number($0, of: statistics, in: context) }
        return UInt64(max(bytes.reduce(0, +), 0))
    }

    // MARK: - Entry and its limits

    private func enter(_ body: (inout JSValueRef?) -> Void) throws(ScriptFault) {
        var exception: JSValueRef?
        pendingFault = nil
        enteredCPU = partyline_thread_cpu()
        enteredBytes = Self.resident()
        body(&exception)
        let bytes = Self.resident()
        grownBytes = bytes > enteredBytes ? bytes - enteredBytes : 0
        defer { place = "" }
        // A limit that was passed is the cause; what was thrown then is only its effect.
        if let fault = pendingFault { throw fault.placed(at: place) }
        if let exception { throw ScriptFault(thrown: exception, in: context).placed(at: place) }
    }

    private static func resident() -> UInt64 { partyline_own_resident_bytes() }

    /// Asked by the engine every 20 ms of CPU.
    func mustStop(in context: JSContextRef?) -> Bool {
        let seconds = Double(partyline_thread_cpu() - enteredCPU) / 1e9
        let grown = Self.resident()
        let reason: String
        if seconds > ScenarioLimits.callbackSeconds {
            reason = "the script ran for more than 1 s without a pause"
        } else if grown > enteredBytes, grown - enteredBytes > Self.growthPerEntry {
            reason = "the script took more than 128 MB of memory at once"
        } else {
            return false
        }
        // Where it is: an Error made here carries the stack. (A loop without a call in it is told as its function's line.)
        let error = JSObjectMakeError(context, 0, nil, nil)
        let stack = ScriptText.property("stack", of: error, in: context, limit: 20_000) ?? ""
        let place = ScriptFault.place(inStack: stack)
        pendingFault = ScriptFault(reason, file: place?.file ?? "", line: place?.line ?? 0)
        return true
    }

    // MARK: - The prelude

    private func loadPrelude() -> Bool {
        var exception: JSValueRef?
        guard let function = JSScriptEvaluate(context, engine.prelude, nil, &exception), exception == nil else {
            return complain(exception)
        }
        host = HostObject.make(in: context, for: self)
        if let host { JSValueProtect(context, host) }
        let arguments: [JSValueRef?] = [host, JSContextGetGlobalObject(context)]
        guard let table = JSObjectCallAsFunction(context, function, nil, 2, arguments, &exception), exception == nil
        else {
            return complain(exception)
        }
        for entry in Entry.allCases {
            let value = ScriptText.with(entry.rawValue) { JSObjectGetProperty(context, table, $0, &exception) }
            guard exception == nil, let value, JSValueIsObject(context, value) else { return complain(exception) }
            JSValueProtect(context, value)
            entries[entry] = value
        }
        JSGlobalContextSetUnhandledRejectionCallback(context, entries[.rejected], &exception)
        return exception == nil ? true : complain(exception)
    }

    private func complain(_ exception: JSValueRef?) -> Bool {
        let line =
            (exception.map { JSValueIsObject(context, $0) } ?? false)
            ? Int(ScriptText.number("line", of: exception, in: context)) : 0
        StandardError.write("the API does not load: line \(line): \(ScriptText.of(exception, in: context, limit: 500))")
        return false
    }
}

/// The session behind a machine: what `host` of the prelude does.
protocol ScriptMachineOwner: AnyObject {
    /// The JSON of a `SessionCommand`. False: not understood, or too many; then with the reason for the script.
    func machine(_ machine: ScriptMachine, sends json: String) -> String?
    /// The JSON of a `ServiceRequest`; the reason if it is refused.
    func machine(_ machine: ScriptMachine, asks json: String) -> String?
    /// Nothing will come any more.
    func machineIsFinished()
    /// Of the clock that timers go by.
    var milliseconds: Double { get }
    func machine(_ machine: ScriptMachine, logs line: ScriptLogLine)
    func machine(_ machine: ScriptMachine, setsTimer id: Int, milliseconds: Double)
    func machine(_ machine: ScriptMachine, clearsTimer id: Int)
}
