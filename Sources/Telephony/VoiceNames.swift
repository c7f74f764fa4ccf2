// SPDX-License-Identifier: Apache-2.0
// Language codes: ISO 639 and BCP 47, as espeak-ng names its voices.

/// Voices by the names that scripts use: "en", "de-DE", "US_ENGLISH_FEMALE", "RU_RUSSIAN_MALE", "en-US-Neural2-A".
package enum VoiceNames {
    /// Words of the old constants; the first that is contained counts, so the special ones stand first.
    private static let words: [(word: String, voice: String)] = [
        ("US_ENGLISH", "en-us"), ("CA_ENGLISH", "en-us"), ("UK_ENGLISH", "en-gb"), ("ENGLISH", "en"),
        ("US_SPANISH", "es-419"), ("MX_SPANISH", "es-419"), ("SPANISH", "es"), ("CATALAN", "ca"), ("BASQUE", "eu"),
        ("BR_PORTUGUESE", "pt-br"), ("PORTUGUESE", "pt"), ("HK_CHINESE", "yue"), ("CANTONESE", "yue"),
        ("CHINESE", "cmn"), ("MANDARIN", "cmn"), ("GERMAN", "de"), ("RUSSIAN", "ru"), ("FRENCH", "fr"),
        ("ITALIAN", "it"), ("DUTCH", "nl"), ("POLISH", "pl"), ("TURKISH", "tr"), ("CZECH", "cs"), ("SLOVAK", "sk"),
        ("SLOVEN", "sl"), ("CROATIAN", "hr"), ("SERBIAN", "sr"), ("BULGARIAN", "bg"), ("ROMANIAN", "ro"),
        ("SWEDISH", "sv"), ("NORWEGIAN", "nb"), ("DANISH", "da"), ("FINNISH", "fi"), ("ICELANDIC", "is"),
        ("ESTONIAN", "et"), ("LATVIAN", "lv"), ("LITHUANIAN", "lt"), ("JAPANESE", "ja"), ("KOREAN", "ko"),
        ("HUNGARIAN", "hu"), ("GREEK", "el"), ("ARABIC", "ar"), ("HEBREW", "he"), ("UKRAINIAN", "uk"),
        ("KAZAKH", "kk"), ("UZBEK", "uz"), ("THAI", "th"), ("VIETNAMESE", "vi"), ("INDONESIAN", "id"), ("MALAY", "ms"),
        ("HINDI", "hi"), ("WELSH", "cy"),
    ]

    /// Codes that are current elsewhere.
    private static let others = ["zh": "cmn", "no": "nb", "iw": "he", "in": "id", "arb": "ar", "tl": "id", "fil": "id"]

    package static func voice(for name: String, standard: String) -> String {
        if name.isEmpty { return standard }
        let upper = name.uppercased()
        if let known = words.first(where: { upper.contains($0.word) }) { return known.voice }
        let prefix = name.lowercased().prefix { $0.isASCII && $0.isLetter }
        guard (2...3).contains(prefix.count) else { return standard }
        return others[String(prefix)] ?? String(prefix)
    }
}
