// SPDX-License-Identifier: Apache-2.0

/// Settings that stand together: a section of partyline.toml, a line, a rule. The initialiser gives the defaults, and
/// the keys say everything else; the sample configuration and the manual are made of both.
protocol SettingGroup: Sendable {
    init()
    static var keys: [SettingKey<Self>] { get }
}

/// The one declaration of a setting: its key, the property that it sets (whose initial value is the default), what it
/// may be, its unit, and its text for sample and manual.
struct SettingKey<Group: SettingGroup>: Sendable {
    let name: String
    let words: String
    let unit: String
    let text: String
    let isRequired: Bool
    /// What the sample shows for a key without a default, as TOML.
    let example: String?
    /// The default as TOML; nil where there is none that could be written, which then has an example.
    let defaultText: @Sendable () -> String?
    let read: @Sendable (TOMLValue, inout Group, inout Misfits) -> Void
    /// What a group has there, as TOML; nil as if the key were absent.
    let value: @Sendable (Group) -> String?
    /// Gives the second what the first has there.
    let copy: @Sendable (Group, inout Group) -> Void

    /// - Parameters:
    ///   - unit: for the margin of the sample ("ms", "calls"); empty for none.
    ///   - text: whole sentences.
    init<Value>(
        _ name: String, _ property: any WritableKeyPath<Group, Value> & Sendable, _ kind: SettingKind<Value>,
        unit: String = "", example: String? = nil, isRequired: Bool = false, _ text: String
    ) {
        self.name = name
        self.words = kind.words
        self.unit = unit
        self.text = text
        self.isRequired = isRequired
        self.example = example
        self.defaultText = { example == nil ? kind.write(Group()[keyPath: property]) : nil }
        self.value = { kind.write($0[keyPath: property]) }
        self.copy = { from, into in into[keyPath: property] = from[keyPath: property] }
        self.read = { value, group, misfits in
            if let result = kind.read(value, &misfits) { group[keyPath: property] = result }
        }
    }
}

extension SettingGroup {
    /// Reads a table. Whatever does not fit keeps its default and is reported, so that one run finds all mistakes.
    /// - Parameters:
    ///   - place: where the table begins, for what is missing.
    ///   - whereabouts: "[sip]", "a line", for messages.
    ///   - elsewhere: tells for an unknown key where it does belong.
    init(
        _ entries: [TOMLEntry], at place: Place, in whereabouts: String, _ misfits: inout Misfits,
        elsewhere: (String) -> String? = { _ in nil }
    ) {
        self.init()
        var missing = Set(Self.keys.filter(\.isRequired).map(\.name))
        for entry in entries where !misfits.isFull {
            guard let key = Self.keys.first(where: { $0.name == entry.key }) else {
                let remedy =
                    elsewhere(entry.key)
                    ?? NearestWord.remedy(entry.key, among: Self.keys.map(\.name), noun: "key of \(whereabouts)")
                misfits.error(entry.keyPlace, "unknown key \(entry.key.quoted) in \(whereabouts)", remedy)
                continue
            }
            missing.remove(entry.key)
            key.read(entry.value, &self, &misfits)
        }
        for key in Self.keys where missing.contains(key.name) {
            let example =
                key.example.map { "\(key.name) = \($0), or another of its kind" } ?? "\(key.name) and \(key.words)"
            misfits.error(place, "the key \(key.name) is missing in \(whereabouts)", "write \(example)")
        }
    }
}
