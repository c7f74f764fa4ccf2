// SPDX-License-Identifier: Apache-2.0

extension MemberTable {
    private static let noMachineDetection = "enableBeepDetection tells when an answering machine beeps"
    /// The type of a table in which every name is known.
    private static let everyName = "{ readonly [name: string]: string }"
    private static let noMail = "the box has no mail server; Net.httpRequest to a mail gateway does it"

    static let net: [ScenarioMember] = [
        .function(
            "Net", "httpRequest", "(url: string, callback?: (result: HttpResult) => void, options?: HttpOptions): void",
            note:
                "3 at once and 32 waiting in a session; one more is an error. A code below 100 means that there was no answer."
        ),
        .function("Net", "httpRequestAsync", "(url: string, options?: HttpOptions): Promise<HttpResult>"),
        .function("Net", "HttpRequestOptions", "new () => HttpOptions"),
        .function("Net", "sendMail", "(...values: unknown[]): never", support: .refused(noMail)),
        .function("Net", "sendMailAsync", "(...values: unknown[]): never", support: .refused(noMail)),
    ]

    static let storage: [ScenarioMember] = [
        .function("ApplicationStorage", "get", "(key: string): Promise<StoredValue | null>"),
        .function(
            "ApplicationStorage", "put", "(key: string, value: string, ttl?: number): Promise<StoredValue>",
            note: "ttl in seconds; 0: for ever. One storage for all scripts of the box."),
        .function("ApplicationStorage", "remove", "(key: string): Promise<StoredValue | null>"),
        .function("ApplicationStorage", "delete", "(key: string): Promise<StoredValue | null>"),
        .function(
            "ApplicationStorage", "keys", "(pattern?: string): Promise<string[]>",
            note: "With * and ? as in names of files."),
    ]

    static let helpers: [ScenarioMember] = [
        .function("Logger", "write", "(...values: unknown[]): void"),
        .function("Logger", "hideTones", "(hidden?: boolean): void", note: "Digits are never logged."),
        .function("Crypto", "md5", "(data: string | number[]): string"),
        .function("Crypto", "sha1", "(data: string | number[]): string"),
        .function("Crypto", "sha256", "(data: string | number[]): string"),
        .function("Crypto", "hmac_sha256", "(key: string | number[], data: string | number[]): string"),
        .function(
            "PhoneNumber", "getInfo", "(number: string, country?: string): PhoneNumberInfo",
            note: "By country code and length."),
        .function("JSession", "close", "(): void", note: "Old; VoxEngine.terminate."),
        .function("CallList", "reportError", "(...values: unknown[]): Promise<void>", note: "Goes to the log."),
        .function("CallList", "reportProgress", "(...values: unknown[]): Promise<void>", note: "Goes to the log."),
        .function("CallList", "reportResult", "(...values: unknown[]): Promise<void>", note: "Goes to the log."),
        .function("CallList", "reportErrorAsync", "(...values: unknown[]): Promise<void>", note: "Goes to the log."),
        .function("CallList", "reportProgressAsync", "(...values: unknown[]): Promise<void>", note: "Goes to the log."),
        .function("CallList", "reportResultAsync", "(...values: unknown[]): Promise<void>", note: "Goes to the log."),
        .function(
            "AMD", "create", "(...values: unknown[]): never", support: .refused(noMachineDetection)),
        .constant("AMD", "Model", everyName, note: "Every name is known."),
    ]

    /// Modules of the cloud that are not here: they are there to be looked at, and whatever is called of them throws.
    package static let absentModules: [ScenarioMember] = [
        ("ACD", outOfScope), ("ASR", noRecognition), ("SmartQueue", outOfScope), ("AI", noAgents), ("OpenAI", noAgents),
        ("Gemini", noAgents), ("StreamingAgent", outOfScope), ("PushService", "there are no push services here"),
        ("SMS", "the box sends no text messages; Net.httpRequest to a gateway does it"), ("WebSocket", noWebSockets),
        ("Avatar", noAgents),
    ].map { name, why in
        .constant("", name, "{ readonly [name: string]: (...values: unknown[]) => never }", support: .refused(why))
    }
    private static let noAgents = "there are no voice agents on this box; Net.httpRequest asks a service"

    static let constants: [ScenarioMember] =
        ["ALL", "TELEPHONE_EVENT", "IN_BAND", "SIP_INFO"].map { .constant("DTMFType", $0, "number") }
        + ["THREEMONTHS", "SIXMONTHS", "ONEYEAR", "TWOYEARS", "THREEYEARS"].map {
            .constant("RecordExpireTime", $0, "string")
        }
        + languages.map { .constant("Language", $0, "string") }

    /// The voices of 2016.
    package static let languages = """
        US_ENGLISH_FEMALE US_ENGLISH_MALE UK_ENGLISH_FEMALE UK_ENGLISH_MALE AU_ENGLISH_FEMALE CA_ENGLISH_FEMALE
        US_SPANISH_FEMALE US_SPANISH_MALE EUR_SPANISH_FEMALE EUR_SPANISH_MALE EUR_CATALAN_FEMALE EUR_CZECH_FEMALE
        EUR_DANISH_FEMALE EUR_DUTCH_FEMALE EUR_FINNISH_FEMALE EUR_FRENCH_FEMALE EUR_FRENCH_MALE CA_FRENCH_FEMALE
        CA_FRENCH_MALE EUR_GERMAN_FEMALE EUR_GERMAN_MALE EUR_ITALIAN_FEMALE EUR_ITALIAN_MALE EUR_NORWEGIAN_FEMALE
        EUR_POLISH_FEMALE EUR_PORTUGUESE_FEMALE EUR_PORTUGUESE_MALE BR_PORTUGUESE_FEMALE EUR_TURKISH_FEMALE
        EUR_TURKISH_MALE SW_SWEDISH_FEMALE HU_HUNGARIAN_FEMALE RU_RUSSIAN_FEMALE RU_RUSSIAN_MALE CH_CHINESE_FEMALE
        CH_CHINESE_MALE HK_CHINESE_FEMALE TW_CHINESE_FEMALE JP_JAPANESE_FEMALE JP_JAPANESE_MALE KR_KOREAN_FEMALE
        KR_KOREAN_MALE
        """.split(whereSeparator: \.isWhitespace).map(String.init)

    static let globals: [ScenarioMember] = [
        .function(
            "", "require", "(module: string): void",
            note: "Modules.Conference, \"conference\", …; an unknown one is a warning."),
        .function(
            "", "setTimeout", "(action: (...values: any[]) => void, delay?: number, ...values: unknown[]): number",
            note: "100 timers in a session."),
        .function(
            "", "setInterval", "(action: (...values: any[]) => void, delay?: number, ...values: unknown[]): number"),
        .function("", "clearTimeout", "(timer?: number): void"),
        .function("", "clearInterval", "(timer?: number): void"),
        .function("", "uuidgen", "(): string"),
        .function("", "base64_encode", "(data: string | number[]): string"),
        .function("", "base64_decode", "(data: string): string"),
        .function("", "str2bytes", "(text: string, encoding?: string): number[]"),
        .function("", "bytes2str", "(bytes: number[], encoding?: string): string"),
        .function("", "bytes2hex", "(bytes: number[]): string"),
        .function("", "hex2bytes", "(hex: string): number[]"),
        .function(
            "", "getLocalTime", "(zone?: string): Date",
            note: "A Date whose local hours are those of the zone (\"Europe/Berlin\", \"GMT+3\")."),
        .function("", "levenshtein_distance", "(a: string, b: string): number"),
        .function("", "md5", "(data: string | number[]): string", note: "Old; Crypto.md5."),
        .function("", "sha1", "(data: string | number[]): string", note: "Old; Crypto.sha1."),
        .function("", "sha256", "(data: string | number[]): string", note: "Old; Crypto.sha256."),
        .constant(
            "", "console",
            "{ log(...values: unknown[]): void; info(...values: unknown[]): void; debug(...values: unknown[]): void; warn(value: unknown): void; error(value: unknown): void }"
        ),
        .constant(
            "", "Modules", everyName,
            note: "Every name is known; require() tells which modules are."),
        .constant(
            "", "VoiceList", "any",
            note: "Every path is known; the voice is chosen by its language (VoiceList.Amazon.de_DE_Vicki: de)."),
        .constant("", "ASRLanguage", everyName),
        // Of what is refused: looked at by scripts that then do without.
        .constant("", "ASREvents", everyName, support: .refused(noRecognition)),
        .constant("", "ACDEvents", everyName, support: .refused(outOfScope)),
        .constant("", "SmartQueueEvents", everyName, support: .refused(outOfScope)),
        .constant("", "StreamingAgentEvents", everyName, support: .refused(outOfScope)),
        .constant("", "WebSocketEvents", everyName, support: .refused(noWebSockets)),
        .constant("", "AMDEvents", everyName, support: .refused(noMachineDetection)),
        .constant("", "ASRProfileList", "any", support: .refused(noRecognition)),
        .constant("", "ASRModelList", "any", support: .refused(noRecognition)),
        .constant("", "ASRDictionary", "any", support: .refused(noRecognition)),
    ]
}
