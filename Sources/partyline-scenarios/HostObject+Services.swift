// SPDX-License-Identifier: Apache-2.0

import CJavaScriptCore
import CLinux
import ScenarioProtocol

extension HostObject {
    /// Web, storage, digests, the clock. A function makes them: as C functions they must not belong to an actor.
    static func serviceFunctions() -> [(String, Function)] {
        let serve: Function = { context, _, this, count, arguments, exception in
            guard let machine = HostObject.machine(this), let owner = machine.owner else {
                return JSValueMakeUndefined(context)
            }
            let json = HostObject.text(0, context, count, arguments, limit: ScenarioLimits.messageBytes + 1)
            if let reason = owner.machine(machine, asks: json) { return HostObject.fail(reason, context, exception) }
            return JSValueMakeUndefined(context)
        }
        let digest: Function = { context, _, _, count, arguments, exception in
            // Each character is a byte: the prelude made them so.
            let bytes = [1, 2].map { index in
                HostObject.text(index, context, count, arguments, limit: HostObject.mostDigestBytes).utf16.map {
                    UInt8(truncatingIfNeeded: $0)
                }
            }
            let kind = HostObject.text(0, context, count, arguments, limit: 20)
            guard let hex = MessageDigest.hex(kind, of: bytes[0], key: bytes[1]) else {
                return HostObject.fail("there is no digest \(kind)", context, exception)
            }
            return ScriptText.with(hex) { JSValueMakeString(context, $0) }
        }
        let now: Function = { context, _, this, _, _, _ in
            JSValueMakeNumber(context, HostObject.machine(this)?.owner?.milliseconds ?? 0)
        }
        let finished: Function = { context, _, this, _, _, _ in
            HostObject.machine(this)?.owner?.machineIsFinished()
            return JSValueMakeUndefined(context)
        }
        let place: Function = { context, _, this, count, arguments, _ in
            let place = HostObject.text(0, context, count, arguments, limit: 200)
            HostObject.machine(this)?.place = place
            partyline_guard_place(place)
            return JSValueMakeUndefined(context)
        }
        return [("at", place), ("serve", serve), ("digest", digest), ("now", now), ("finished", finished)]
    }

    /// Longer data is cut by the prelude with an error before it comes here.
    private static let mostDigestBytes = 16 << 20
}
