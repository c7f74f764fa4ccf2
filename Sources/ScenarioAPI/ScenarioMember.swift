// SPDX-License-Identifier: Apache-2.0

/// One member of the scripts' API: a row of the member table, from which the reference, the TypeScript definitions and what
/// `partyline scenario check` knows are made.
package struct ScenarioMember: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case function
        /// A member of an event table; `forms` has the fields of its event.
        case event
        case constant
    }

    package enum Support: Sendable, Hashable {
        case supported
        /// May be called, does nothing (a warning in the log), with the reason.
        case withoutEffect(String)
        /// There, so that scripts load; an error when used, with the reason. An event: never comes; a constant: of no use.
        case refused(String)
    }

    /// The namespace, class or event table ("VoxEngine", "Call", "CallEvents"); empty for globals.
    package var owner: String
    package var name: String
    package var kind: Kind
    /// TypeScript: "(code: number): void" for a function, "headers: Headers" for an event, a type for a constant.
    package var forms: [String]
    /// Forms of scripts of 2016-17, which work as well.
    package var oldForms: [String]
    package var support: Support
    /// For the reference; a sentence or nothing.
    package var note: String

    /// "Call.say", "setTimeout".
    package var path: String { owner.isEmpty ? name : "\(owner).\(name)" }

    package var isSupported: Bool { support == .supported }

    static func function(
        _ owner: String, _ name: String, _ forms: String..., old: [String] = [], support: Support = .supported,
        note: String = ""
    ) -> ScenarioMember {
        ScenarioMember(
            owner: owner, name: name, kind: .function, forms: forms, oldForms: old, support: support, note: note)
    }

    static func event(
        _ owner: String, _ name: String, _ fields: String = "", support: Support = .supported, note: String = ""
    ) -> ScenarioMember {
        ScenarioMember(
            owner: owner, name: name, kind: .event, forms: [fields], oldForms: [], support: support, note: note)
    }

    static func constant(
        _ owner: String, _ name: String, _ type: String, support: Support = .supported, note: String = ""
    ) -> ScenarioMember {
        ScenarioMember(
            owner: owner, name: name, kind: .constant, forms: [type], oldForms: [], support: support, note: note)
    }
}
