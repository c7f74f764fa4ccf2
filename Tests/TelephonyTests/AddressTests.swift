// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Telephony

@Suite struct PlaybackAddressTests {
    @Test func `a script names web addresses, files, and recordings of this box`() {
        #expect(PlaybackAddress.sound("https://x.example/a.mp3") == .web(url: "https://x.example/a.mp3"))
        #expect(PlaybackAddress.sound("HTTP://x") == .web(url: "HTTP://x"))
        #expect(PlaybackAddress.sound("file:///a/b.wav") == .file(path: "/a/b.wav"))
        #expect(PlaybackAddress.sound("de/hello.wav") == .file(path: "de/hello.wav"))
        #expect(PlaybackAddress.sound("ftp://x/y") == nil)
        #expect(PlaybackAddress.sound("") == nil)
        #expect(PlaybackAddress.sound("http://" + String(repeating: "x", count: 5000)) == nil)
        let own = { PlaybackAddress.sound($0, recordingsURL: "http://b/recordings/", recordingsFolder: "/s/r") }
        #expect(own("http://b/recordings/a.mp3") == .file(path: "/s/r/a.mp3"))
        #expect(own("http://b/recordings/../x") == nil)
    }
}

@Suite struct VoiceNamesTests {
    /// The constants of Language.* of 2016, and what a speech program calls their language.
    static let constants: [(String, String)] = [
        ("US_ENGLISH_FEMALE", "en-us"), ("US_ENGLISH_MALE", "en-us"), ("UK_ENGLISH_FEMALE", "en-gb"),
        ("UK_ENGLISH_MALE", "en-gb"), ("AU_ENGLISH_FEMALE", "en"), ("CA_ENGLISH_FEMALE", "en-us"),
        ("CA_FRENCH_FEMALE", "fr"), ("CA_FRENCH_MALE", "fr"), ("CN_CHINESE_FEMALE", "cmn"), ("CN_CHINESE_MALE", "cmn"),
        ("HK_CHINESE_FEMALE", "yue"), ("TW_CHINESE_FEMALE", "cmn"), ("CZ_CZECH_FEMALE", "cs"),
        ("DK_DANISH_FEMALE", "da"), ("NL_DUTCH_FEMALE", "nl"), ("FI_FINNISH_FEMALE", "fi"), ("FR_FRENCH_FEMALE", "fr"),
        ("FR_FRENCH_MALE", "fr"), ("EU_FRENCH_FEMALE", "fr"), ("DE_GERMAN_FEMALE", "de"), ("DE_GERMAN_MALE", "de"),
        ("EU_GERMAN_FEMALE", "de"), ("HU_HUNGARIAN_FEMALE", "hu"), ("EU_ITALIAN_FEMALE", "it"),
        ("EU_ITALIAN_MALE", "it"), ("JP_JAPANESE_FEMALE", "ja"), ("JP_JAPANESE_MALE", "ja"), ("KR_KOREAN_FEMALE", "ko"),
        ("KR_KOREAN_MALE", "ko"), ("NO_NORWEGIAN_FEMALE", "nb"), ("PL_POLISH_FEMALE", "pl"),
        ("BR_PORTUGUESE_FEMALE", "pt-br"), ("EU_PORTUGUESE_FEMALE", "pt"), ("EU_PORTUGUESE_MALE", "pt"),
        ("RU_RUSSIAN_FEMALE", "ru"), ("RU_RUSSIAN_MALE", "ru"), ("US_SPANISH_FEMALE", "es-419"),
        ("EU_SPANISH_FEMALE", "es"), ("EU_SPANISH_MALE", "es"), ("EU_CATALAN_FEMALE", "ca"),
        ("SE_SWEDISH_FEMALE", "sv"),
        ("EU_TURKISH_FEMALE", "tr"),
    ]

    @Test(arguments: constants) func `every old constant has a voice of its language`(name: String, voice: String) {
        #expect(VoiceNames.voice(for: name, standard: "?") == voice)
    }

    @Test func `new names give their language, unknown ones the house's`() {
        #expect(VoiceNames.voice(for: "de-DE", standard: "en") == "de")
        #expect(VoiceNames.voice(for: "en_US_Joanna", standard: "de") == "en")
        #expect(VoiceNames.voice(for: "zh-CN-Wavenet-A", standard: "en") == "cmn")
        #expect(VoiceNames.voice(for: "nb-NO", standard: "en") == "nb")
        #expect(VoiceNames.voice(for: "", standard: "de") == "de")
        #expect(VoiceNames.voice(for: "Joanna", standard: "de") == "de")
    }
}
