// SPDX-License-Identifier: Apache-2.0

import CJavaScriptCore
import ScenarioProtocol

/// The object `host` that the prelude is given: the only functions that are not JavaScript.
///
///     host.send(json)                 a SessionCommand, as JSON
///     host.log(level, text, stack)    a line for the log
///     host.setTimer(id, milliseconds) timerFired(id) is called once, then
///     host.clearTimer(id)
///     host.serve(json)                a ServiceRequest, as JSON; its reply is delivered like an event
///     host.digest(kind, data, key)    md5, sha1, sha256 or hmac_sha256 of bytes (a character each), as hex
///     host.now()                      milliseconds of the clock that timers go by
///     host.finished()                 the session has said its last words
///     host.random()                   16 random bytes as hex
///     host.fault(reason)              a rejection that nobody handled
///     host.at(place)                  where the script began what it does now ("gateway.js:12")
///     host.maxTimers …                limits
enum HostObject {
    typealias Function =
        @convention(c) (
            JSContextRef?, JSObjectRef?, JSObjectRef?, Int, UnsafePointer<JSValueRef?>?,
            UnsafeMutablePointer<JSValueRef?>?
        ) -> JSValueRef?

    static func make(in context: JSContextRef, for machine: ScriptMachine) -> JSObjectRef? {
        var definition = kJSClassDefinitionEmpty
        let kind = JSClassCreate(&definition)
        defer { JSClassRelease(kind) }
        let host = JSObjectMake(context, kind, Unmanaged.passUnretained(machine).toOpaque())
        for (name, function) in functions() {
            ScriptText.with(name) {
                JSObjectSetProperty(
                    context, host, $0, JSObjectMakeFunctionWithCallback(context, $0, function),
                    JSPropertyAttributes(kJSPropertyAttributeReadOnly), nil)
            }
        }
        for (name, limit) in limits {
            ScriptText.with(name) {
                JSObjectSetProperty(
                    context, host, $0, JSValueMakeNumber(context, Double(limit)),
                    JSPropertyAttributes(kJSPropertyAttributeReadOnly), nil)
            }
        }
        return host
    }

    private static let limits: [(String, Int)] = [
        ("maxTimers", ScenarioLimits.timersPerSession), ("maxPlayers", ScenarioLimits.playersPerSession),
        ("maxListeners", ScenarioLimits.listenersPerEvent), ("maxActiveRequests", ScenarioLimits.activeRequests),
        ("maxQueuedRequests", ScenarioLimits.queuedRequests), ("maxStorageRequests", ScenarioLimits.storageRequests),
        ("lastRequestSeconds", ScenarioLimits.lastRequestSeconds),
    ]

    /// The machine behind `this`.
    static func machine(_ this: JSObjectRef?) -> ScriptMachine? {
        guard let this, let data = JSObjectGetPrivate(this) else { return nil }
        return Unmanaged<ScriptMachine>.fromOpaque(data).takeUnretainedValue()
    }

    static func text(
        _ index: Int, _ context: JSContextRef?, _ count: Int, _ arguments: UnsafePointer<JSValueRef?>?, limit: Int
    ) -> String {
        guard index < count, let arguments else { return "" }
        return ScriptText.of(arguments[index], in: context, limit: limit)
    }

    static func number(
        _ index: Int, _ context: JSContextRef?, _ count: Int, _ arguments: UnsafePointer<JSValueRef?>?
    ) -> Double {
        guard index < count, let arguments, let value = arguments[index] else { return 0 }
        let number = JSValueToNumber(context, value, nil)
        return number.isFinite ? min(max(number, -2e9), 2e9) : 0
    }

    static func fail(
        _ text: String, _ context: JSContextRef?, _ exception: UnsafeMutablePointer<JSValueRef?>?
    ) -> JSValueRef? {
        ScriptText.with(text) {
            let message: [JSValueRef?] = [JSValueMakeString(context, $0)]
            exception?.pointee = JSObjectMakeError(context, 1, message, nil)
        }
        return JSValueMakeUndefined(context)
    }

    /// A function makes them: as C functions they must not belong to an actor.
    private static func functions() -> [(String, Function)] {
        let send: Function = { context, _, this, count, arguments, exception in
            guard let machine = HostObject.machine(this), let owner = machine.owner else {
                return JSValueMakeUndefined(context)
            }
            let json = HostObject.text(0, context, count, arguments, limit: ScenarioLimits.messageBytes + 1)
            if let reason = owner.machine(machine, sends: json) { return HostObject.fail(reason, context, exception) }
            return JSValueMakeUndefined(context)
        }
        let log: Function = { context, _, this, count, arguments, _ in
            guard let machine = HostObject.machine(this), let owner = machine.owner else {
                return JSValueMakeUndefined(context)
            }
            let level = ScriptLogLine.Level(rawValue: HostObject.text(0, context, count, arguments, limit: 20)) ?? .info
            let place = ScriptFault.place(inStack: HostObject.text(2, context, count, arguments, limit: 4000))
            owner.machine(
                machine,
                logs: ScriptLogLine(
                    level: level,
                    text: HostObject.text(1, context, count, arguments, limit: ScenarioLimits.logTextCharacters),
                    file: place?.file ?? "", line: place?.line ?? 0))
            return JSValueMakeUndefined(context)
        }
        let setTimer: Function = { context, _, this, count, arguments, _ in
            guard let machine = HostObject.machine(this) else { return JSValueMakeUndefined(context) }
            machine.owner?.machine(
                machine, setsTimer: Int(HostObject.number(0, context, count, arguments)),
                milliseconds: HostObject.number(1, context, count, arguments))
            return JSValueMakeUndefined(context)
        }
        let clearTimer: Function = { context, _, this, count, arguments, _ in
            guard let machine = HostObject.machine(this) else { return JSValueMakeUndefined(context) }
            machine.owner?.machine(machine, clearsTimer: Int(HostObject.number(0, context, count, arguments)))
            return JSValueMakeUndefined(context)
        }
        let random: Function = { context, _, _, _, _, _ in
            var generator = SystemRandomNumberGenerator()
            let digits = (0..<2).map { _ in
                let hex = String(generator.next() as UInt64, radix: 16)
                return String(repeating: "0", count: 16 - hex.count) + hex
            }
            return ScriptText.with(digits.joined()) { JSValueMakeString(context, $0) }
        }
        let fault: Function = { context, _, this, count, arguments, _ in
            guard let machine = HostObject.machine(this), count > 0, let arguments else {
                return JSValueMakeUndefined(context)
            }
            if machine.pendingFault == nil {
                machine.pendingFault = ScriptFault(thrown: arguments[0], in: context)
            }
            return JSValueMakeUndefined(context)
        }
        return [
            ("send", send), ("log", log), ("setTimer", setTimer), ("clearTimer", clearTimer), ("random", random),
            ("fault", fault),
        ] + serviceFunctions()
    }
}
