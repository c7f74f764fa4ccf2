// SPDX-License-Identifier: Apache-2.0

/// The API as TypeScript definitions, for editors: etc/partyline/scenarios/partyline.d.ts.
package enum TypeScript {
    package static func definitions() -> String {
        var text = preamble
        for owner in MemberTable.eventTables { text += events(owner) }
        for owner in MemberTable.classes { text += type(owner) }
        for owner in MemberTable.namespaces + MemberTable.constantTables { text += namespace(owner) }
        for member in MemberTable.members(of: "") {
            text += comment(member, indent: "")
            text +=
                member.kind == .constant
                ? "declare const \(member.name): \(member.forms.first ?? "unknown");\n"
                : declarations(member).map { "declare function \(member.name)\($0);\n" }.joined()
        }
        return text
    }

    private static func declarations(_ member: ScenarioMember) -> [String] { member.forms + member.oldForms }

    private static func comment(_ member: ScenarioMember, indent: String) -> String {
        let words: String? =
            switch member.support {
            case .supported: member.note.isEmpty ? nil : member.note
            case .withoutEffect(let why): "Without effect: \(why)."
            case .refused(let why): "@deprecated Not available: \(why)."
            }
        return words.map { "\(indent)/** \($0) */\n" } ?? ""
    }

    private static func events(_ owner: String) -> String {
        let prefix = owner == "AppEvents" ? "App" : String(owner.dropLast("Events".count))
        let members = MemberTable.members(of: owner)
        var text = "declare const \(owner): {\n"
        for member in members {
            text += comment(member, indent: "    ")
            text += "    readonly \(member.name): \"\(MemberTable.eventName(member))\";\n"
        }
        text += "};\ninterface \(prefix)EventMap {\n"
        let subject =
            switch prefix {
            case "App": ""
            case "SequencePlayer": "player: SequencePlayer; id: string; "
            default: "\(prefix.lowercased()): \(prefix); id: string; "
            }
        for member in members {
            let fields = member.forms.first ?? ""
            text +=
                "    \"\(MemberTable.eventName(member))\": { name: string; \(subject)\(fields)\(fields.isEmpty ? "" : " ")};\n"
        }
        return text + "}\n\n"
    }

    private static func type(_ owner: String) -> String {
        var text = "declare class \(owner) {\n"
        for member in MemberTable.members(of: owner) {
            text += comment(member, indent: "    ")
            if member.kind == .constant {
                text += "    readonly \(member.name): \(member.forms.first ?? "unknown");\n"
            } else {
                for form in declarations(member) { text += "    \(member.name)\(form);\n" }
            }
        }
        return text + "}\n\n"
    }

    private static func namespace(_ owner: String) -> String {
        var text = "declare const \(owner): {\n"
        for member in MemberTable.members(of: owner) {
            text += comment(member, indent: "    ")
            if member.kind == .constant || member.forms.first?.hasPrefix("new ") == true {
                text += "    readonly \(member.name): \(member.forms.first ?? "unknown");\n"
            } else {
                for form in declarations(member) { text += "    \(member.name)\(form);\n" }
            }
        }
        if owner == "Language" { text += "    readonly [name: string]: string;\n" }
        return text + "};\n\n"
    }

    private static let preamble = """
        // SPDX-License-Identifier: Apache-2.0
        //
        // What scenarios of Partyline can use. Made by `partyline scenario reference --typescript`; do not edit.
        // For an editor: a jsconfig.json beside the scenarios with {"compilerOptions": {"checkJs": true, "lib": ["ES2022"]}}.

        type CallHeaders = { [name: string]: string } | string[];
        type MediaUnit = Call | Conference | Player | SequencePlayer | Recorder;
        type Established = (call1: Call, call2: Call) => void;
        interface CallOptions {
            callerid?: string;
            displayName?: string;
            headers?: CallHeaders;
            extraHeaders?: CallHeaders;
            [other: string]: unknown;
        }
        interface PlayerOptions { loop?: boolean; onPause?: boolean; progressivePlayback?: boolean; [other: string]: unknown }
        interface SpeechOptions { voice?: unknown; language?: string; progressivePlayback?: boolean; [other: string]: unknown }
        interface RecordOptions {
            name?: string;
            recordNamePrefix?: string;
            format?: "mp3" | "wav" | "flac" | "ogg";
            lossless?: boolean;
            hd_audio?: boolean;
            stereo?: boolean;
            expire?: string | number;
            [other: string]: unknown;
        }
        interface IVRSettings {
            type: "select" | "inputfixed" | "inputunknown" | "noinput";
            prompt?: { say?: string; lang?: unknown; play?: string };
            inputLength?: number;
            inputValidator?: (input: string) => boolean;
            terminateOn?: string;
            timeout?: number;
            nextStates?: { [digit: string]: IVRState };
            nextState?: IVRState;
        }
        interface HttpOptions {
            method?: string;
            postData?: string | number[];
            headers?: CallHeaders;
            params?: { [name: string]: unknown };
            rawOutput?: boolean;
            timeout?: number;
            connectionTimeout?: number;
            enableSystemLog?: boolean;
        }
        interface HttpResult {
            code: number;
            text?: string;
            data: number[];
            headers: { key: string; value: string }[];
            raw_headers: string;
            error?: string;
        }
        interface StoredValue { key: string; value: string; ttl?: number }
        interface PhoneNumberInfo {
            number: string;
            country: string;
            isPossibleNumber: boolean;
            isValidNumber: boolean;
            isValidNumberForRegion: boolean;
            numberType: string;
            location: string;
            error?: string;
        }


        """
}
