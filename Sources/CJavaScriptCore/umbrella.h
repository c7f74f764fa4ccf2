#include <JavaScriptCore/JavaScript.h>
/* Exported by the library, in a header that is not shipped: the watchdog of a context group, in seconds of CPU. */
typedef bool (*JSShouldTerminateCallback)(JSContextRef context, void *data);
void JSContextGroupSetExecutionTimeLimit(JSContextGroupRef group, double limit, JSShouldTerminateCallback callback, void *data);
void JSContextGroupClearExecutionTimeLimit(JSContextGroupRef group);
