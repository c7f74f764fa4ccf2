// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings
import Testing

/// One mistake each, and exactly what a person is told about it; those in rules and trunks have files of their own.
@Suite struct BrokenSettingsTests {
    @Test(arguments: [
        Mistake(
            "partyline.toml", "[sip]\nmax_cals = 5\n",
            "partyline.toml:2:1: error: unknown key \"max_cals\" in [sip]; write max_calls (the nearest key of [sip])"),
        Mistake(
            "partyline.toml", "[sip]\ndscp = 5\n",
            "partyline.toml:2:1: error: unknown key \"dscp\" in [sip]; move it to [rtp]"),
        Mistake(
            "partyline.toml", "max_calls = 5\n",
            "partyline.toml:1:1: error: the key max_calls stands outside of its section; write it below [sip]"),
        Mistake(
            "partyline.toml", "[spi]\n",
            "partyline.toml:1:2: error: unknown section \"spi\"; write sip (the nearest section)"),
        Mistake(
            "partyline.toml", "sip = 3\n",
            "partyline.toml:1:7: error: the number 3 does not fit here; write [sip] on a line of its own"),
        Mistake(
            "partyline.toml", "[sip]\nmax_calls = \"many\"\n",
            "partyline.toml:2:13: error: the text \"many\" does not fit here; write a whole number from 1 to 10000"),
        Mistake(
            "partyline.toml", "[sip]\nmax_calls = 0\n",
            "partyline.toml:2:13: error: the number 0 does not fit here; write a whole number from 1 to 10000"),
        Mistake(
            "partyline.toml", "[sip]\nmax_calls = 1.5\n",
            "partyline.toml:2:13: error: the number 1.5 does not fit here; write a whole number from 1 to 10000"),
        Mistake(
            "partyline.toml", "[sip]\ncodecs = [\"opus\", \"g711\"]\n",
            "partyline.toml:2:19: error: \"g711\" is not known here; write \"g722\", or one of \"opus\", "
                + "\"g722\", \"pcma\", \"pcmu\", \"g726-32\", \"gsm\""
        ),
        Mistake(
            "partyline.toml", "[sip]\ncodecs = [\"opus\", \"opus\"]\n",
            "partyline.toml:2:19: error: \"opus\" stands here twice; keep one of them"),
        Mistake(
            "partyline.toml", "[sip]\nallow_without_password = [\"192.168.1.7/24\"]\n",
            "partyline.toml:2:27: error: \"192.168.1.7/24\" has bits behind its prefix; write \"192.168.1.0/24\""),
        Mistake(
            "partyline.toml", "[sip]\nallow_without_password = [\"0.0.0.0/0\"]\n",
            "partyline.toml:2:26: warning: 0.0.0.0/0 lets the whole world call without a password; write the "
                + "addresses of your own network"
        ),
        Mistake(
            "partyline.toml", "[sip]\nlisten = [\"0.0.0.0:5060\", \"0.0.0.0:5060 udp\"]\n",
            "partyline.toml:2:10: error: 0.0.0.0:5060 udp is listened on twice; keep one of them"),
        Mistake(
            "partyline.toml", "[sip]\nlisten = [\"0.0.0.0:12000\"]\n",
            "partyline.toml:2:10: error: port 12000 is one of those for audio (10000 to 19999); write a port "
                + "outside of these"
        ),
        Mistake(
            "partyline.toml", "[rtp]\nport_min = 20000\nport_max = 20000\n",
            "partyline.toml:3:12: error: port_max (20000) is not above port_min (20000); write a number above 20000"),
        Mistake(
            "partyline.toml", "[rtp]\nport_min = 20000\nport_max = 20099\n",
            "partyline.toml:3:12: warning: the ports 20000 to 20099 carry 50 calls, and [sip] max_calls is 500; "
                + "take more ports or fewer calls"
        ),
        Mistake(
            "partyline.toml", "[mix]\nlocal_period_ms = 3\n",
            "partyline.toml:2:19: error: the number 3 does not fit here; write one of 2.5, 5"),
        Mistake(
            "partyline.toml", "[speech]\ncommand = [\"say\", \"{txt}\", \"{output}\"]\n",
            "partyline.toml:2:11: error: {txt} is not known here; write {text}, {voice} or {output}"),
        Mistake(
            "partyline.toml", "[dialling]\ncountry = \"dee\"\n",
            "partyline.toml:2:11: error: there is no tone plan for \"dee\"; write tones.d/dee.toml, or write de "
                + "(the nearest plan)"
        ),
        Mistake(
            "partyline.toml", "[dialling]\nroom_pattern = '[0-9'\n",
            "partyline.toml:2:16: error: \"[0-9\" is no regular expression: missing terminating ] for character "
                + "class, at offset 4; correct it there (single quotes keep backslashes: '\\d+')"),
        Mistake(
            "partyline.toml", "[outside]\nprefix = \"9\"\n",
            "partyline.toml:2:10: warning: whoever dials 9 and then a number that begins with 11 makes the emergency "
                + "call 911; write another prefix, or take 911 out of [dialling] emergency where nobody needs it",
            "partyline.toml:2:10: warning: whoever dials 9 and then a number that begins with 99 makes the emergency "
                + "call 999; write another prefix, or take 999 out of [dialling] emergency where nobody needs it"),
        Mistake(
            "partyline.toml", "[outside]\nprefix = \"0\"\n[dialling]\ncountry = \"au\"\n",
            "partyline.toml:2:10: warning: whoever dials 0 and then a number that begins with 00 makes the emergency "
                + "call 000; write another prefix"),
        Mistake(
            "partyline.toml", "[outside]\nprefix = \"112\"\n",
            "partyline.toml:2:10: error: 112 cannot be dialled: after 112 the emergency call goes out; write another "
                + "prefix"),
        Mistake(
            "partyline.toml", "[outside]\nallow = [\"[0-9]{1,9}\"]\n",
            "partyline.toml:2:9: warning: no room can be dialled from the phones of the house: 111 is called outside; "
                + "write a prefix, or allow numbers that are no rooms, such as '0[1-9][0-9]+'"),
        Mistake(
            "partyline.toml", "[outside]\ncode = \"1\"\n",
            "partyline.toml:2:8: error: the text \"1\" does not fit here; write a text of 4 to 12 digits, such as "
                + "\"4829\""),
        Mistake(
            "partyline.toml",
            "[sip]\nlisten = [\"0.0.0.0:5060\", \"0.0.0.0:5061 tls\"]\ntls_certificate = \"rules.toml\"\n",
            "partyline.toml:3:19: error: there is no certificate in \"rules.toml\"; name a file that has it, in PEM",
            "partyline.toml:3:19: error: there is no private key in \"rules.toml\"; name a file that has it, in PEM"),
        Mistake(
            "partyline.toml", "[dialling]\necho_test = \"1124\"\n",
            "partyline.toml:2:13: error: 1124 cannot be dialled: after 112 the emergency call goes out; write another "
                + "number, such as \"*43\""
        ),
        Mistake(
            "partyline.toml", "[dialling]\nmilliwatt = \"*43\"\n",
            "partyline.toml:2:13: error: *43 is echo_test already; write another number"),
        Mistake(
            "partyline.toml", "[dialling]\nown_number = \"555\"\n",
            "partyline.toml:2:14: warning: the room 555 cannot be dialled: this number comes first; write another "
                + "number, such as \"*43\""
        ),
        Mistake(
            "partyline.toml", "[dialling]\nown_number = \"abc\"\n",
            "partyline.toml:2:14: error: the text \"abc\" does not fit here; write digits and '*', such as \"*43\", "
                + "or \"off\""
        ),
        Mistake(
            "partyline.toml", "[log]\nlevel = 2000-01-01\n",
            "partyline.toml:2:9: error: a date or time does not fit here; write one of \"trace\", \"debug\", "
                + "\"info\", \"notice\", \"warning\", \"error\", \"critical\""),
        Mistake(
            "partyline.toml", "[log]\nlevel = \"info\n",
            "partyline.toml:2:14: error: Error while parsing string: unescaped control characters other than TAB "
                + "(U+0009) are explicitly prohibited; end the text with the quote that it begins with; single quotes "
                + "keep backslashes"
        ),
        Mistake(
            "lines.d/hall.toml", "pcm = \"hw:0\"\nctl = \"hw:0\"\nextension = \"112\"\n",
            "lines.d/hall.toml:3:13: error: 112 is an emergency number and can be no extension; write another number"),
        Mistake(
            "lines.d/hall.toml", "pcm = \"hw:0\"\nctl = \"hw:0\"\nextension = \"1101\"\n",
            "lines.d/hall.toml:3:13: error: 1101 cannot be dialled: after 110 the emergency call goes out; "
                + "write a number that does not begin with 110"),
        Mistake(
            "lines.d/hall.toml", "pcm = \"hw:0\"\nctl = \"hw:0\"\nextension = \"21\"\nroute = \"21\"\n",
            "lines.d/hall.toml:4:9: error: this phone would call itself; write another number"),
        Mistake(
            "lines.d/hall.toml", "preset = \"v253\"\ntty = \"/dev/ttyACM0\"\ndialling = \"pulse\"\n",
            "lines.d/hall.toml:3:12: error: a voice modem (preset v253) can not dial by pulses; write dialling = \"dtmf\""
        ),
        Mistake(
            "lines.d/hall.toml", "pcm = \"hw:0\"\npreset = \"fxs\"\nctl = 5\n",
            "lines.d/hall.toml:2:10: error: \"fxs\" is not known here; write \"usb-fxs\", or one of \"sip-gw\", \"alsa-fxs\", \"alsa-fxo\", "
                + "\"usb-fxs\", \"hid-phone\", \"evdev-phone\", \"cm108\", \"gpio-fxs\", "
                + "\"gpio-fxo\", \"cm108-fxo\", \"v253\", \"modem-ctl\"",
            "lines.d/hall.toml:3:7: error: the number 5 does not fit here; write the name of an ALSA device, such "
                + "as \"hw:CARD=Phone\""
        ),
        Mistake(
            "lines.d/hall.toml", "preset = \"sip-gw\"\n",
            "lines.d/hall.toml:1:10: error: the key host is missing in a line of preset sip-gw; write the gateway's fixed "
                + "address, such as host = \"192.168.1.30\""),
        Mistake(
            "lines.d/hall.toml", "preset = \"sip-gw\"\nhost = \"192.0.2.30\"\n",
            "lines.d/hall.toml:1:10: error: this gateway has neither a telephone nor a landline; write extension and password "
                + "for the telephone, landline_port = 5062 for the landline, or both"),
        Mistake(
            "lines.d/hall.toml", "preset = \"sip-gw\"\nhost = \"gateway\"\nextension = \"31\"\nlandline_port = 0\n",
            "lines.d/hall.toml:2:8: error: the text \"gateway\" does not fit here; write a numeric address",
            "lines.d/hall.toml:4:17: error: the number 0 does not fit here; write a whole number from 1 to 65535"),
        Mistake(
            "lines.d/hall.toml", "preset = \"sip-gw\"\nhost = \"192.0.2.30\"\nextension = \"31\"\n",
            "lines.d/hall.toml:1:1: error: the phone \"hall\" has no password; write password = \"...\" or password_file = "
                + "\"...\""),
        Mistake(
            "lines.d/hall.toml", "preset = \"hid-phone\"\nusb_port = \"bus 1\"\nusb = \"jabra\"\n",
            "lines.d/hall.toml:2:12: error: the text \"bus 1\" does not fit here; write a USB port such as \"1-1.2\"",
            "lines.d/hall.toml:3:7: error: the text \"jabra\" does not fit here; write vendor and product, such as "
                + "\"06e6:c200\""
        ),
        Mistake(
            "lines.d/hall.toml", "preset = \"gpio-fxs\"\n",
            "lines.d/hall.toml:1:10: error: the key pcm is missing in a line of preset gpio-fxs; write pcm = "
                + "\"hw:CARD=Phone\", or another of its kind",
            "lines.d/hall.toml:1:10: error: the key gpio_hook is missing in a line of preset gpio-fxs; write gpio_hook "
                + "= \"slic-shk\", or another of its kind"
        ),
        Mistake(
            "lines.d/two.toml",
            "[[line]]\nname = 'a'\npcm = \"hw:0\"\nctl = \"hw:0\"\nextension = '2'\n[[line]]\nname = 'a'\npcm = "
                + "\"hw:0\"\nctl = \"hw:1\"\nextension = '2'\n",
            "lines.d/two.toml:7:8: error: name \"a\" belongs to another line already (lines.d/two.toml, line 2); "
                + "write another name",
            "lines.d/two.toml:8:7: error: pcm \"hw:0\" belongs to another line already (lines.d/two.toml, line "
                + "3); write the device of this line",
            "lines.d/two.toml:10:13: error: extension \"2\" belongs to another line already (lines.d/two.toml, "
                + "line 5); write another number"
        ),
        Mistake(
            "lines.d/hall.tml", "pcm = 1\n",
            "lines.d:1:1: warning: \"hall.tml\" in this folder is not read; give it a name that ends in .toml"),
        Mistake(
            "tones.d/xx.toml",
            "name='X'\nsource='s'\ndial=[{hz=[425]},{ms=5000}]\nbusy=[{hz=[1,2,3]}]\nringback=[]\nreorder=[4]\n",
            "tones.d/xx.toml:3:7: error: this piece has no end, so those behind it are never heard; give it a "
                + "length with ms",
            "tones.d/xx.toml:4:11: error: a list of 3 does not fit here; write a list of frequencies (0 to 2), "
                + "each a number from 20 to 3800",
            "tones.d/xx.toml:5:10: error: a list does not fit here; write a list of 1 to 32 pieces, such as "
                + "[{ hz = [425], dbm0 = -16, ms = 480 }, { ms = 480 }]",
            "tones.d/xx.toml:6:10: error: the number 4 is no piece of a tone; write { hz = [425], ms = 480 }"),
        Mistake(
            "phones.d/Küche.toml", "extension = \"31\"\npassword = \"long enough for it\"\n",
            "phones.d/Küche.toml:1:1: error: the file's name \"Küche\" is no name for a phone; rename it, or write "
                + "name = and a name of letters, digits, '-', '_' and '.' (up to 32)"),
        Mistake(
            "lines.d/my phone.toml", "pcm = \"hw:0\"\nctl = \"hw:0\"\n",
            "lines.d/my phone.toml:1:1: error: the file's name \"my phone\" is no name for a line; rename it, or write "
                + "name = and a name of letters, digits, '-', '_' and '.' (up to 32)"),
        Mistake("lines.d/my phone.toml", "name = \"mine\"\npcm = \"hw:0\"\nctl = \"hw:0\"\n"),
        Mistake(
            "partyline.toml", "[rtp]\nport_min = 5000\nport_max = 6500\n",
            "partyline.toml:2:12: error: port 5060 is one of those for audio (5000 to 6500); SIP is spoken there; leave "
                + "it out"),
        Mistake(
            "partyline.toml", "[log]\nlevel = \"verbose\"\n",
            "partyline.toml:2:9: error: \"verbose\" is not known here; write one of \"trace\", \"debug\", "
                + "\"info\", \"notice\", \"warning\", \"error\", \"critical\""),
        Mistake(
            "phones.d/desk.toml", "extension = \"1121\"\npassword_file = \"nowhere\"",
            "phones.d/desk.toml:1:13: error: 1121 cannot be dialled: after 112 the emergency call goes out; write a "
                + "number that does not begin with 112",
            "phones.d/desk.toml:2:17: error: \"nowhere\": there is no such file; create it, or name the right folder"),
        Mistake(
            "rooms.d/a.toml", "",
            "rooms.d/a.toml:1:1: error: rooms.d is not supported yet by this version; "
                + "remove the file, or rename it to a.toml.disabled"),
        Mistake(
            "rule.toml", "",
            "rule.toml:1:1: error: the file \"rule.toml\" is not known here; rename it to rules.toml (the nearest file)"
        ),
        Mistake(
            "line.d/hall.toml", "",
            "line.d:1:1: error: the folder \"line.d\" is not known here; rename it to lines.d (the nearest folder)"),
    ])
    func `a mistake is named with its place and remedy`(_ mistake: Mistake) throws {
        try mistake.check()
    }

    @Test func `all mistakes of all files are told at once`() throws {
        let workshop = try Workshop()
        try workshop.write("partyline.toml", "[sip]\nmax_calls = -1\n[mix]\nstearing = true\n")
        try workshop.write("lines.d/a.toml", "pcm = 1\n")
        try workshop.write("rules.toml", "[[rule]]\nname = 'x'\npattern = '*'\nscenarios = []\n")
        let places = workshop.problems().map { "\($0.file.dropFirst(workshop.path.count + 1)):\($0.line)" }
        #expect(
            places == [
                "partyline.toml:2", "partyline.toml:4", "lines.d/a.toml:1", "lines.d/a.toml:1", "rules.toml:3",
                "rules.toml:4",
            ])
    }

    @Test func `what is missing around a right file is named`() throws {
        let workshop = try Workshop()
        try workshop.write("phones.d/desk.toml", "extension = \"31\"\npassword_file = \"secret\"\n")
        try workshop.write("secret", "correct horse battery\r\n")
        #expect(
            workshop.report() == [
                "phones.d/desk.toml:2:17: error: the file \"secret\" has line ends of Windows; save it with those of "
                    + "Unix: dos2unix"
            ])
        try workshop.remove("phones.d")
        try workshop.remove("tones.d")
        #expect(
            workshop.report() == [
                "tones.d:1:1: error: there is no tone plan at all; copy etc/partyline/tones.d there"
            ])
    }

    @Test func `a default that does not hold is told at its section, not in the comment behind`() throws {
        let workshop = try Workshop()
        try workshop.write("partyline.toml", "# what is dialled\n[dialling]\n# country = \"de\"\n")
        try workshop.remove("tones.d/de.toml")
        #expect(workshop.report().first?.hasPrefix("partyline.toml:2:2: error: there is no tone plan for") ?? false)
    }

    @Test func `a folder that is not there, or no folder, is told`() throws {
        let workshop = try Workshop()
        for path in [workshop.path + "/none", workshop.path + "/rules.toml"] {
            guard case .failure(let problems) = Settings.load(path) else { Issue.record("loaded \(path)"); continue }
            #expect(problems.all.count == 1)
            #expect(problems.description.hasPrefix(path + ":1:1: error: t"))
        }
        try workshop.remove("rules.toml")
        try workshop.remove("partyline.toml")
        try workshop.remove("scenarios")
        #expect(
            workshop.problems().map { "\($0.file):\($0.line): \($0.what)".dropFirst(workshop.path.count + 1) } == [
                "partyline.toml:1: there is no such file", "rules.toml:1: there is no such file",
            ])
    }

    @Test func `links, pipes, folders and huge files are refused and nothing waits`() throws {
        let workshop = try Workshop()
        let manager = FileManager.default
        try manager.moveItem(atPath: workshop.path + "/partyline.toml", toPath: workshop.path + "/real.txt")
        try manager.createSymbolicLink(atPath: workshop.path + "/partyline.toml", withDestinationPath: "real.txt")
        #expect(mkfifo(workshop.path + "/lines.d/pipe.toml", 0o600) == 0)
        try manager.createDirectory(atPath: workshop.path + "/lines.d/dir.toml", withIntermediateDirectories: false)
        try workshop.write("tones.d/zz.toml", Data(repeating: 35, count: 1 << 20 + 1))
        try manager.createSymbolicLink(atPath: workshop.path + "/scenarios/link.js", withDestinationPath: "/etc/passwd")
        try workshop.write("rules.toml", "[[rule]]\nname='a'\npattern='x'\nscenarios=['link.js', '../rules.js']\n")
        let report = workshop.report().map { $0.prefix { $0 != ";" } }
        #expect(
            report == [
                "partyline.toml:1:1: error: this is a symbolic link, which is not followed here",
                "tones.d/zz.toml:1:1: error: the file is larger than 1 MiB",
                "lines.d/dir.toml:1:1: error: this is no ordinary file",
                "lines.d/pipe.toml:1:1: error: this is no ordinary file",
                "rules.toml:4:23: error: the text \"../rules.js\" does not fit here",
            ])
        try workshop.write("rules.toml", "[[rule]]\nname='a'\npattern='x'\nscenarios=['link.js']\n")
        #expect(
            workshop.report().last?.hasPrefix(
                "rules.toml:4:12: error: the scenario \"link.js\": this is a symbolic link") == true)
    }

    @Test func `a room pattern of one's own is compared with extensions and emergency numbers`() throws {
        let workshop = try Workshop()
        try workshop.write("partyline.toml", "[dialling]\nroom_pattern = '[1-2][0-9]{1,2}'\n")
        try workshop.write("lines.d/hall.toml", "pcm = 'hw:0'\nctl = 'hw:0'\nextension = '21'\n")
        #expect(
            workshop.report() == [
                "lines.d/hall.toml:3:13: warning: the room 21 cannot be dialled from the phones here: this "
                    + "extension comes first; write another number, or leave it out of room_pattern (partyline.toml, "
                    + "line 2)",
                "partyline.toml:2:16: warning: 110 is an emergency number and can be no room; leave it out of the "
                    + "pattern",
                "partyline.toml:2:16: warning: 112 is an emergency number and can be no room; leave it out of the "
                    + "pattern",
            ])
    }

    @Test func `a phone whose audio must be secured needs TLS, or a network of trust`() throws {
        let workshop = try Workshop()
        try workshop.write(
            "phones.d/desk.toml", "extension = \"31\"\npassword = \"long-enough-for-it\"\nsrtp = \"required\"\n")
        let report = workshop.report()
        #expect(
            report == [
                "phones.d/desk.toml:3:8: warning: this phone can not call: keys are taken over TLS only, and SIP is not "
                    + "spoken by TLS here; add an address with tls to [sip] listen, or set srtp_without_tls in a network "
                    + "that you trust"
            ])
        try workshop.write("partyline.toml", "[sip]\nsrtp_without_tls = true\n")
        #expect(workshop.report().isEmpty)
    }

    @Test func `a message stays one line whatever the file says`() throws {
        let workshop = try Workshop()
        try workshop.write("partyline.toml", "[sip]\n\"a\\nb\\u001b[31m\" = 1\n[log]\nlevel = \"\\u202e\\n\"\n")
        try workshop.write("lines.d/x\ny.toml", "z = 1")
        let report = workshop.report()
        #expect(report.count >= 3)
        for line in report { #expect(!line.unicodeScalars.contains { $0.value < 32 || $0.value == 0x202E }) }
    }
}
