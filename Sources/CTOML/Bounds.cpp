// SPDX-License-Identifier: Apache-2.0

#include "Bounds.hpp"

namespace ctoml {

namespace {

constexpr int maximumNesting = 32;
constexpr int maximumDots = 32;

/// The end of the string that begins at `at` (a quote): the position behind it, or of the line end where it breaks off.
std::size_t endOfString(std::string_view text, std::size_t at) {
    const char quote = text[at];
    const bool multiline = text.substr(at, 3) == std::string_view(quote == '"' ? "\"\"\"" : "'''");
    std::size_t i = at + (multiline ? 3 : 1);
    while (i < text.size()) {
        if (text[i] == '\\' && quote == '"') {
            i += 2;
        } else if (text[i] == quote) {
            if (!multiline) return i + 1;
            // Up to two more quotes belong to the text itself.
            std::size_t run = 0;
            while (i + run < text.size() && text[i + run] == quote) ++run;
            if (run >= 3) return i + run;
            i += run;
        } else if (text[i] == '\n' && !multiline) {
            return i;
        } else {
            ++i;
        }
    }
    return text.size();
}

}  // namespace

void report(CTOMLError &error, std::size_t line, std::size_t column, std::string_view message) {
    constexpr std::size_t room = sizeof error.message - 1;
    error.line = static_cast<uint32_t>(line);
    error.column = static_cast<uint32_t>(column);
    std::size_t length = message.size() < room ? message.size() : room;
    while (length < message.size() && length > 0 && (static_cast<unsigned char>(message[length]) & 0xC0) == 0x80) --length;
    for (std::size_t i = 0; i < length; ++i) {
        const unsigned char c = static_cast<unsigned char>(message[i]);
        error.message[i] = c < 0x20 || c == 0x7F ? '?' : message[i];
    }
    error.message[length] = 0;
}

bool withinBounds(std::string_view text, CTOMLError &error) {
    std::size_t line = 1;
    std::size_t lineStart = 0;
    int nesting = 0;
    int dots = 0;
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (c == '"' || c == '\'') {
            const std::size_t end = endOfString(text, i);
            for (; i < end && i < text.size(); ++i) {
                if (text[i] != '\n') continue;
                ++line;
                lineStart = i + 1;
            }
            continue;
        }
        if (c == '#') {
            while (i < text.size() && text[i] != '\n') ++i;
            continue;
        }
        if (c == '\n') {
            ++line;
            lineStart = i + 1;
            dots = 0;
        } else if (c == '[' || c == '{') {
            ++nesting;
            dots = 0;
        } else if (c == ']' || c == '}') {
            if (nesting > 0) --nesting;
        } else if (c == '=' || c == ',') {
            dots = 0;
        } else if (c == '.') {
            ++dots;
        }
        if (nesting > maximumNesting || dots > maximumDots) {
            report(
                error, line, i - lineStart + 1,
                nesting > maximumNesting ? "more than 32 brackets within each other" : "a key of more than 32 parts");
            return false;
        }
        ++i;
    }
    return true;
}

}  // namespace ctoml
