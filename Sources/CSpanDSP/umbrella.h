#include <stdint.h>
#include <stdbool.h>
#include <math.h>
#include <spandsp.h>
