// SPDX-License-Identifier: Apache-2.0

import ScenarioAPI

/// Why members are refused or do nothing, in the words of the member table: what an error of a script says is what the
/// reference, the definitions and the check say.
enum Reasons {
    static let source = """
        const reasons = \(table(MemberTable.all.filter { $0.kind == .function }));
        const absentModules = \(table(MemberTable.absentModules));
        """

    /// An object of JavaScript: the path of a member and the reason.
    private static func table(_ members: [ScenarioMember]) -> String {
        let lines = members.compactMap { member -> String? in
            switch member.support {
            case .supported: nil
            case .withoutEffect(let why), .refused(let why): "\(quoted(member.path)): \(quoted(why))"
            }
        }
        return "{ " + lines.joined(separator: ", ") + " }"
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
}
