/* SPDX-License-Identifier: Apache-2.0
 *
 * TOML 1.0 as a flat list of nodes with their places, by toml++ (which is C++; nothing of it is seen outside CTOML.cpp,
 * and no exception crosses this border).
 *
 * Bounds: 1 MiB of text, 32 nested brackets, 32 dots in one key, 65,536 nodes. toml++ of Debian 12 knows no bound for dots
 * and runs out of stack on a key of many thousand, so the text is looked over first.
 */
#ifndef PARTYLINE_CTOML_H
#define PARTYLINE_CTOML_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CTOML_MAXIMUM_BYTES = 1 << 20 };

enum CTOMLKind {
    CTOML_TABLE,
    CTOML_ARRAY,
    CTOML_STRING,
    CTOML_INTEGER,
    CTOML_FLOAT,
    CTOML_BOOLEAN,
    /* A date, a time or both: no setting is one. */
    CTOML_DATE
};

struct CTOMLNode {
    enum CTOMLKind kind;
    /* Index of the table or array around it, -1 for the document itself. A parent always stands before its children. */
    int32_t parent;
    /* The key within a table, as UTF-8 without its quotes and without 0 at the end; length 0 and NULL within an array. */
    const char *key;
    size_t key_length;
    /* Where the key stands, and where the value does; from 1; 0 where there is none. Columns count characters. */
    uint32_t key_line;
    uint32_t key_column;
    uint32_t line;
    uint32_t column;
    /* The value of a string (may contain 0), an integer or boolean, a float. */
    const char *text;
    size_t text_length;
    int64_t integer;
    double number;
};

struct CTOMLError {
    uint32_t line;
    uint32_t column;
    char message[256];
};

struct CTOMLDocument;

/* Parses `length` bytes; NULL with `error` filled in when that is no TOML or too large. Free the result with ctoml_free. */
struct CTOMLDocument *ctoml_parse(const char *bytes, size_t length, struct CTOMLError *error);
size_t ctoml_count(const struct CTOMLDocument *document);
/* `ctoml_count` nodes, in pre-order; keys of a table in alphabetical order. Lives as long as the document. */
const struct CTOMLNode *ctoml_nodes(const struct CTOMLDocument *document);
void ctoml_free(struct CTOMLDocument *document);

#ifdef __cplusplus
}
#endif
#endif
