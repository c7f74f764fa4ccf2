// SPDX-License-Identifier: Apache-2.0

import Testing

/// One mistake each in rules.toml, and exactly what a person is told about it.
@Suite struct BrokenRulesTests {
    @Test(arguments: [
        Mistake(
            "rules.toml", "", "rules.toml:1:1: error: there is no [[rule]], so nobody is answered; write at least one"),
        Mistake(
            "rules.toml", "pattern = '.*'\n",
            "rules.toml:1:1: error: unknown key \"pattern\"; write it below "
                + "[[rule]]"),
        Mistake(
            "rules.toml", "[rule]\nname = 'x'\n",
            "rules.toml:1:1: error: rule is no list; write [[rule]] in two brackets"),
        Mistake(
            "rules.toml", "[[rule]]\nname = 'a'\npattern = '(x'\nscenarios = ['gateway.js']\n",
            "rules.toml:3:11: error: \"(x\" is no regular expression: missing closing parenthesis, at offset 2; "
                + "correct it there (single quotes keep backslashes: '\\d+')"),
        Mistake(
            "rules.toml", "[[rule]]\nname = 'a'\npattern = 'x'\n",
            "rules.toml:1:1: error: the key scenarios is missing in a [[rule]]; "
                + "write scenarios = [\"conference.js\"], or another of its kind"),
        Mistake(
            "rules.toml", "[[rule]]\nname = 'a'\npattern = 'x'\nscenarios = ['conference.js', 'gatway.js']\n",
            "rules.toml:4:31: error: the scenario \"gatway.js\": there is no such file; create scenarios/gatway.js, or "
                + "write gateway.js (the nearest file there)"),
        Mistake(
            "rules.toml",
            "[[rule]]\nname = 'a'\npattern = 'x'\nfrom = ['lines', 'phone']\nscenarios = ['gateway.js']\n",
            "rules.toml:4:18: error: \"phone\" is not known here; write \"phones\", or one of \"inside\", "
                + "\"phones\", \"trunks\", \"lines\", \"anywhere\""
        ),
        Mistake(
            "rules.toml",
            "[[rule]]\nname='a'\npattern='.*'\nscenarios=['gateway.js']\n[[rule]]\nname='b'\npattern='conf_.*'\nscenarios=['conference.js']\n",
            "rules.toml:7:9: warning: this rule is never reached: \"a\" before it takes every number; move this "
                + "rule in front of that one"
        ),
        Mistake(
            "rules.toml",
            "[[rule]]\nname='a'\npattern='1'\nscenarios=['gateway.js']\n[[rule]]\nname='a'\npattern='1'\nscenarios=['gateway.js']\n",
            "rules.toml:6:6: error: the rule \"a\" is there already, in line 2; write another name",
            "rules.toml:7:9: warning: this rule is never reached: the same pattern stands before; remove one of the two"
        ),
        Mistake(
            "rules.toml",
            "[[rule]]\nname='a'\npattern='conf_.*'\nscenarios=['gateway.js']\n[[rule]]\nname='b'\npattern='80'\n"
                + "from='trunks'\nscenarios=['conference.js']\n[[rule]]\nname='c'\npattern='81'\n"
                + "scenarios=['conference.js']\n",
            "rules.toml:12:9: warning: on the phones of the house 81 is a room: \"a\" before takes conf_81; move this "
                + "rule in front of that one"),
        Mistake(
            "rules.toml",
            "[[rule]]\nname='c'\npattern='81'\nscenarios=['conference.js']\n"
                + "[[rule]]\nname='a'\npattern='conf_.*'\nscenarios=['gateway.js']\n"),
    ])
    func `a mistake is named with its place and remedy`(_ mistake: Mistake) throws { try mistake.check() }
}
