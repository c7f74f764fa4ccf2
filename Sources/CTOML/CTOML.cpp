// SPDX-License-Identifier: Apache-2.0

#include "CTOML.h"

#include <exception>
#include <new>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

/* Some broken texts run into the library's assertions: those end the parsing, not the program. */
#define TOML_ASSERT(expr) ((expr) ? static_cast<void>(0) : throw std::logic_error("no valid TOML: a key is broken"))
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

#include "Bounds.hpp"

struct CTOMLDocument {
    toml::table root;
    std::vector<CTOMLNode> nodes;
};

namespace {

constexpr std::size_t maximumNodes = 65'536;

struct TooManyNodes : std::exception {
    uint32_t line;
    explicit TooManyNodes(uint32_t line) : line(line) {}
};

class Walk {
public:
    explicit Walk(std::vector<CTOMLNode> &nodes) : nodes(nodes) {}

    /// Appends `value` and all below it. Deep at most as the bounds allow: 32 brackets of 32 parts each.
    void visit(const toml::node &value, const toml::key *key, int32_t parent) {
        const auto place = value.source().begin;
        if (nodes.size() >= maximumNodes) throw TooManyNodes(place.line);
        CTOMLNode node{};
        node.parent = parent;
        node.line = place.line;
        node.column = place.column;
        if (key != nullptr) {
            node.key = key->str().data();
            node.key_length = key->str().size();
            node.key_line = key->source().begin.line;
            node.key_column = key->source().begin.column;
        }
        const auto self = static_cast<int32_t>(nodes.size());
        if (const auto *table = value.as_table()) {
            node.kind = CTOML_TABLE;
            nodes.push_back(node);
            for (const auto &[childKey, child] : *table) visit(child, &childKey, self);
        } else if (const auto *array = value.as_array()) {
            node.kind = CTOML_ARRAY;
            nodes.push_back(node);
            for (const auto &child : *array) visit(child, nullptr, self);
        } else {
            fill(node, value);
            nodes.push_back(node);
        }
    }

private:
    std::vector<CTOMLNode> &nodes;

    static void fill(CTOMLNode &node, const toml::node &value) {
        if (const auto *string = value.as_string()) {
            node.kind = CTOML_STRING;
            node.text = string->get().data();
            node.text_length = string->get().size();
        } else if (const auto *integer = value.as_integer()) {
            node.kind = CTOML_INTEGER;
            node.integer = integer->get();
        } else if (const auto *number = value.as_floating_point()) {
            node.kind = CTOML_FLOAT;
            node.number = number->get();
        } else if (const auto *boolean = value.as_boolean()) {
            node.kind = CTOML_BOOLEAN;
            node.integer = boolean->get() ? 1 : 0;
        } else {
            node.kind = CTOML_DATE;
        }
    }
};

}  // namespace

CTOMLDocument *ctoml_parse(const char *bytes, size_t length, CTOMLError *error) {
    *error = CTOMLError{};
    if (length > CTOML_MAXIMUM_BYTES) {
        ctoml::report(*error, 1, 1, "the file is larger than 1 MiB");
        return nullptr;
    }
    const std::string_view text(length == 0 ? "" : bytes, length);
    if (!ctoml::withinBounds(text, *error)) return nullptr;
    CTOMLDocument *document = nullptr;
    try {
        document = new CTOMLDocument{};
        document->root = toml::parse(text);
        Walk(document->nodes).visit(document->root, nullptr, -1);
        return document;
    } catch (const toml::parse_error &failure) {
        ctoml::report(*error, failure.source().begin.line, failure.source().begin.column, failure.description());
    } catch (const TooManyNodes &failure) {
        ctoml::report(*error, failure.line, 1, "more than 65,536 values in one file");
    } catch (const std::bad_alloc &) {
        ctoml::report(*error, 1, 1, "out of memory");
    } catch (const std::exception &failure) {
        ctoml::report(*error, 1, 1, failure.what());
    } catch (...) {
        ctoml::report(*error, 1, 1, "the TOML library failed");
    }
    delete document;
    return nullptr;
}

size_t ctoml_count(const CTOMLDocument *document) { return document->nodes.size(); }

const CTOMLNode *ctoml_nodes(const CTOMLDocument *document) { return document->nodes.data(); }

void ctoml_free(CTOMLDocument *document) { delete document; }
