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
/* A script that belongs to a context group. Its text (ASCII) must live for ever: it is not copied, whereas JSEvaluateScript
 * copies it for each context. Null: not ASCII, or not JavaScript (then with a message, to be released, and a line). */
typedef struct OpaqueJSScript *JSScriptRef;
JSScriptRef JSScriptCreateReferencingImmortalASCIIText(JSContextGroupRef group, JSStringRef url, int first_line, const char *source, size_t length, JSStringRef *message, int *line);
JSValueRef JSScriptEvaluate(JSContextRef context, JSScriptRef script, JSValueRef this_value, JSValueRef *exception);
void JSScriptRelease(JSScriptRef script);
