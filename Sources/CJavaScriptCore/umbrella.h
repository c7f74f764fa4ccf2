#include <JavaScriptCore/JavaScript.h>
/* Exported by the library, in headers that are not shipped. */
/* The watchdog of a context group, in seconds of CPU; the callback says whether to end the script. */
typedef bool (*JSShouldTerminateCallback)(JSContextRef context, void *data);
void JSContextGroupSetExecutionTimeLimit(JSContextGroupRef group, double limit, JSShouldTerminateCallback callback, void *data);
void JSContextGroupClearExecutionTimeLimit(JSContextGroupRef group);
/* A function that is called with (promise, reason) for a rejection that nobody handles. */
void JSGlobalContextSetUnhandledRejectionCallback(JSGlobalContextRef context, JSObjectRef function, JSValueRef *exception);
/* An object with heapSize, extraMemorySize and others, in bytes. */
JSObjectRef JSGetMemoryUsageStatistics(JSContextRef context);
void JSSynchronousGarbageCollectForDebugging(JSContextRef context);
