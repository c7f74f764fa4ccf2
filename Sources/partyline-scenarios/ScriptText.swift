// SPDX-License-Identifier: Apache-2.0

import CJavaScriptCore

/// Strings on their way into and out of JavaScript.
enum ScriptText {
    /// Calls the body with a JSString of the text, which is valid during the call.
    static func with<Result>(_ text: String, _ body: (JSStringRef?) -> Result) -> Result {
        let string = make(text)
        defer { JSStringRelease(string) }
        return body(string)
    }

    /// What is all ASCII, as most scripts are, takes the engine one byte a character.
    private static func make(_ text: String) -> JSStringRef? {
        if text.utf8.allSatisfy({ $0 < 0x80 && $0 != 0 }) { return JSStringCreateWithUTF8CString(text) }
        let units = Array(text.utf16)
        return JSStringCreateWithCharacters(units, units.count)
    }

    /// The value as text; empty when it can not be turned into one (a toString that throws). Longer ones are cut.
    static func of(_ value: JSValueRef?, in context: JSContextRef?, limit: Int) -> String {
        var exception: JSValueRef?
        guard let value, let string = JSValueToStringCopy(context, value, &exception) else { return "" }
        defer { JSStringRelease(string) }
        let count = min(JSStringGetLength(string), limit)
        guard let characters = JSStringGetCharactersPtr(string) else { return "" }
        return String(decoding: UnsafeBufferPointer(start: characters, count: count), as: UTF16.self)
    }

    /// A property of an object as text, nil when it is undefined or can not be had.
    static func property(_ name: String, of object: JSObjectRef?, in context: JSContextRef?, limit: Int) -> String? {
        var exception: JSValueRef?
        let value = with(name) { JSObjectGetProperty(context, object, $0, &exception) }
        guard exception == nil, let value, !JSValueIsUndefined(context, value) else { return nil }
        return of(value, in: context, limit: limit)
    }

    /// A property of an object as a number, 0 when it is none.
    static func number(_ name: String, of object: JSObjectRef?, in context: JSContextRef?) -> Double {
        var exception: JSValueRef?
        let value = with(name) { JSObjectGetProperty(context, object, $0, &exception) }
        guard exception == nil, let value, JSValueIsNumber(context, value) else { return 0 }
        let number = JSValueToNumber(context, value, &exception)
        return number.isFinite ? number : 0
    }
}
