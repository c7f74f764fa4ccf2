// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "CTOML.h"

namespace ctoml {

/// Looks over a text before the parser does: refuses what is nested too deeply. Knows of TOML only strings and comments;
/// what it misreads in a broken text is found by the parser, or refused here one way or the other.
bool withinBounds(std::string_view text, CTOMLError &error);

/// Fills in an error; the message is cut at a whole character and stripped of control characters.
void report(CTOMLError &error, std::size_t line, std::size_t column, std::string_view message);

}  // namespace ctoml
