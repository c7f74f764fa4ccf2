// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import ScenarioProtocol

/// `partyline-scenarios MEMORY_CAP`: started by partylined only, with a socket as descriptor 3 and a shared page as 4. Runs
/// scenario sessions until the daemon closes the socket. The cap is in bytes of resident
/// memory; sessions add to it, see `ScenarioLimits.memoryLimit`.
@main
enum PartylineScenarios {
    static func main() {
        // Before JavaScriptCore is touched: without JIT no page has to be writable and executable.
        setenv("JSC_useJIT", "0", 1)
        guard CommandLine.arguments.count == 2, let cap = UInt64(CommandLine.arguments[1]),
            let page = partyline_blame_open(4)
        else {
            StandardError.write("this program is started by partylined; scripts are tried with `partyline scenario`")
            exit(64)
        }
        guard partyline_become_worker() == 0 else { exit(0) }
        partyline_guard_install(page, UInt64(ScenarioLimits.unstoppableSeconds * 1e9))
        Worker(memoryCap: cap).work()
    }
}
