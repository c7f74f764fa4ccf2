#include "line_card.h"
